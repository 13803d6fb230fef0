SELECT
    s.id,
    s.name AS title,
    s.course_id,
    s.school_id AS org_id,
    [CAST(s.term_id AS TEXT)] AS session_ids,
    'scheduled' AS kind,
    s.updated_at AS source_modified_at,
    s._deleted_at AS deleted_at,
    json_object('description', s.description, 'capacity', s.capacity) AS extra
FROM sections AS s
