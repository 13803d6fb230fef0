-- Kolibri asks for the year of birth alone, which is no date.
SELECT
    u.id,
    u.id AS person_id,
    CASE u.gender
        WHEN 'MALE' THEN 'male'
        WHEN 'FEMALE' THEN 'female'
        WHEN 'NOT_SPECIFIED' THEN 'unspecified'
        WHEN 'DEFERRED' THEN 'unspecified'
        WHEN '' THEN 'unspecified'
        ELSE 'other'
    END AS sex,
    u.gender AS native_state,
    u._deleted_at AS deleted_at
FROM users AS u
