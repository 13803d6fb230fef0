SELECT
    CAST(c.id AS TEXT) AS id,
    c.fullname AS title,
    CAST(c.id AS TEXT) AS course_id,
    c.shortname AS code,
    NULLIF(CAST(c.idnumber AS TEXT), '') AS sis_id,
    'site' AS kind,
    c.timecreated AS source_created_at,
    c.timemodified AS source_modified_at,
    CASE WHEN CAST(c.visible AS TEXT) IN ('0', 'false') THEN 'inactive' ELSE 'active' END AS state,
    CAST(c.visible AS TEXT) AS native_state,
    c._deleted_at AS deleted_at,
    json_object(
        'format', c.format,
        'startdate', CAST(c.startdate AS TEXT),
        'enddate', CAST(c.enddate AS TEXT)
    ) AS extra
FROM courses AS c
