SELECT
    p.id,
    p.given_name,
    p.family_name,
    p.name AS display_name,
    p.email,
    p.profile__locale AS locale,
    CASE WHEN p.role IN ('student', 'teacher', 'administrator') THEN p.role ELSE 'other' END AS primary_role,
    p.updated_at AS source_modified_at,
    CASE WHEN CAST(p.is_active AS BOOLEAN) THEN 'active' ELSE 'inactive' END AS state,
    CAST(p.is_active AS TEXT) AS native_state,
    p._deleted_at AS deleted_at
FROM people AS p
