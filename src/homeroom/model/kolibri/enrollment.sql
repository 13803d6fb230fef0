-- The members of a class are its learners; its coaches have a role in it. What a user who is deleted had stays in the
-- lists, while Kolibri's pages leave it out.
SELECT
    m.id,
    m.user AS person_id,
    m.collection AS section_id,
    'student' AS role,
    CASE WHEN u._deleted_at IS NOT NULL THEN 'inactive' ELSE 'active' END AS state,
    'member' AS native_state,
    COALESCE(CAST(m._deleted_at AS TIMESTAMPTZ), CAST(c._deleted_at AS TIMESTAMPTZ)) AS deleted_at
FROM memberships AS m
JOIN classrooms AS c ON c.id = m.collection
LEFT JOIN users AS u ON u.id = m.user
UNION ALL
SELECT
    r.id,
    r.user AS person_id,
    r.collection AS section_id,
    CASE
        WHEN r.kind IN ('coach', 'classroom assignable coach') THEN 'teacher'
        WHEN r.kind = 'admin' THEN 'administrator'
        ELSE 'observer'
    END AS role,
    CASE WHEN u._deleted_at IS NOT NULL THEN 'inactive' ELSE 'active' END AS state,
    r.kind AS native_state,
    COALESCE(CAST(r._deleted_at AS TIMESTAMPTZ), CAST(c._deleted_at AS TIMESTAMPTZ)) AS deleted_at
FROM classrooms AS c
JOIN roles AS r ON r.collection = c.id
LEFT JOIN users AS u ON u.id = r.user
