-- Columns of work. Those that are calculated, and the one that goes out as the grade of the course, are no work but
-- grades of the section.
SELECT
    c.id,
    c.name AS title,
    c._courses_id AS section_id,
    c.gradebook_category_id AS category_id,
    CASE
        WHEN c.score_provider_handle LIKE '%x-bb-assessment%' THEN 'quiz'
        WHEN c.score_provider_handle LIKE '%x-bb-asmt%' THEN 'quiz'
        WHEN c.score_provider_handle LIKE '%x-bb-forum%' THEN 'discussion'
        WHEN c.external_tool_id IS NOT NULL THEN 'external'
        WHEN c.grading__type = 'Manual' THEN 'offline'
        ELSE 'assignment'
    END AS kind,
    c.description,
    c.grading__due AS due_at,
    c.score__possible AS max_points,
    c.created AS source_created_at,
    CASE WHEN c.availability__available = 'No' THEN 'inactive' ELSE 'active' END AS state,
    c.availability__available AS native_state,
    c._deleted_at AS deleted_at,
    json_object(
        'content_id', c.content_id,
        'external_id', c.external_id,
        'grading', c.grading__type,
        'attempts_allowed', c.grading__attempts_allowed,
        'scoring_model', c.grading__scoring_model,
        'include_in_calculations', c.include_in_calculations,
        'score_provider', c.score_provider_handle
    ) AS extra
FROM grade_columns AS c
WHERE
    c.grading__type IS DISTINCT FROM 'Calculated'
    AND NOT (CAST(c.external_grade AS BOOLEAN) IS TRUE AND c.grading__type IS DISTINCT FROM 'Attempts')
