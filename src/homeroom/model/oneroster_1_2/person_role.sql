SELECT
    CAST(u.sourced_id AS TEXT) || '/' || CAST(r.role AS TEXT) || COALESCE('/' || CAST(r.org__sourced_id AS TEXT), '') AS id,
    CAST(u.sourced_id AS TEXT) AS person_id,
    CASE
        WHEN r.role IN ('student', 'teacher', 'counselor', 'principal', 'proctor') THEN r.role
        WHEN r.role = 'aide' THEN 'assistant'
        WHEN r.role IN ('guardian', 'parent', 'relative') THEN 'observer'
        WHEN r.role IN ('districtAdministrator', 'siteAdministrator', 'systemAdministrator', 'administrator')
            THEN 'administrator'
        ELSE 'other'
    END AS role,
    r.org__sourced_id AS org_id,
    MAX(CASE WHEN r.role_type = 'primary' THEN 1 ELSE 0 END) = 1 AS is_primary,
    -- The same role twice, at several times: from the first begin to the last end, open where one is open.
    CASE WHEN COUNT(*) = COUNT(r.begin_date) THEN MIN(CAST(r.begin_date AS TEXT)) END AS starts_on,
    CASE WHEN COUNT(*) = COUNT(r.end_date) THEN MAX(CAST(r.end_date AS TEXT)) END AS ends_on,
    u.date_last_modified AS source_modified_at,
    CASE u.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    u.status AS native_state,
    u._deleted_at AS deleted_at,
    json_object('role', r.role) AS extra
FROM users__roles AS r
JOIN users AS u ON u._dlt_id = r._dlt_parent_id
GROUP BY u.sourced_id, r.role, r.org__sourced_id, u.date_last_modified, u.status, u._deleted_at
