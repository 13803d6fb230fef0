SELECT
    CAST(u.sourced_id AS TEXT) || '/' || CAST(u.role AS TEXT) || COALESCE('/' || CAST(o.sourced_id AS TEXT), '') AS id,
    CAST(u.sourced_id AS TEXT) AS person_id,
    CASE
        WHEN u.role IN ('student', 'teacher', 'proctor', 'administrator') THEN u.role
        WHEN u.role = 'aide' THEN 'assistant'
        WHEN u.role IN ('guardian', 'parent', 'relative') THEN 'observer'
        ELSE 'other'
    END AS role,
    o.sourced_id AS org_id,
    u.date_last_modified AS source_modified_at,
    CASE u.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    u.status AS native_state,
    u._deleted_at AS deleted_at,
    json_object('role', u.role) AS extra
FROM users AS u
LEFT JOIN users__orgs AS o ON o._dlt_parent_id = u._dlt_id
WHERE NOT u.role IS NULL
-- An org may stand in the list twice.
GROUP BY u.sourced_id, u.role, o.sourced_id, u.date_last_modified, u.status, u._deleted_at
