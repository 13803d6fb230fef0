-- Each course is a section too, its site `course/ID`: what belongs to a course as a whole, such as assignments, is there.
-- A cross-listed section lies in another course than the one that it is of, which may be gone.
SELECT
    'course/' || CAST(c.id AS TEXT) AS id,
    COALESCE(c.name, c.course_code) AS title,
    CAST(c.id AS TEXT) AS course_id,
    CAST(c.account_id AS TEXT) AS org_id,
    CASE WHEN c.enrollment_term_id IS NOT NULL THEN [CAST(c.enrollment_term_id AS TEXT)] END AS session_ids,
    c.course_code AS code,
    CAST(c.sis_course_id AS TEXT) AS sis_id,
    'site' AS kind,
    CAST(NULL AS TEXT) AS parent_section_id,
    CAST(c.id AS TEXT) AS native_course_id,
    CAST(c.created_at AS TIMESTAMPTZ) AS source_created_at,
    CASE c.workflow_state WHEN 'available' THEN 'active' WHEN 'deleted' THEN 'deleted' ELSE 'inactive' END AS state,
    c.workflow_state AS native_state,
    CAST(c._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('start_at', c.start_at, 'end_at', c.end_at) AS extra
FROM courses AS c
UNION ALL
SELECT
    CAST(s.id AS TEXT) AS id,
    s.name AS title,
    COALESCE(CAST(o.id AS TEXT), CAST(s.course_id AS TEXT)) AS course_id,
    CAST(c.account_id AS TEXT) AS org_id,
    CASE WHEN c.enrollment_term_id IS NOT NULL THEN [CAST(c.enrollment_term_id AS TEXT)] END AS session_ids,
    CAST(NULL AS TEXT) AS code,
    CAST(s.sis_section_id AS TEXT) AS sis_id,
    CASE WHEN CAST(c.homeroom_course AS BOOLEAN) THEN 'homeroom' ELSE 'scheduled' END AS kind,
    CASE WHEN s.nonxlist_course_id IS NOT NULL THEN 'course/' || CAST(s.course_id AS TEXT) END AS parent_section_id,
    CAST(s.course_id AS TEXT) AS native_course_id,
    CAST(s.created_at AS TIMESTAMPTZ) AS source_created_at,
    CASE
        WHEN c.workflow_state IS NULL OR c.workflow_state = 'available' THEN 'active'
        WHEN c.workflow_state = 'deleted' THEN 'deleted'
        ELSE 'inactive'
    END AS state,
    c.workflow_state AS native_state,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('start_at', s.start_at, 'end_at', s.end_at) AS extra
FROM sections AS s
LEFT JOIN courses AS c ON CAST(c.id AS TEXT) = CAST(s.course_id AS TEXT)
LEFT JOIN courses AS o ON CAST(o.id AS TEXT) = CAST(s.nonxlist_course_id AS TEXT)
