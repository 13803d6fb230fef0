-- A class of Kolibri is its learners, coaches, lessons and quizzes: a site, and no course of a curriculum.
SELECT
    c.id,
    c.name AS title,
    c.parent AS org_id,
    'site' AS kind,
    c._deleted_at AS deleted_at
FROM classrooms AS c
