-- Who has no role is a learner. A superuser (of the device) may have no role either.
SELECT
    u.id,
    u.full_name AS display_name,
    u.username,
    NULLIF(CAST(u.id_number AS TEXT), '') AS sis_id,
    CASE
        WHEN CAST(u.is_superuser AS BOOLEAN) OR k.first_kind = 1 THEN 'administrator'
        WHEN k.first_kind = 2 THEN 'teacher'
        WHEN k.first_kind = 3 THEN 'other'
        ELSE 'student'
    END AS primary_role,
    u.date_joined AS source_created_at,
    u._deleted_at AS deleted_at
FROM users AS u
LEFT JOIN (
    SELECT
        CAST(r.user AS TEXT) AS person_id,
        MIN(
            CASE
                WHEN r.kind = 'admin' THEN 1
                WHEN r.kind IN ('coach', 'classroom assignable coach') THEN 2
                ELSE 3
            END
        ) AS first_kind
    FROM roles AS r
    WHERE r._deleted_at IS NULL
    GROUP BY CAST(r.user AS TEXT)
) AS k ON k.person_id = CAST(u.id AS TEXT)
