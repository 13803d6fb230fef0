-- Schoology does not say in which zone a due time is: it is taken as UTC, as dlt does, and kept as it is in extra.
SELECT
    a.id,
    a.title,
    a._sections_id AS section_id,
    NULLIF(CAST(a.grading_category AS TEXT), '0') AS category_id,
    CASE
        WHEN a.type = 'discussion' THEN 'discussion'
        WHEN a.type LIKE '%assessment%' THEN 'quiz'
        ELSE 'assignment'
    END AS kind,
    NULLIF(a.description, '') AS description,
    CASE
        WHEN LENGTH(CAST(a.due AS TEXT)) = 19 THEN CAST(a.due AS TEXT) || '+00'
        ELSE NULLIF(CAST(a.due AS TEXT), '')
    END AS due_at,
    a.max_points,
    CASE WHEN CAST(a.allow_dropbox AS TEXT) = '1' THEN ['dropbox'] END AS submission_types,
    CASE WHEN CAST(a.grading_scale AS TEXT) = '0' THEN 'points' WHEN a.grading_scale IS NOT NULL THEN 'scale' END AS grading,
    NULLIF(CAST(a.grading_period AS TEXT), '0') AS session_id,
    CASE WHEN CAST(a.published AS TEXT) = '0' THEN 'inactive' ELSE 'active' END AS state,
    CAST(a.published AS TEXT) AS native_state,
    a._deleted_at AS deleted_at,
    json_object('due', a.due, 'type', a.type, 'factor', a.factor, 'is_final', a.is_final) AS extra
FROM assignments AS a
