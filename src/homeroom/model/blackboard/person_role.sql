-- What a person is in the institution; then, of the roles in the system, all but that of everybody.
SELECT
    u.id || '/' || r.value AS id,
    u.id AS person_id,
    CASE UPPER(r.value)
        WHEN 'STUDENT' THEN 'student'
        WHEN 'FACULTY' THEN 'teacher'
        WHEN 'STAFF' THEN 'staff'
        WHEN 'OBSERVER' THEN 'observer'
        ELSE 'other'
    END AS role,
    CAST(r._dlt_list_idx AS BIGINT) = 0 AS is_primary,
    CAST(u.modified AS TEXT) AS source_modified_at,
    CASE WHEN u.availability__available IN ('No', 'Disabled') THEN 'inactive' ELSE 'active' END AS state,
    u.availability__available AS native_state,
    CAST(u._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('institution_role', r.value) AS extra
FROM users__institution_role_ids AS r
JOIN users AS u ON u._dlt_id = r._dlt_parent_id
UNION ALL
SELECT
    v.id || '/system/' || s.value AS id,
    v.id AS person_id,
    CASE
        WHEN s.value IN ('SystemAdmin', 'AccountAdmin') THEN 'administrator'
        WHEN s.value IN ('SystemSupport', 'CourseCreator', 'CourseSupport') THEN 'staff'
        WHEN s.value = 'Observer' THEN 'observer'
        ELSE 'other'
    END AS role,
    FALSE AS is_primary,
    CAST(v.modified AS TEXT) AS source_modified_at,
    CASE WHEN v.availability__available IN ('No', 'Disabled') THEN 'inactive' ELSE 'active' END AS state,
    v.availability__available AS native_state,
    CAST(v._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('system_role', s.value) AS extra
FROM users__system_role_ids AS s
JOIN users AS v ON v._dlt_id = s._dlt_parent_id
WHERE s.value <> 'User'
