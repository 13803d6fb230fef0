-- Somebody may have been a student before and be a teacher now: the role is part of the id.
SELECT
    CAST(s.course_id AS TEXT) || '/student/' || CAST(s.user_id AS TEXT) AS id,
    CAST(s.user_id AS TEXT) AS person_id,
    CAST(s.course_id AS TEXT) AS section_id,
    'student' AS role,
    CAST(NULL AS BOOLEAN) AS is_primary,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM students AS s
UNION ALL
SELECT
    CAST(t.course_id AS TEXT) || '/teacher/' || CAST(t.user_id AS TEXT) AS id,
    CAST(t.user_id AS TEXT) AS person_id,
    CAST(t.course_id AS TEXT) AS section_id,
    'teacher' AS role,
    CAST(c.owner_id AS TEXT) = CAST(t.user_id AS TEXT) AS is_primary,
    CAST(t._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM teachers AS t
LEFT JOIN courses AS c ON CAST(c.id AS TEXT) = CAST(t.course_id AS TEXT)
