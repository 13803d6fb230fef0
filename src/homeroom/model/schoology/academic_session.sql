-- The list has periods of all lengths, years among them, and does not tell them apart.
SELECT
    g.id,
    g.title,
    'grading_period' AS kind,
    g.start AS starts_on,
    g."end" AS ends_on,
    CASE WHEN CAST(g.active AS TEXT) = '0' THEN 'inactive' ELSE 'active' END AS state,
    CAST(g.active AS TEXT) AS native_state,
    g._deleted_at AS deleted_at
FROM grading_periods AS g
