-- A course offering is a site with people in it; of what template it is the list does not say.
SELECT
    c.identifier AS id,
    c.name AS title,
    c.code,
    c._deleted_at AS deleted_at
FROM courses AS c
