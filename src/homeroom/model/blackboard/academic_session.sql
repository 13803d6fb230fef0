SELECT
    t.id,
    t.name AS title,
    'term' AS kind,
    CAST(TRY_CAST(t.availability__duration__start AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS starts_on,
    CAST(TRY_CAST(t.availability__duration__end AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS ends_on,
    CASE WHEN t.availability__available = 'No' THEN 'inactive' ELSE 'active' END AS state,
    t.availability__available AS native_state,
    t._deleted_at AS deleted_at,
    json_object('external_id', t.external_id, 'duration', t.availability__duration__type) AS extra
FROM terms AS t
