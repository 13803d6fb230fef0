-- The hub says who administers it, and of the others nothing. The last activity is a state that each request changes,
-- and no event: it is kept here, and is no row of `activity`.
SELECT
    u.name AS id,
    u.name AS username,
    CASE WHEN CAST(u.admin AS BOOLEAN) THEN 'administrator' END AS primary_role,
    u.created AS source_created_at,
    u._deleted_at AS deleted_at,
    json_object('kind', u.kind, 'last_activity', u.last_activity) AS extra
FROM users AS u
