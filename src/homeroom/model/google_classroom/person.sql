-- Classroom lists people course by course: one row of each person's, of a course that still has the person if one has.
SELECT
    p.id,
    p.given_name,
    p.family_name,
    p.display_name,
    p.email,
    p.deleted_at
FROM (
    SELECT
        m.id,
        m.given_name,
        m.family_name,
        m.display_name,
        m.email,
        m.deleted_at,
        ROW_NUMBER() OVER (
            PARTITION BY m.id
            ORDER BY CASE WHEN m.deleted_at IS NULL THEN 0 ELSE 1 END, m.deleted_at DESC, m.loaded DESC, m.course_id, m.part
        ) AS place
    FROM (
        SELECT
            CAST(s.user_id AS TEXT) AS id,
            CAST(s.profile__name__given_name AS TEXT) AS given_name,
            CAST(s.profile__name__family_name AS TEXT) AS family_name,
            CAST(s.profile__name__full_name AS TEXT) AS display_name,
            CAST(s.profile__email_address AS TEXT) AS email,
            CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at,
            CAST(s._dlt_load_id AS TEXT) AS loaded,
            CAST(s.course_id AS TEXT) AS course_id,
            'student' AS part
        FROM students AS s
        UNION ALL
        SELECT
            CAST(t.user_id AS TEXT) AS id,
            CAST(t.profile__name__given_name AS TEXT) AS given_name,
            CAST(t.profile__name__family_name AS TEXT) AS family_name,
            CAST(t.profile__name__full_name AS TEXT) AS display_name,
            CAST(t.profile__email_address AS TEXT) AS email,
            CAST(t._deleted_at AS TIMESTAMPTZ) AS deleted_at,
            CAST(t._dlt_load_id AS TEXT) AS loaded,
            CAST(t.course_id AS TEXT) AS course_id,
            'teacher' AS part
        FROM teachers AS t
    ) AS m
) AS p
WHERE p.place = 1
