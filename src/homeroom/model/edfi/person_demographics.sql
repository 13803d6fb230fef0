WITH race AS (
    SELECT
        r._dlt_parent_id AS staff,
        array_agg(regexp_replace(r.race_descriptor, '^.*#', '') ORDER BY r._dlt_list_idx) AS names
    FROM staffs__races AS r
    GROUP BY r._dlt_parent_id
)
SELECT
    s.id,
    s.id AS person_id,
    CAST(s.birth_date AS TEXT) AS birth_date,
    CASE regexp_replace(s.birth_sex_descriptor, '^.*#', '')
        WHEN 'Female' THEN 'female'
        WHEN 'Male' THEN 'male'
        WHEN 'Not Selected' THEN 'unspecified'
        ELSE CASE WHEN s.birth_sex_descriptor IS NOT NULL THEN 'other' END
    END AS sex,
    CAST(NULL AS TEXT[]) AS race,
    CAST(NULL AS BOOLEAN) AS ethnicity,
    regexp_replace(s.birth_country_descriptor, '^.*#', '') AS birth_country,
    CAST(s._last_modified_date AS TEXT) AS source_modified_at,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM students AS s
UNION ALL
SELECT
    t.id,
    t.id AS person_id,
    CAST(t.birth_date AS TEXT) AS birth_date,
    CASE regexp_replace(t.sex_descriptor, '^.*#', '')
        WHEN 'Female' THEN 'female'
        WHEN 'Male' THEN 'male'
        WHEN 'Not Selected' THEN 'unspecified'
        ELSE CASE WHEN t.sex_descriptor IS NOT NULL THEN 'other' END
    END AS sex,
    race.names AS race,
    CAST(t.hispanic_latino_ethnicity AS BOOLEAN) AS ethnicity,
    NULL AS birth_country,
    CAST(t._last_modified_date AS TEXT) AS source_modified_at,
    CAST(t._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM staffs AS t
LEFT JOIN race
    ON race.staff = t._dlt_id
