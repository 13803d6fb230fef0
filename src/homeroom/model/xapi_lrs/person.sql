-- Whoever was the actor of a statement, under the name of the newest statement that has one. Groups are no persons, and
-- teams and instructors of a statement's context are left to it.
SELECT
    p.id,
    p.name AS display_name,
    CASE WHEN p.mbox LIKE 'mailto:%' THEN SUBSTR(p.mbox, 8) END AS email,
    p.account_name AS username,
    json_object('home_page', p.home_page) AS extra
FROM (
    SELECT
        a.id,
        a.name,
        a.mbox,
        a.account_name,
        a.home_page,
        ROW_NUMBER() OVER (
            PARTITION BY a.id
            ORDER BY CASE WHEN a.name IS NULL THEN 1 ELSE 0 END, a.stored_at DESC, a.statement_id
        ) AS place
    FROM (
        SELECT
            q.statement_id,
            q.stored_at,
            CASE
                WHEN (json_extract_string(q.actor, '$.account.name')) IS NOT NULL
                    THEN COALESCE(json_extract_string(q.actor, '$.account.homePage'), '')
                        || '|'
                        || (json_extract_string(q.actor, '$.account.name'))
                ELSE COALESCE(
                    json_extract_string(q.actor, '$.mbox'),
                    json_extract_string(q.actor, '$.mbox_sha1sum'),
                    json_extract_string(q.actor, '$.openid')
                )
            END AS id,
            json_extract_string(q.actor, '$.objectType') AS actor_type,
            json_extract_string(q.actor, '$.name') AS name,
            json_extract_string(q.actor, '$.mbox') AS mbox,
            json_extract_string(q.actor, '$.account.name') AS account_name,
            json_extract_string(q.actor, '$.account.homePage') AS home_page
        FROM (
            SELECT
                CAST(s.id AS TEXT) AS statement_id,
                TRY_CAST(s.stored AS TIMESTAMPTZ) AS stored_at,
                CAST(s.actor AS JSON) AS actor
            FROM statements AS s
        ) AS q
    ) AS a
    WHERE a.id IS NOT NULL AND COALESCE(a.actor_type, 'Agent') <> 'Group'
) AS p
WHERE p.place = 1
