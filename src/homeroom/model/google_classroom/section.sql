-- What Classroom calls a course is a class: a course and its only section.
SELECT
    c.id,
    c.name AS title,
    c.id AS course_id,
    c.section AS code,
    'site' AS kind,
    c.id AS native_course_id,
    c.creation_time AS source_created_at,
    c.update_time AS source_modified_at,
    CASE c.course_state WHEN 'ACTIVE' THEN 'active' ELSE 'inactive' END AS state,
    c.course_state AS native_state,
    c._deleted_at AS deleted_at,
    json_object('room', c.room, 'guardians_enabled', c.guardians_enabled) AS extra
FROM courses AS c
