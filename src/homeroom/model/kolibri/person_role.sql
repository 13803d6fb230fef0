-- Roles in classes are enrollments. Who has no role at all is a learner, of which Kolibri keeps no row.
SELECT
    r.id,
    r.user AS person_id,
    CASE
        WHEN r.kind = 'admin' THEN 'administrator'
        WHEN r.kind IN ('coach', 'classroom assignable coach') THEN 'teacher'
        ELSE 'other'
    END AS role,
    r.collection AS org_id,
    CASE WHEN u._deleted_at IS NOT NULL THEN 'inactive' ELSE 'active' END AS state,
    r.kind AS native_state,
    COALESCE(CAST(r._deleted_at AS TIMESTAMPTZ), CAST(f._deleted_at AS TIMESTAMPTZ)) AS deleted_at
FROM roles AS r
JOIN facilities AS f ON f.id = r.collection
LEFT JOIN users AS u ON u.id = r.user
UNION ALL
SELECT
    CAST(p.id AS TEXT) || '/learner' AS id,
    p.id AS person_id,
    'student' AS role,
    p.facility AS org_id,
    'active' AS state,
    'learner' AS native_state,
    CAST(p._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM users AS p
WHERE NOT COALESCE(CAST(p.is_superuser AS BOOLEAN), FALSE)
    AND NOT EXISTS (SELECT 1 FROM roles AS o WHERE o.user = p.id AND o._deleted_at IS NULL)
