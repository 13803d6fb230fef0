-- Status: 1 active, 2 expired, 3 invited, 4 asked for, 5 archived.
SELECT
    e.id,
    e.uid AS person_id,
    e._sections_id AS section_id,
    CASE WHEN CAST(e.admin AS TEXT) = '1' THEN 'teacher' ELSE 'student' END AS role,
    CASE WHEN CAST(e.status AS TEXT) = '1' THEN 'active' ELSE 'inactive' END AS state,
    CAST(e.status AS TEXT) AS native_state,
    e._deleted_at AS deleted_at
FROM enrollments AS e
