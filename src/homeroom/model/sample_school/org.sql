SELECT
    CAST(d.id AS TEXT) AS id,
    CAST(d.name AS TEXT) AS name,
    'district' AS kind,
    NULL AS parent_id,
    CAST(d.updated_at AS TIMESTAMPTZ) AS source_modified_at,
    CAST(d._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('description', d.description, 'timezone', d.timezone) AS extra
FROM districts AS d
UNION ALL
SELECT
    CAST(s.id AS TEXT) AS id,
    CAST(s.name AS TEXT) AS name,
    'school' AS kind,
    CAST(s.district_id AS TEXT) AS parent_id,
    CAST(s.updated_at AS TIMESTAMPTZ) AS source_modified_at,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('description', s.description, 'kind', s.kind) AS extra
FROM schools AS s
