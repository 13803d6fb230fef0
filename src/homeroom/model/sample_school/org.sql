SELECT
    d.id,
    d.name,
    'district' AS kind,
    NULL AS parent_id,
    d.updated_at AS source_modified_at,
    d._deleted_at AS deleted_at,
    json_object('description', d.description, 'timezone', d.timezone) AS extra
FROM districts AS d
UNION ALL
SELECT
    s.id,
    s.name,
    'school' AS kind,
    s.district_id AS parent_id,
    s.updated_at AS source_modified_at,
    s._deleted_at AS deleted_at,
    json_object('description', s.description, 'kind', s.kind) AS extra
FROM schools AS s
