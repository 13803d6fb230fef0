SELECT
    s.id,
    s.assignment_id,
    s.person_id,
    s.attempt,
    CASE s.status WHEN 'graded' THEN 'graded' ELSE 'submitted' END AS status,
    s.submitted_at,
    CAST(s.submitted_at AS TIMESTAMPTZ) > CAST(a.due_at AS TIMESTAMPTZ) AS is_late,
    FALSE AS is_missing,
    s.points AS score,
    s.score AS grade_text,
    s.updated_at AS source_modified_at,
    s.status AS native_state,
    s._deleted_at AS deleted_at
FROM submissions AS s
LEFT JOIN assignments AS a ON a.id = s.assignment_id
