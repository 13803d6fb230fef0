-- A course of Learn is a site with people in it. Organizations are sites too, and teach nothing.
SELECT
    c.id,
    c.name AS title,
    c.course_id AS code,
    c.created AS source_created_at,
    c.modified AS source_modified_at,
    c._deleted_at AS deleted_at
FROM courses AS c
WHERE CAST(c.organization AS BOOLEAN) IS NOT TRUE
