-- Open edX lists no organisations: they stand in the courses.
SELECT
    c.org AS id,
    c.org AS name,
    'other' AS kind,
    c.org AS code,
    CASE WHEN COUNT(*) = COUNT(c._deleted_at) THEN MAX(c._deleted_at) END AS deleted_at
FROM courses AS c
WHERE c.org IS NOT NULL
GROUP BY c.org
