-- Ids are unique within a course work; false and zero are left out of what Classroom sends. It says late of what is
-- handed in and of what is not: the latter is missing. Times of handing in and of grading are in the history alone.
SELECT
    CAST(s.course_id AS TEXT) || '/' || CAST(s.course_work_id AS TEXT) || '/' || CAST(s.id AS TEXT) AS id,
    CAST(s.course_id AS TEXT) || '/' || CAST(s.course_work_id AS TEXT) AS assignment_id,
    s.user_id AS person_id,
    CASE
        WHEN s.state = 'TURNED_IN' THEN 'submitted'
        WHEN s.state = 'RETURNED' AND s.assigned_grade IS NOT NULL THEN 'graded'
        WHEN s.state = 'RETURNED' THEN 'returned'
        WHEN s.state IN ('CREATED', 'RECLAIMED_BY_STUDENT') THEN 'draft'
        ELSE 'not_submitted'
    END AS status,
    CASE
        WHEN s.state IN ('TURNED_IN', 'RETURNED') THEN (
            SELECT MAX(CAST(h.state_history__state_timestamp AS TIMESTAMPTZ))
            FROM submissions__submission_history AS h
            WHERE h._dlt_parent_id = s._dlt_id AND h.state_history__state = 'TURNED_IN'
        )
    END AS submitted_at,
    CASE
        WHEN s.assigned_grade IS NOT NULL THEN (
            SELECT MAX(CAST(h.grade_history__grade_timestamp AS TIMESTAMPTZ))
            FROM submissions__submission_history AS h
            WHERE
                h._dlt_parent_id = s._dlt_id
                AND h.grade_history__grade_change_type = 'ASSIGNED_GRADE_POINTS_EARNED_CHANGE'
        )
    END AS graded_at,
    s.state IN ('TURNED_IN', 'RETURNED') AND COALESCE(CAST(s.late AS BOOLEAN), FALSE) AS is_late,
    CASE
        WHEN s.state IN ('TURNED_IN', 'RETURNED') THEN FALSE
        WHEN CAST(s.late AS BOOLEAN) THEN TRUE
    END AS is_missing,
    s.assigned_grade AS score,
    s.creation_time AS source_created_at,
    s.update_time AS source_modified_at,
    s.state AS native_state,
    s._deleted_at AS deleted_at,
    json_object('late', s.late, 'draft_grade', s.draft_grade) AS extra
FROM submissions AS s
