-- Class lists name people whom the list of users may leave out.
SELECT
    CAST(u.user_id AS TEXT) AS id,
    u.first_name AS given_name,
    u.last_name AS family_name,
    COALESCE(u.display_name, u.first_name || ' ' || u.last_name) AS display_name,
    u.external_email AS email,
    u.user_name AS username,
    CAST(u.org_defined_id AS TEXT) AS sis_id,
    CASE WHEN NOT CAST(u.activation__is_active AS BOOLEAN) THEN 'inactive' ELSE 'active' END AS state,
    CAST(u.activation__is_active AS TEXT) AS native_state,
    CAST(u._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('last_accessed', u.last_accessed_date) AS extra
FROM users AS u
UNION ALL
SELECT
    CAST(l.identifier AS TEXT) AS id,
    MAX(l.first_name) AS given_name,
    MAX(l.last_name) AS family_name,
    MAX(l.display_name) AS display_name,
    MAX(l.email) AS email,
    MAX(l.username) AS username,
    MAX(CAST(l.org_defined_id AS TEXT)) AS sis_id,
    'active' AS state,
    NULL AS native_state,
    CASE WHEN COUNT(*) = COUNT(l._deleted_at) THEN MAX(CAST(l._deleted_at AS TIMESTAMPTZ)) END AS deleted_at,
    NULL AS extra
FROM class_lists AS l
WHERE NOT EXISTS (
    SELECT 1 AS found
    FROM users AS o
    WHERE CAST(o.user_id AS TEXT) = CAST(l.identifier AS TEXT)
)
GROUP BY CAST(l.identifier AS TEXT)
