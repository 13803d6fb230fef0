SELECT
    s.id,
    s.person_id,
    a.section_id,
    'assignment' AS scope,
    s.assignment_id AS scope_id,
    s.points AS score,
    a.points_possible AS max_score,
    s.score AS grade_text,
    s.updated_at AS recorded_at,
    s.updated_at AS source_modified_at,
    s._deleted_at AS deleted_at
FROM submissions AS s
JOIN assignments AS a ON a.id = s.assignment_id
WHERE s.status = 'graded'
