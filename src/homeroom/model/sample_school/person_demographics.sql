SELECT
    p.id,
    p.id AS person_id,
    p.birth_date,
    p.updated_at AS source_modified_at,
    p._deleted_at AS deleted_at
FROM people AS p
