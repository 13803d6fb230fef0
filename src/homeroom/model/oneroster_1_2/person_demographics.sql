SELECT
    CAST(d.sourced_id AS TEXT) AS id,
    CAST(d.sourced_id AS TEXT) AS person_id,
    d.birth_date,
    CASE WHEN d.sex IN ('female', 'male', 'unspecified') THEN d.sex WHEN NOT d.sex IS NULL THEN 'other' END AS sex,
    (
        SELECT array_agg(r.race ORDER BY r.race)
        FROM (
            SELECT unnest([
                CASE WHEN LOWER(CAST(d.american_indian_or_alaska_native AS TEXT)) = 'true' THEN 'american_indian_or_alaska_native' END,
                CASE WHEN LOWER(CAST(d.asian AS TEXT)) = 'true' THEN 'asian' END,
                CASE WHEN LOWER(CAST(d.black_or_african_american AS TEXT)) = 'true' THEN 'black_or_african_american' END,
                CASE
                    WHEN LOWER(CAST(d.native_hawaiian_or_other_pacific_islander AS TEXT)) = 'true'
                        THEN 'native_hawaiian_or_other_pacific_islander'
                END,
                CASE WHEN LOWER(CAST(d.white AS TEXT)) = 'true' THEN 'white' END,
                CASE WHEN LOWER(CAST(d.demographic_race_two_or_more_races AS TEXT)) = 'true' THEN 'two_or_more_races' END
            ]) AS race
        ) AS r
        WHERE NOT r.race IS NULL
    ) AS race,
    d.hispanic_or_latino_ethnicity AS ethnicity,
    d.country_of_birth_code AS birth_country,
    d.date_last_modified AS source_modified_at,
    CASE d.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    d.status AS native_state,
    d._deleted_at AS deleted_at
FROM demographics AS d
