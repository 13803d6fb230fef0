-- Roles are the school's own, with titles of its own: what one is, is read out of its title and whether it is faculty's.
SELECT
    u.id,
    NULLIF(u.name_first, '') AS given_name,
    NULLIF(u.name_last, '') AS family_name,
    NULLIF(u.name_display, '') AS display_name,
    NULLIF(u.primary_email, '') AS email,
    NULLIF(CAST(u.username AS TEXT), '') AS username,
    NULLIF(CAST(u.school_uid AS TEXT), '') AS sis_id,
    NULLIF(u.language, '') AS locale,
    NULLIF(u.tz_name, '') AS time_zone,
    CASE
        WHEN r.id IS NULL THEN NULL
        WHEN LOWER(r.title) LIKE '%admin%' THEN 'administrator'
        WHEN LOWER(r.title) LIKE '%principal%' THEN 'principal'
        WHEN LOWER(r.title) LIKE '%counselor%' THEN 'counselor'
        WHEN LOWER(r.title) LIKE '%parent%' OR LOWER(r.title) LIKE '%guardian%' THEN 'observer'
        WHEN CAST(r.faculty AS TEXT) = '1' AND LOWER(r.title) LIKE '%teacher%' THEN 'teacher'
        WHEN CAST(r.faculty AS TEXT) = '1' THEN 'staff'
        WHEN LOWER(r.title) LIKE '%student%' THEN 'student'
        ELSE 'other'
    END AS primary_role,
    u._deleted_at AS deleted_at
FROM users AS u
LEFT JOIN roles AS r ON CAST(r.id AS TEXT) = CAST(u.role_id AS TEXT)
