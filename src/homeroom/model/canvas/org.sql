SELECT
    CAST(r.id AS TEXT) AS id,
    r.name,
    'account' AS kind,
    CAST(r.parent_account_id AS TEXT) AS parent_id,
    CAST(r.sis_account_id AS TEXT) AS code,
    CASE WHEN r.workflow_state = 'deleted' THEN 'deleted' ELSE 'active' END AS state,
    r.workflow_state AS native_state,
    CAST(r._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('default_time_zone', r.default_time_zone) AS extra
FROM root_account AS r
UNION ALL
SELECT
    CAST(a.id AS TEXT) AS id,
    a.name,
    'account' AS kind,
    CAST(a.parent_account_id AS TEXT) AS parent_id,
    CAST(a.sis_account_id AS TEXT) AS code,
    CASE WHEN a.workflow_state = 'deleted' THEN 'deleted' ELSE 'active' END AS state,
    a.workflow_state AS native_state,
    CAST(a._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('default_time_zone', a.default_time_zone) AS extra
FROM accounts AS a
WHERE NOT EXISTS (SELECT 1 FROM root_account AS r WHERE CAST(r.id AS TEXT) = CAST(a.id AS TEXT))
