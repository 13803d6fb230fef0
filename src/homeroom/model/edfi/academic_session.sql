WITH school AS (
    SELECT
        CAST(h.school_id AS TEXT) AS number,
        COALESCE(MAX(CASE WHEN h._deleted_at IS NULL THEN h.id END), MAX(h.id)) AS id
    FROM schools AS h
    GROUP BY CAST(h.school_id AS TEXT)
)
SELECT
    t.id,
    t.session_name AS title,
    CASE
        WHEN t.term_descriptor LIKE '%#%emester' THEN 'semester'
        WHEN t.term_descriptor LIKE '%#%uarter' THEN 'term'
        WHEN t.term_descriptor LIKE '%#%rimester' THEN 'term'
        WHEN t.term_descriptor LIKE '%#MiniTerm' THEN 'term'
        WHEN t.term_descriptor LIKE '%#Year Round' THEN 'school_year'
        ELSE 'other'
    END AS kind,
    t.begin_date AS starts_on,
    t.end_date AS ends_on,
    COALESCE(school.id, CAST(t.school_reference__school_id AS TEXT)) AS org_id,
    t.school_year_type_reference__school_year AS school_year,
    t._last_modified_date AS source_modified_at,
    t._deleted_at AS deleted_at,
    json_object(
        'term', regexp_replace(t.term_descriptor, '^.*#', ''),
        'total_instructional_days', t.total_instructional_days
    ) AS extra
FROM sessions AS t
LEFT JOIN school
    ON school.number = CAST(t.school_reference__school_id AS TEXT)
