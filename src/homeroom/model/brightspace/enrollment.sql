-- The number of a role is each institution's own; its name is what there is to go by. Who is called as nobody else is
-- observes.
SELECT
    CAST(l._courses_identifier AS TEXT) || '/' || CAST(l.identifier AS TEXT) AS id,
    CAST(l.identifier AS TEXT) AS person_id,
    CAST(l._courses_identifier AS TEXT) AS section_id,
    CASE
        WHEN LOWER(l.classlist_role_display_name) LIKE '%assistant%' THEN 'assistant'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%grader%' THEN 'assistant'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%tutor%' THEN 'assistant'
        WHEN LOWER(l.classlist_role_display_name) IN ('ta', 'gta') THEN 'assistant'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%designer%' THEN 'designer'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%builder%' THEN 'designer'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%developer%' THEN 'designer'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%proctor%' THEN 'proctor'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%admin%' THEN 'administrator'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%instruct%' THEN 'teacher'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%teach%' THEN 'teacher'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%lecturer%' THEN 'teacher'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%professor%' THEN 'teacher'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%faculty%' THEN 'teacher'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%student%' THEN 'student'
        WHEN LOWER(l.classlist_role_display_name) LIKE '%learner%' THEN 'student'
        ELSE 'observer'
    END AS role,
    l.last_accessed AS last_activity_at,
    l._deleted_at AS deleted_at,
    json_object('role', l.classlist_role_display_name, 'role_id', l.role_id) AS extra
FROM class_lists AS l
