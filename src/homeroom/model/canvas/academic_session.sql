-- The days are those of UTC; Canvas tells moments, which extra keeps.
SELECT
    t.id,
    t.name AS title,
    'term' AS kind,
    CAST(CAST(t.start_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS starts_on,
    CAST(CAST(t.end_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS ends_on,
    t.created_at AS source_created_at,
    CASE WHEN t.workflow_state = 'deleted' THEN 'deleted' ELSE 'active' END AS state,
    t.workflow_state AS native_state,
    t._deleted_at AS deleted_at,
    json_object('start_at', t.start_at, 'end_at', t.end_at, 'sis_term_id', t.sis_term_id) AS extra
FROM terms AS t
