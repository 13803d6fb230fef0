-- The external id is what the student information system sends; the student number is one that others know too.
SELECT
    u.id,
    u.name__given AS given_name,
    u.name__family AS family_name,
    CASE
        WHEN u.name__preferred_display_name = 'OtherName' THEN COALESCE(u.name__other, u.name__given)
        ELSE u.name__given
    END || ' ' || u.name__family AS display_name,
    COALESCE(u.contact__email, u.contact__institution_email) AS email,
    u.user_name AS username,
    u.external_id AS sis_id,
    u.student_id AS master_id,
    u.locale__id AS locale,
    CASE UPPER(r.value)
        WHEN 'STUDENT' THEN 'student'
        WHEN 'FACULTY' THEN 'teacher'
        WHEN 'STAFF' THEN 'staff'
        WHEN 'OBSERVER' THEN 'observer'
        ELSE CASE WHEN r.value IS NOT NULL THEN 'other' END
    END AS primary_role,
    u.created AS source_created_at,
    u.modified AS source_modified_at,
    CASE WHEN u.availability__available IN ('No', 'Disabled') THEN 'inactive' ELSE 'active' END AS state,
    u.availability__available AS native_state,
    u._deleted_at AS deleted_at,
    json_object('last_login', u.last_login) AS extra
FROM users AS u
LEFT JOIN users__institution_role_ids AS r
    ON r._dlt_parent_id = u._dlt_id
    AND CAST(r._dlt_list_idx AS BIGINT) = 0
