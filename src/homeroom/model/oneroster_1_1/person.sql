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
    CASE
        WHEN u.role IN ('student', 'teacher', 'proctor', 'administrator') THEN u.role
        WHEN u.role = 'aide' THEN 'assistant'
        WHEN u.role IN ('guardian', 'parent', 'relative') THEN 'observer'
        ELSE 'other'
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
        'grades',
        (
            SELECT array_agg(CAST(g.value AS TEXT) ORDER BY g._dlt_list_idx)
            FROM users__grades AS g
            WHERE g._dlt_parent_id = u._dlt_id
        )
    ) AS extra
FROM users AS u
