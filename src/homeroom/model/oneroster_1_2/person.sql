SELECT
    CAST(u.sourced_id AS TEXT) AS id,
    u.given_name,
    u.family_name,
    u.email,
    u.username,
    COALESCE(
        NULLIF(CAST(u.identifier AS TEXT), ''),
        (
            SELECT MIN(CAST(i.identifier AS TEXT))
            FROM users__user_ids AS i
            WHERE i._dlt_parent_id = u._dlt_id AND i.type LIKE '%UniqueId' -- Ed-Fi's studentUniqueId, staffUniqueId
        )
    ) AS sis_id,
    u.user_master_identifier AS master_id,
    (
        SELECT
            CASE
                WHEN r.role IN ('student', 'teacher', 'counselor', 'principal', 'proctor') THEN r.role
                WHEN r.role = 'aide' THEN 'assistant'
                WHEN r.role IN ('guardian', 'parent', 'relative') THEN 'observer'
                WHEN r.role IN ('districtAdministrator', 'siteAdministrator', 'systemAdministrator', 'administrator')
                    THEN 'administrator'
                ELSE 'other'
            END
        FROM users__roles AS r
        WHERE r._dlt_parent_id = u._dlt_id
        ORDER BY CASE WHEN r.role_type = 'primary' THEN 0 ELSE 1 END, CAST(r._dlt_list_idx AS BIGINT)
        LIMIT 1
    ) AS primary_role,
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
        'grades',
        (
            SELECT array_agg(CAST(g.value AS TEXT) ORDER BY g._dlt_list_idx)
            FROM users__grades AS g
            WHERE g._dlt_parent_id = u._dlt_id
        )
    ) AS extra
FROM users AS u
