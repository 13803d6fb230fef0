SELECT
    c.id,
    c.name AS title,
    CASE WHEN c.subject IS NOT NULL THEN [CAST(c.subject AS TEXT)] END AS subjects,
    c.creation_time AS source_created_at,
    c.update_time AS source_modified_at,
    CASE c.course_state WHEN 'ACTIVE' THEN 'active' ELSE 'inactive' END AS state,
    c.course_state AS native_state,
    c._deleted_at AS deleted_at
FROM courses AS c
