-- A group says no roles: its members are its students, but for those of nbgrader's group of instructors and the admins of
-- the hub. Who leaves a group is no longer in its list, and has no row here.
SELECT
    CAST(g.name AS TEXT) || '/' || CAST(m.value AS TEXT) AS id,
    m.value AS person_id,
    g.name AS section_id,
    CASE
        WHEN g.name LIKE 'formgrade-%' THEN 'teacher'
        WHEN CAST(u.admin AS BOOLEAN) THEN 'administrator'
        ELSE 'student'
    END AS role,
    CASE WHEN u._deleted_at IS NOT NULL THEN 'inactive' ELSE 'active' END AS state,
    g._deleted_at AS deleted_at
FROM groups__users AS m
JOIN groups AS g ON g._dlt_id = m._dlt_parent_id
LEFT JOIN users AS u ON u.name = m.value
