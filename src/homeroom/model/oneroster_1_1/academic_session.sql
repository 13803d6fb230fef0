SELECT
    CAST(t.sourced_id AS TEXT) AS id,
    t.title,
    CASE t.type
        WHEN 'schoolYear' THEN 'school_year'
        WHEN 'semester' THEN 'semester'
        WHEN 'term' THEN 'term'
        WHEN 'gradingPeriod' THEN 'grading_period'
        ELSE 'other'
    END AS kind,
    t.start_date AS starts_on,
    t.end_date AS ends_on,
    t.parent__sourced_id AS parent_id,
    t.school_year,
    t.date_last_modified AS source_modified_at,
    CASE t.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    t.status AS native_state,
    t._deleted_at AS deleted_at
FROM academic_sessions AS t
