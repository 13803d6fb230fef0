SELECT
    CAST(c.id AS TEXT) AS id,
    c.fullname AS title,
    c.shortname AS code,
    c.timecreated AS source_created_at,
    c.timemodified AS source_modified_at,
    CASE WHEN CAST(c.visible AS TEXT) IN ('0', 'false') THEN 'inactive' ELSE 'active' END AS state,
    CAST(c.visible AS TEXT) AS native_state,
    c._deleted_at AS deleted_at,
    json_object(
        'categoryid', c.categoryid,
        'format', c.format,
        'startdate', CAST(c.startdate AS TEXT),
        'enddate', CAST(c.enddate AS TEXT),
        'lang', c.lang
    ) AS extra
FROM courses AS c
