-- Of persons there is the user name alone, as often as they are enrolled.
SELECT
    e."user" AS id,
    e."user" AS username,
    CASE WHEN COUNT(*) = COUNT(e._deleted_at) THEN MAX(e._deleted_at) END AS deleted_at
FROM enrollments AS e
WHERE e."user" IS NOT NULL
GROUP BY e."user"
