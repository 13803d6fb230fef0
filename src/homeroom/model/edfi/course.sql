-- Older data standards give one subject, newer ones a list.
WITH org AS (
    SELECT
        known.number,
        COALESCE(MAX(CASE WHEN known.gone IS NULL THEN known.id END), MAX(known.id)) AS id
    FROM (
        SELECT
            CAST(h.school_id AS TEXT) AS number,
            h.id,
            CAST(h._deleted_at AS TIMESTAMPTZ) AS gone
        FROM schools AS h
        UNION ALL
        SELECT
            CAST(a.local_education_agency_id AS TEXT) AS number,
            a.id,
            CAST(a._deleted_at AS TIMESTAMPTZ) AS gone
        FROM local_education_agencies AS a
    ) AS known
    GROUP BY known.number
),
subject AS (
    SELECT
        s._dlt_parent_id AS course,
        array_agg(regexp_replace(s.academic_subject_descriptor, '^.*#', '') ORDER BY s._dlt_list_idx) AS names
    FROM courses__academic_subjects AS s
    GROUP BY s._dlt_parent_id
),
grade AS (
    SELECT
        g._dlt_parent_id AS course,
        array_agg(regexp_replace(g.grade_level_descriptor, '^.*#', '') ORDER BY g._dlt_list_idx) AS names
    FROM courses__offered_grade_levels AS g
    GROUP BY g._dlt_parent_id
)
SELECT
    c.id,
    c.course_title AS title,
    c.course_code AS code,
    COALESCE(org.id, CAST(c.education_organization_reference__education_organization_id AS TEXT)) AS org_id,
    COALESCE(
        subject.names,
        CASE
            WHEN c.academic_subject_descriptor IS NOT NULL
                THEN [regexp_replace(c.academic_subject_descriptor, '^.*#', '')]
        END
    ) AS subjects,
    grade.names AS grades,
    c._last_modified_date AS source_modified_at,
    c._deleted_at AS deleted_at,
    json_object('number_of_parts', c.number_of_parts) AS extra
FROM courses AS c
LEFT JOIN org
    ON org.number = CAST(c.education_organization_reference__education_organization_id AS TEXT)
LEFT JOIN subject
    ON subject.course = c._dlt_id
LEFT JOIN grade
    ON grade.course = c._dlt_id
