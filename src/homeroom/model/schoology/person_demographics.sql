SELECT
    u.id,
    u.id AS person_id,
    NULLIF(CAST(u.birthday_date AS TEXT), '') AS birth_date,
    CASE u.gender WHEN 'M' THEN 'male' WHEN 'F' THEN 'female' END AS sex,
    u._deleted_at AS deleted_at
FROM users AS u
