-- A hub has no courses. Its groups are what schools keep their courses in; nbgrader's are called nbgrader-COURSE, of
-- students, and formgrade-COURSE, of instructors. Each stays a section of its own.
SELECT
    g.name AS id,
    g.name AS title,
    CASE
        WHEN g.name LIKE 'nbgrader-%' THEN SUBSTR(CAST(g.name AS TEXT), 10)
        WHEN g.name LIKE 'formgrade-%' THEN SUBSTR(CAST(g.name AS TEXT), 11)
    END AS native_course_id,
    'group' AS kind,
    g._deleted_at AS deleted_at
FROM groups AS g
