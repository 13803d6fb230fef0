SELECT
    CAST(o.course_id AS TEXT) || '/' || CAST(o.topic_id AS TEXT) AS id,
    o.name AS title,
    o.course_id AS section_id,
    o.update_time AS source_modified_at,
    o._deleted_at AS deleted_at
FROM topics AS o
