-- Roles of the hub, whose scopes they are; those besides user and admin are the hub's own, called as its makers like.
SELECT
    CAST(u.name AS TEXT) || '/' || CAST(r.value AS TEXT) AS id,
    u.name AS person_id,
    CASE
        WHEN r.value = 'admin' THEN 'administrator'
        WHEN r.value IN ('instructor', 'teacher') THEN 'teacher'
        WHEN r.value = 'student' THEN 'student'
        ELSE 'other'
    END AS role,
    r.value AS native_state,
    u._deleted_at AS deleted_at
FROM users__roles AS r
JOIN users AS u ON u._dlt_id = r._dlt_parent_id
