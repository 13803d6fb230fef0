-- One for each person, as Schoology has it; what it means is read as in person.sql.
SELECT
    CAST(u.id AS TEXT) || '/' || CAST(u.role_id AS TEXT) AS id,
    u.id AS person_id,
    CASE
        WHEN LOWER(r.title) LIKE '%admin%' THEN 'administrator'
        WHEN LOWER(r.title) LIKE '%principal%' THEN 'principal'
        WHEN LOWER(r.title) LIKE '%counselor%' THEN 'counselor'
        WHEN LOWER(r.title) LIKE '%parent%' OR LOWER(r.title) LIKE '%guardian%' THEN 'observer'
        WHEN CAST(r.faculty AS TEXT) = '1' AND LOWER(r.title) LIKE '%teacher%' THEN 'teacher'
        WHEN CAST(r.faculty AS TEXT) = '1' THEN 'staff'
        WHEN LOWER(r.title) LIKE '%student%' THEN 'student'
        ELSE 'other'
    END AS role,
    u.building_id AS org_id,
    TRUE AS is_primary,
    u._deleted_at AS deleted_at,
    json_object('role_id', u.role_id, 'title', r.title) AS extra
FROM users AS u
LEFT JOIN roles AS r ON CAST(r.id AS TEXT) = CAST(u.role_id AS TEXT)
WHERE u.role_id IS NOT NULL
