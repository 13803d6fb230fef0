SELECT
    t.id,
    t.name AS title,
    CASE t.kind WHEN 'school_year' THEN 'school_year' WHEN 'semester' THEN 'semester' ELSE 'other' END AS kind,
    t.starts_on,
    t.ends_on,
    t.parent_id,
    CASE WHEN t.kind = 'school_year' THEN EXTRACT(YEAR FROM CAST(t.ends_on AS DATE)) END AS school_year,
    t.updated_at AS source_modified_at,
    t._deleted_at AS deleted_at
FROM terms AS t
