SELECT
    f.id,
    f.name,
    'school' AS kind,
    f._deleted_at AS deleted_at,
    json_object('last_successful_sync', f.last_successful_sync) AS extra
FROM facilities AS f
