-- Grades that teachers have given back; a draft is none.
SELECT
    CAST(s.course_id AS TEXT) || '/' || CAST(s.course_work_id AS TEXT) || '/' || CAST(s.id AS TEXT) AS id,
    s.user_id AS person_id,
    s.course_id AS section_id,
    'assignment' AS scope,
    CAST(s.course_id AS TEXT) || '/' || CAST(s.course_work_id AS TEXT) AS scope_id,
    s.assigned_grade AS score,
    w.max_points AS max_score,
    (
        SELECT MAX(CAST(h.grade_history__grade_timestamp AS TIMESTAMPTZ))
        FROM submissions__submission_history AS h
        WHERE
            h._dlt_parent_id = s._dlt_id
            AND h.grade_history__grade_change_type = 'ASSIGNED_GRADE_POINTS_EARNED_CHANGE'
    ) AS recorded_at,
    s.update_time AS source_modified_at,
    s.state AS native_state,
    s._deleted_at AS deleted_at
FROM submissions AS s
LEFT JOIN course_work AS w
    ON CAST(w.course_id AS TEXT) = CAST(s.course_id AS TEXT) AND CAST(w.id AS TEXT) = CAST(s.course_work_id AS TEXT)
WHERE s.assigned_grade IS NOT NULL
