-- Of a course as a whole: in its site, see section.sql.
SELECT
    a.id,
    a.name AS title,
    'course/' || CAST(a.course_id AS TEXT) AS section_id,
    a.assignment_group_id AS category_id,
    COALESCE(
        (
            SELECT MIN(
                CASE y.value
                    WHEN 'online_quiz' THEN 'quiz'
                    WHEN 'discussion_topic' THEN 'discussion'
                    WHEN 'external_tool' THEN 'external'
                    WHEN 'on_paper' THEN 'offline'
                    WHEN 'none' THEN 'offline'
                    WHEN 'attendance' THEN 'attendance'
                    WHEN 'not_graded' THEN 'other'
                    WHEN 'wiki_page' THEN 'other'
                END
            )
            FROM assignments__submission_types AS y
            WHERE y._dlt_parent_id = a._dlt_id
        ),
        'assignment'
    ) AS kind,
    a.description,
    a.unlock_at AS opens_at,
    a.due_at,
    a.lock_at AS closes_at,
    a.points_possible AS max_points,
    (
        SELECT array_agg(CAST(y.value AS TEXT) ORDER BY y._dlt_list_idx)
        FROM assignments__submission_types AS y
        WHERE y._dlt_parent_id = a._dlt_id
    ) AS submission_types,
    CASE a.grading_type
        WHEN 'points' THEN 'points'
        WHEN 'percent' THEN 'percent'
        WHEN 'pass_fail' THEN 'pass_fail'
        WHEN 'letter_grade' THEN 'letter'
        WHEN 'gpa_scale' THEN 'scale'
        WHEN 'not_graded' THEN 'none'
    END AS grading,
    a.created_at AS source_created_at,
    a.updated_at AS source_modified_at,
    CASE WHEN NOT CAST(a.published AS BOOLEAN) THEN 'inactive' ELSE 'active' END AS state,
    CASE
        WHEN CAST(a.published AS BOOLEAN) THEN 'published'
        WHEN NOT CAST(a.published AS BOOLEAN) THEN 'unpublished'
    END AS native_state,
    a._deleted_at AS deleted_at,
    json_object(
        'grading_type', a.grading_type,
        'omit_from_final_grade', a.omit_from_final_grade,
        'only_visible_to_overrides', a.only_visible_to_overrides,
        'allowed_attempts', a.allowed_attempts
    ) AS extra
FROM assignments AS a
