WITH student AS (
    SELECT
        CAST(s.student_unique_id AS TEXT) AS number,
        COALESCE(MAX(CASE WHEN s._deleted_at IS NULL THEN s.id END), MAX(s.id)) AS id
    FROM students AS s
    GROUP BY CAST(s.student_unique_id AS TEXT)
),
staff AS (
    SELECT
        CAST(t.staff_unique_id AS TEXT) AS number,
        COALESCE(MAX(CASE WHEN t._deleted_at IS NULL THEN t.id END), MAX(t.id)) AS id
    FROM staffs AS t
    GROUP BY CAST(t.staff_unique_id AS TEXT)
),
org AS (
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
            CAST(l.local_education_agency_id AS TEXT) AS number,
            l.id,
            CAST(l._deleted_at AS TIMESTAMPTZ) AS gone
        FROM local_education_agencies AS l
    ) AS known
    GROUP BY known.number
)
SELECT
    a.id,
    COALESCE(student.id, CAST(a.student_reference__student_unique_id AS TEXT)) AS person_id,
    'student' AS role,
    COALESCE(org.id, CAST(a.school_reference__school_id AS TEXT)) AS org_id,
    CAST(a.primary_school AS BOOLEAN) AS is_primary,
    CAST(a.entry_date AS TEXT) AS starts_on,
    CAST(a.exit_withdraw_date AS TEXT) AS ends_on,
    CAST(a._last_modified_date AS TEXT) AS source_modified_at,
    CASE WHEN TRY_CAST(a.exit_withdraw_date AS DATE) < CURRENT_DATE THEN 'inactive' ELSE 'active' END AS state,
    regexp_replace(a.exit_withdraw_type_descriptor, '^.*#', '') AS native_state,
    CAST(a._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'entry_grade_level', regexp_replace(a.entry_grade_level_descriptor, '^.*#', ''),
        'entry_type', regexp_replace(a.entry_type_descriptor, '^.*#', ''),
        'full_time_equivalency', a.full_time_equivalency
    ) AS extra
FROM student_school_associations AS a
LEFT JOIN student
    ON student.number = CAST(a.student_reference__student_unique_id AS TEXT)
LEFT JOIN org
    ON org.number = CAST(a.school_reference__school_id AS TEXT)
UNION ALL
SELECT
    w.id,
    COALESCE(staff.id, CAST(w.staff_reference__staff_unique_id AS TEXT)) AS person_id,
    CASE
        WHEN w.staff_classification_descriptor LIKE '%#%Teacher' THEN 'teacher'
        WHEN w.staff_classification_descriptor LIKE '%#%Aide' THEN 'assistant'
        WHEN w.staff_classification_descriptor LIKE '%#%Counselor' THEN 'counselor'
        WHEN w.staff_classification_descriptor LIKE '%#%Principal' THEN 'principal'
        WHEN w.staff_classification_descriptor LIKE '%#%Superintendent' THEN 'administrator'
        WHEN w.staff_classification_descriptor LIKE '%#%Administrator' THEN 'administrator'
        WHEN w.staff_classification_descriptor LIKE '%#School Leader' THEN 'administrator'
        ELSE 'staff'
    END AS role,
    COALESCE(place.id, CAST(w.education_organization_reference__education_organization_id AS TEXT)) AS org_id,
    CAST(w.order_of_assignment AS BIGINT) = 1 AS is_primary,
    CAST(w.begin_date AS TEXT) AS starts_on,
    CAST(w.end_date AS TEXT) AS ends_on,
    CAST(w._last_modified_date AS TEXT) AS source_modified_at,
    CASE WHEN TRY_CAST(w.end_date AS DATE) < CURRENT_DATE THEN 'inactive' ELSE 'active' END AS state,
    NULL AS native_state,
    CAST(w._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'classification', regexp_replace(w.staff_classification_descriptor, '^.*#', ''),
        'position_title', w.position_title,
        'full_time_equivalency', w.full_time_equivalency
    ) AS extra
FROM staff_education_organization_assignment_associations AS w
LEFT JOIN staff
    ON staff.number = CAST(w.staff_reference__staff_unique_id AS TEXT)
LEFT JOIN org AS place
    ON place.number = CAST(w.education_organization_reference__education_organization_id AS TEXT)
