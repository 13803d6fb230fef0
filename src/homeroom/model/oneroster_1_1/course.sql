SELECT
    CAST(c.sourced_id AS TEXT) AS id,
    c.title,
    c.course_code AS code,
    c.org__sourced_id AS org_id,
    subjects.found AS subjects,
    grades.found AS grades,
    c.date_last_modified AS source_modified_at,
    CASE c.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    c.status AS native_state,
    c._deleted_at AS deleted_at,
    json_object('schoolYear', c.school_year__sourced_id) AS extra
FROM courses AS c
LEFT JOIN (
    SELECT s._dlt_parent_id AS parent, array_agg(CAST(s.value AS TEXT) ORDER BY s._dlt_list_idx) AS found
    FROM courses__subjects AS s
    GROUP BY s._dlt_parent_id
) AS subjects ON subjects.parent = c._dlt_id
LEFT JOIN (
    SELECT g._dlt_parent_id AS parent, array_agg(CAST(g.value AS TEXT) ORDER BY g._dlt_list_idx) AS found
    FROM courses__grades AS g
    GROUP BY g._dlt_parent_id
) AS grades ON grades.parent = c._dlt_id
