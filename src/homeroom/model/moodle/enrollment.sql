SELECT
    CAST(eu._courses_id AS TEXT) || '/' || CAST(eu.id AS TEXT) || COALESCE('/' || CAST(er.roleid AS TEXT), '') AS id,
    CAST(eu.id AS TEXT) AS person_id,
    CAST(eu._courses_id AS TEXT) AS section_id,
    CASE er.shortname
        WHEN 'student' THEN 'student'
        WHEN 'editingteacher' THEN 'teacher'
        WHEN 'teacher' THEN 'assistant' -- Moodle's "non-editing teacher"
        WHEN 'manager' THEN 'administrator'
        WHEN 'coursecreator' THEN 'designer'
        ELSE 'observer'
    END AS role,
    eu.lastcourseaccess AS last_activity_at,
    eu._deleted_at AS deleted_at,
    json_object('role', er.shortname) AS extra
FROM enrolled_users AS eu
LEFT JOIN enrolled_users__roles AS er ON er._dlt_parent_id = eu._dlt_id
LEFT JOIN courses AS c ON CAST(c.id AS TEXT) = CAST(eu._courses_id AS TEXT)
-- Moodle tells everybody as enrolled in the site itself: there a role makes an enrollment.
WHERE NOT er.roleid IS NULL OR COALESCE(c.format, '') <> 'site'
-- Two plugins may give one person the same role.
GROUP BY eu._courses_id, eu.id, er.roleid, er.shortname, eu.lastcourseaccess, eu._deleted_at
