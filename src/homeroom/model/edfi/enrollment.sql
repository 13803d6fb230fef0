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
class AS (
    SELECT
        CAST(c.course_offering_reference__school_id AS TEXT) AS school,
        CAST(c.course_offering_reference__school_year AS TEXT) AS school_year,
        c.course_offering_reference__session_name AS term,
        c.course_offering_reference__local_course_code AS course,
        c.section_identifier AS code,
        COALESCE(MAX(CASE WHEN c._deleted_at IS NULL THEN c.id END), MAX(c.id)) AS id
    FROM sections AS c
    GROUP BY
        CAST(c.course_offering_reference__school_id AS TEXT),
        CAST(c.course_offering_reference__school_year AS TEXT),
        c.course_offering_reference__session_name,
        c.course_offering_reference__local_course_code,
        c.section_identifier
)
SELECT
    e.id,
    COALESCE(student.id, CAST(e.student_reference__student_unique_id AS TEXT)) AS person_id,
    COALESCE(
        class.id,
        CAST(e.section_reference__school_id AS TEXT)
        || '/' || CAST(e.section_reference__school_year AS TEXT)
        || '/' || e.section_reference__session_name
        || '/' || e.section_reference__local_course_code
        || '/' || e.section_reference__section_identifier
    ) AS section_id,
    'student' AS role,
    CAST(NULL AS BOOLEAN) AS is_primary,
    CAST(e.begin_date AS TEXT) AS starts_on,
    CAST(e.end_date AS TEXT) AS ends_on,
    CAST(e._last_modified_date AS TEXT) AS source_modified_at,
    CASE WHEN TRY_CAST(e.end_date AS DATE) < CURRENT_DATE THEN 'inactive' ELSE 'active' END AS state,
    regexp_replace(e.attempt_status_descriptor, '^.*#', '') AS native_state,
    CAST(e._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('homeroom', e.homeroom_indicator) AS extra
FROM student_section_associations AS e
LEFT JOIN student
    ON student.number = CAST(e.student_reference__student_unique_id AS TEXT)
LEFT JOIN class
    ON class.school = CAST(e.section_reference__school_id AS TEXT)
    AND class.school_year = CAST(e.section_reference__school_year AS TEXT)
    AND class.term = e.section_reference__session_name
    AND class.course = e.section_reference__local_course_code
    AND class.code = e.section_reference__section_identifier
UNION ALL
SELECT
    w.id,
    COALESCE(staff.id, CAST(w.staff_reference__staff_unique_id AS TEXT)) AS person_id,
    COALESCE(
        taught.id,
        CAST(w.section_reference__school_id AS TEXT)
        || '/' || CAST(w.section_reference__school_year AS TEXT)
        || '/' || w.section_reference__session_name
        || '/' || w.section_reference__local_course_code
        || '/' || w.section_reference__section_identifier
    ) AS section_id,
    CASE
        WHEN w.classroom_position_descriptor LIKE '%#%Assistant%' THEN 'assistant'
        WHEN w.classroom_position_descriptor LIKE '%#%Aide%' THEN 'assistant'
        ELSE 'teacher'
    END AS role,
    REPLACE(w.classroom_position_descriptor, ' ', '') LIKE '%#Teacher_fRecord' AS is_primary,
    CAST(w.begin_date AS TEXT) AS starts_on,
    CAST(w.end_date AS TEXT) AS ends_on,
    CAST(w._last_modified_date AS TEXT) AS source_modified_at,
    CASE WHEN TRY_CAST(w.end_date AS DATE) < CURRENT_DATE THEN 'inactive' ELSE 'active' END AS state,
    NULL AS native_state,
    CAST(w._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'classroom_position', regexp_replace(w.classroom_position_descriptor, '^.*#', ''),
        'percentage_contribution', w.percentage_contribution
    ) AS extra
FROM staff_section_associations AS w
LEFT JOIN staff
    ON staff.number = CAST(w.staff_reference__staff_unique_id AS TEXT)
LEFT JOIN class AS taught
    ON taught.school = CAST(w.section_reference__school_id AS TEXT)
    AND taught.school_year = CAST(w.section_reference__school_year AS TEXT)
    AND taught.term = w.section_reference__session_name
    AND taught.course = w.section_reference__local_course_code
    AND taught.code = w.section_reference__section_identifier
