SELECT
    c.identifier AS id,
    c.name AS title,
    c.identifier AS course_id,
    c.code,
    c.code AS sis_id,
    'site' AS kind,
    c._deleted_at AS deleted_at,
    json_object('path', c.path, 'type', c.type__code) AS extra
FROM courses AS c
