SELECT
    CAST(u.id AS TEXT) AS id,
    CAST(u.firstname AS TEXT) AS given_name,
    CAST(u.lastname AS TEXT) AS family_name,
    CAST(u.fullname AS TEXT) AS display_name,
    NULLIF(CAST(u.email AS TEXT), '') AS email,
    CAST(u.username AS TEXT) AS username,
    NULLIF(CAST(u.idnumber AS TEXT), '') AS sis_id,
    NULLIF(CAST(u.lang AS TEXT), '') AS locale,
    NULLIF(NULLIF(CAST(u.timezone AS TEXT), '99'), '') AS time_zone, -- 99: the site's
    CASE
        WHEN CAST(u.suspended AS TEXT) IN ('1', 'true') THEN 'inactive'
        WHEN CAST(u.confirmed AS TEXT) IN ('0', 'false') THEN 'inactive'
        ELSE 'active'
    END AS state,
    CASE
        WHEN CAST(u.suspended AS TEXT) IN ('1', 'true') THEN 'suspended'
        WHEN CAST(u.confirmed AS TEXT) IN ('0', 'false') THEN 'unconfirmed'
    END AS native_state,
    CAST(u._deleted_at AS TEXT) AS deleted_at,
    json_object(
        'auth', CAST(u.auth AS TEXT),
        'department', CAST(u.department AS TEXT),
        'institution', CAST(u.institution AS TEXT),
        'lastaccess', CAST(u.lastaccess AS TEXT)
    ) AS extra
FROM users AS u
UNION ALL
-- Whom the list of users does not show to the token's user.
SELECT
    CAST(eu.id AS TEXT) AS id,
    MAX(CAST(eu.firstname AS TEXT)) AS given_name,
    MAX(CAST(eu.lastname AS TEXT)) AS family_name,
    MAX(CAST(eu.fullname AS TEXT)) AS display_name,
    MAX(NULLIF(CAST(eu.email AS TEXT), '')) AS email,
    MAX(CAST(eu.username AS TEXT)) AS username,
    MAX(NULLIF(CAST(eu.idnumber AS TEXT), '')) AS sis_id,
    CAST(NULL AS TEXT) AS locale,
    CAST(NULL AS TEXT) AS time_zone,
    'active' AS state,
    CAST(NULL AS TEXT) AS native_state,
    CASE WHEN COUNT(*) = COUNT(eu._deleted_at) THEN MAX(CAST(eu._deleted_at AS TEXT)) END AS deleted_at,
    json_object(
        'department', MAX(CAST(eu.department AS TEXT)),
        'institution', MAX(CAST(eu.institution AS TEXT)),
        'lastaccess', MAX(CAST(eu.lastaccess AS TEXT))
    ) AS extra
FROM enrolled_users AS eu
WHERE NOT EXISTS (SELECT 1 FROM users AS known WHERE CAST(known.id AS TEXT) = CAST(eu.id AS TEXT))
GROUP BY eu.id
