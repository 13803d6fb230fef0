SELECT
    CAST(c.sourced_id AS TEXT) AS id,
    c.title,
    c.course__sourced_id AS course_id,
    c.school__sourced_id AS org_id,
    terms.found AS session_ids,
    c.class_code AS code,
    CASE WHEN c.class_type IN ('scheduled', 'homeroom') THEN c.class_type END AS kind,
    c.date_last_modified AS source_modified_at,
    CASE c.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    c.status AS native_state,
    c._deleted_at AS deleted_at,
    json_object('classType', c.class_type, 'location', c.location) AS extra
FROM classes AS c
LEFT JOIN (
    SELECT t._dlt_parent_id AS parent, array_agg(CAST(t.sourced_id AS TEXT) ORDER BY t._dlt_list_idx) AS found
    FROM classes__terms AS t
    GROUP BY t._dlt_parent_id
) AS terms ON terms.parent = c._dlt_id
