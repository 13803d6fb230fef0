SELECT
    CAST(p.id AS TEXT) || '/' || r.role || '/' || CAST(r.org_id AS TEXT) AS id,
    p.id AS person_id,
    CASE
        WHEN r.role IN ('student', 'teacher', 'administrator') THEN r.role
        WHEN r.role = 'coach' THEN 'staff'
        ELSE 'other'
    END AS role,
    r.org_id,
    CAST(r._dlt_list_idx AS BIGINT) = 0 AS is_primary,
    r.role AS native_state,
    p.updated_at AS source_modified_at,
    p._deleted_at AS deleted_at
FROM people__roles AS r
JOIN people AS p ON p._dlt_id = r._dlt_parent_id
