SELECT
    CAST(u.sourced_id AS TEXT) AS id,
    u.given_name,
    u.family_name,
    u.email,
    u.username,
    COALESCE(NULLIF(CAST(u.identifier AS TEXT), ''), numbers.found) AS sis_id,
    u.user_master_identifier AS master_id,
    CASE
        WHEN roles.role IN ('student', 'teacher', 'counselor', 'principal', 'proctor') THEN roles.role
        WHEN roles.role = 'aide' THEN 'assistant'
        WHEN roles.role IN ('guardian', 'parent', 'relative') THEN 'observer'
        WHEN roles.role IN ('districtAdministrator', 'siteAdministrator', 'systemAdministrator', 'administrator')
            THEN 'administrator'
        WHEN NOT roles.role IS NULL THEN 'other'
    END AS primary_role,
    u.date_last_modified AS source_modified_at,
    CASE
        WHEN u.status = 'tobedeleted' THEN 'deleted'
        WHEN u.status = 'inactive' THEN 'inactive'
        WHEN LOWER(CAST(u.enabled_user AS TEXT)) = 'false' THEN 'inactive'
        ELSE 'active'
    END AS state,
    u.status AS native_state,
    u._deleted_at AS deleted_at,
    json_object(
        'enabledUser', LOWER(CAST(u.enabled_user AS TEXT)),
        'primaryOrg', u.primary_org__sourced_id,
        'grades', grades.found
    ) AS extra
FROM users AS u
LEFT JOIN (
    SELECT g._dlt_parent_id AS parent, array_agg(CAST(g.value AS TEXT) ORDER BY g._dlt_list_idx) AS found
    FROM users__grades AS g
    GROUP BY g._dlt_parent_id
) AS grades ON grades.parent = u._dlt_id
LEFT JOIN (
    SELECT i._dlt_parent_id AS parent, MIN(CAST(i.identifier AS TEXT)) AS found
    FROM users__user_ids AS i
    WHERE i.type LIKE '%UniqueId' -- Ed-Fi's studentUniqueId, staffUniqueId
    GROUP BY i._dlt_parent_id
) AS numbers ON numbers.parent = u._dlt_id
LEFT JOIN (
    SELECT
        r._dlt_parent_id AS parent,
        CAST(r.role AS TEXT) AS role,
        ROW_NUMBER() OVER (
            PARTITION BY r._dlt_parent_id
            ORDER BY CASE WHEN r.role_type = 'primary' THEN 0 ELSE 1 END, CAST(r._dlt_list_idx AS BIGINT)
        ) AS place
    FROM users__roles AS r
) AS roles ON roles.parent = u._dlt_id AND roles.place = 1
