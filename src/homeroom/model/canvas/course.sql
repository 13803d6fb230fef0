SELECT
    c.id,
    COALESCE(c.name, c.course_code) AS title,
    c.course_code AS code,
    c.account_id AS org_id,
    c.created_at AS source_created_at,
    CASE c.workflow_state WHEN 'available' THEN 'active' WHEN 'deleted' THEN 'deleted' ELSE 'inactive' END AS state,
    c.workflow_state AS native_state,
    c._deleted_at AS deleted_at,
    json_object('sis_course_id', c.sis_course_id, 'start_at', c.start_at, 'end_at', c.end_at) AS extra
FROM courses AS c
