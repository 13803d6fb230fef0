-- A section names its offering, an offering its course. No offering, no course.
WITH school AS (
    SELECT
        CAST(h.school_id AS TEXT) AS number,
        COALESCE(MAX(CASE WHEN h._deleted_at IS NULL THEN h.id END), MAX(h.id)) AS id
    FROM schools AS h
    GROUP BY CAST(h.school_id AS TEXT)
),
term AS (
    SELECT
        CAST(t.school_reference__school_id AS TEXT) AS school,
        CAST(t.school_year_type_reference__school_year AS TEXT) AS school_year,
        t.session_name AS name,
        COALESCE(MAX(CASE WHEN t._deleted_at IS NULL THEN t.id END), MAX(t.id)) AS id
    FROM sessions AS t
    GROUP BY
        CAST(t.school_reference__school_id AS TEXT),
        CAST(t.school_year_type_reference__school_year AS TEXT),
        t.session_name
),
offering AS (
    SELECT
        CAST(o.school_reference__school_id AS TEXT) AS school,
        CAST(o.session_reference__school_year AS TEXT) AS school_year,
        o.session_reference__session_name AS term,
        o.local_course_code AS code,
        o.local_course_title AS title,
        CAST(o.course_reference__education_organization_id AS TEXT) AS org,
        o.course_reference__course_code AS course,
        ROW_NUMBER() OVER (
            PARTITION BY
                o.school_reference__school_id,
                o.session_reference__school_year,
                o.session_reference__session_name,
                o.local_course_code
            ORDER BY CASE WHEN o._deleted_at IS NULL THEN 0 ELSE 1 END, o.id
        ) AS place
    FROM course_offerings AS o
),
course AS (
    SELECT
        CAST(c.education_organization_reference__education_organization_id AS TEXT) AS org,
        c.course_code AS code,
        c.course_title AS title,
        c.id,
        ROW_NUMBER() OVER (
            PARTITION BY c.education_organization_reference__education_organization_id, c.course_code
            ORDER BY CASE WHEN c._deleted_at IS NULL THEN 0 ELSE 1 END, c.id
        ) AS place
    FROM courses AS c
)
SELECT
    s.id,
    COALESCE(s.section_name, offering.title, course.title, s.section_identifier) AS title,
    COALESCE(course.id, offering.org || '/' || offering.course) AS course_id,
    COALESCE(school.id, CAST(s.course_offering_reference__school_id AS TEXT)) AS org_id,
    [
        COALESCE(
            term.id,
            CAST(s.course_offering_reference__school_id AS TEXT)
            || '/' || CAST(s.course_offering_reference__school_year AS TEXT)
            || '/' || s.course_offering_reference__session_name
        )
    ] AS session_ids,
    s.section_identifier AS code,
    s.section_identifier AS sis_id,
    'scheduled' AS kind,
    s._last_modified_date AS source_modified_at,
    s._deleted_at AS deleted_at,
    json_object(
        'local_course_code', s.course_offering_reference__local_course_code,
        'sequence_of_course', s.sequence_of_course
    ) AS extra
FROM sections AS s
LEFT JOIN school
    ON school.number = CAST(s.course_offering_reference__school_id AS TEXT)
LEFT JOIN term
    ON term.school = CAST(s.course_offering_reference__school_id AS TEXT)
    AND term.school_year = CAST(s.course_offering_reference__school_year AS TEXT)
    AND term.name = s.course_offering_reference__session_name
LEFT JOIN offering
    ON offering.school = CAST(s.course_offering_reference__school_id AS TEXT)
    AND offering.school_year = CAST(s.course_offering_reference__school_year AS TEXT)
    AND offering.term = s.course_offering_reference__session_name
    AND offering.code = s.course_offering_reference__local_course_code
    AND offering.place = 1
LEFT JOIN course
    ON course.org = offering.org
    AND course.code = offering.course
    AND course.place = 1
