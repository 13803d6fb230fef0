-- title: People with several accounts
-- asks: Which accounts of one platform have the same e-mail, or the same number in the student information system?
-- needs: person
-- columns:
--   source: the config that the row comes from
--   same: what the accounts share: email, sis_id, master_id, or several of them
--   shared: the value of each
--   accounts: how many there are; of state deleted none
--   active_accounts: how many of them are active
--   person_ids: the platform's ids
--   names: as the platform shows them, in the same order; a family may share an e-mail
WITH asked AS (
    SELECT
        2 AS least_accounts
),
people AS (
    SELECT
        p.source,
        p.id,
        p.state,
        COALESCE(p.display_name, p.given_name || ' ' || p.family_name, p.username, p.id) AS name,
        LOWER(TRIM(p.email)) AS email,
        TRIM(p.sis_id) AS sis_id,
        TRIM(p.master_id) AS master_id
    FROM edu.person AS p
    WHERE p.state <> 'deleted'
),
keys AS (
    SELECT q.source, q.id, q.state, q.name, 'email' AS same, q.email AS shared
    FROM people AS q
    UNION ALL
    SELECT q.source, q.id, q.state, q.name, 'sis_id', q.sis_id
    FROM people AS q
    UNION ALL
    SELECT q.source, q.id, q.state, q.name, 'master_id', q.master_id
    FROM people AS q
),
alike AS (
    SELECT
        k.source,
        k.same,
        k.shared,
        COUNT(*) AS accounts,
        COUNT(CASE WHEN k.state = 'active' THEN 1 END) AS active_accounts,
        STRING_AGG(k.id, ', ' ORDER BY k.id) AS person_ids,
        STRING_AGG(k.name, ', ' ORDER BY k.id) AS names
    FROM keys AS k
    WHERE k.shared <> ''
    GROUP BY k.source, k.same, k.shared
)
SELECT
    l.source,
    STRING_AGG(l.same, ', ' ORDER BY l.same) AS same,
    STRING_AGG(l.shared, ', ' ORDER BY l.same) AS shared,
    l.accounts,
    l.active_accounts,
    l.person_ids,
    l.names
FROM alike AS l
CROSS JOIN asked AS a
WHERE l.accounts >= a.least_accounts
GROUP BY l.source, l.accounts, l.active_accounts, l.person_ids, l.names
ORDER BY l.source, l.accounts DESC, l.person_ids
