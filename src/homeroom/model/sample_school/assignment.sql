SELECT
    a.id,
    a.name AS title,
    a.section_id,
    'assignment' AS kind,
    a.description,
    a.due_at,
    a.points_possible AS max_points,
    'points' AS grading,
    a.updated_at AS source_modified_at,
    a._deleted_at AS deleted_at,
    json_object('weight', a.weight) AS extra
FROM assignments AS a
