SELECT
    CAST(o.sourced_id AS TEXT) AS id,
    o.name,
    CASE WHEN o.type IN ('district', 'school', 'department', 'state', 'national', 'local') THEN o.type ELSE 'other' END AS kind,
    o.parent__sourced_id AS parent_id,
    o.identifier AS code,
    o.date_last_modified AS source_modified_at,
    CASE o.status WHEN 'tobedeleted' THEN 'deleted' WHEN 'inactive' THEN 'inactive' ELSE 'active' END AS state,
    o.status AS native_state,
    o._deleted_at AS deleted_at
FROM orgs AS o
