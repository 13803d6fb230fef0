-- References name a natural key: it is the row that has it, a living one first, and the key itself where no row has it.
-- The parent of an agency is left out: its column has 67 letters, of which PostgreSQL keeps 63.
WITH agency AS (
    SELECT
        CAST(a.local_education_agency_id AS TEXT) AS number,
        COALESCE(MAX(CASE WHEN a._deleted_at IS NULL THEN a.id END), MAX(a.id)) AS id
    FROM local_education_agencies AS a
    GROUP BY CAST(a.local_education_agency_id AS TEXT)
)
SELECT
    l.id,
    l.name_of_institution AS name,
    'district' AS kind,
    NULL AS parent_id,
    CAST(l.local_education_agency_id AS TEXT) AS code,
    CAST(l._last_modified_date AS TEXT) AS source_modified_at,
    CASE regexp_replace(l.operational_status_descriptor, '^.*#', '')
        WHEN 'Closed' THEN 'inactive'
        WHEN 'Future' THEN 'inactive'
        WHEN 'Inactive' THEN 'inactive'
        ELSE 'active'
    END AS state,
    regexp_replace(l.operational_status_descriptor, '^.*#', '') AS native_state,
    CAST(l._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'short_name', l.short_name_of_institution,
        'category', regexp_replace(l.local_education_agency_category_descriptor, '^.*#', ''),
        'web_site', l.web_site
    ) AS extra
FROM local_education_agencies AS l
UNION ALL
SELECT
    s.id,
    s.name_of_institution AS name,
    'school' AS kind,
    COALESCE(agency.id, CAST(s.local_education_agency_reference__local_education_agency_id AS TEXT)) AS parent_id,
    CAST(s.school_id AS TEXT) AS code,
    CAST(s._last_modified_date AS TEXT) AS source_modified_at,
    CASE regexp_replace(s.operational_status_descriptor, '^.*#', '')
        WHEN 'Closed' THEN 'inactive'
        WHEN 'Future' THEN 'inactive'
        WHEN 'Inactive' THEN 'inactive'
        ELSE 'active'
    END AS state,
    regexp_replace(s.operational_status_descriptor, '^.*#', '') AS native_state,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'short_name', s.short_name_of_institution,
        'type', regexp_replace(s.school_type_descriptor, '^.*#', ''),
        'web_site', s.web_site
    ) AS extra
FROM schools AS s
LEFT JOIN agency
    ON agency.number = CAST(s.local_education_agency_reference__local_education_agency_id AS TEXT)
