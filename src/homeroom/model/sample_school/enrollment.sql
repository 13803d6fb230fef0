SELECT
    e.id,
    e.person_id,
    e.section_id,
    CASE WHEN e.role IN ('student', 'teacher') THEN e.role ELSE 'observer' END AS role,
    e.starts_on,
    e.ends_on,
    e.updated_at AS source_modified_at,
    CASE WHEN e.status = 'active' THEN 'active' ELSE 'inactive' END AS state,
    e.status AS native_state,
    e._deleted_at AS deleted_at
FROM enrollments AS e
