SELECT
    CAST(e.sourced_id AS TEXT) AS id,
    e.user__sourced_id AS person_id,
    e.class__sourced_id AS section_id,
    CASE
        WHEN e.role IN ('student', 'teacher', 'administrator', 'proctor') THEN e.role
        WHEN e.role = 'aide' THEN 'assistant'
        ELSE 'observer'
    END AS role,
    e.primary AS is_primary,
    e.begin_date AS starts_on,
    e.end_date AS ends_on,
    e.date_last_modified AS source_modified_at,
    CASE e.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    e.status AS native_state,
    e._deleted_at AS deleted_at,
    json_object('role', e.role, 'school', e.school__sourced_id) AS extra
FROM enrollments AS e
