-- Of a course, two for each enrollment, in percent: with what is graded so far, and with what is not as zero.
SELECT
    'enrollment/' || CAST(e.id AS TEXT) || '/current' AS id,
    CAST(e.user_id AS TEXT) AS person_id,
    CAST(e.course_section_id AS TEXT) AS section_id,
    'section' AS scope,
    CAST(e.course_section_id AS TEXT) AS scope_id,
    'current' AS kind,
    CAST(e.grades__current_score AS TEXT) AS score,
    CAST(100 AS TEXT) AS max_score,
    CAST(e.grades__current_grade AS TEXT) AS grade_text,
    CAST(NULL AS TIMESTAMPTZ) AS recorded_at,
    CAST(e.updated_at AS TIMESTAMPTZ) AS source_modified_at,
    CASE e.enrollment_state WHEN 'active' THEN 'active' WHEN 'deleted' THEN 'deleted' ELSE 'inactive' END AS state,
    e.enrollment_state AS native_state,
    CAST(e._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('unposted_score', e.grades__unposted_current_score) AS extra
FROM enrollments AS e
WHERE e.grades__current_score IS NOT NULL OR e.grades__current_grade IS NOT NULL
UNION ALL
SELECT
    'enrollment/' || CAST(e.id AS TEXT) || '/final' AS id,
    CAST(e.user_id AS TEXT) AS person_id,
    CAST(e.course_section_id AS TEXT) AS section_id,
    'section' AS scope,
    CAST(e.course_section_id AS TEXT) AS scope_id,
    'final' AS kind,
    CAST(e.grades__final_score AS TEXT) AS score,
    CAST(100 AS TEXT) AS max_score,
    CAST(e.grades__final_grade AS TEXT) AS grade_text,
    CAST(NULL AS TIMESTAMPTZ) AS recorded_at,
    CAST(e.updated_at AS TIMESTAMPTZ) AS source_modified_at,
    CASE e.enrollment_state WHEN 'active' THEN 'active' WHEN 'deleted' THEN 'deleted' ELSE 'inactive' END AS state,
    e.enrollment_state AS native_state,
    CAST(e._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('unposted_score', e.grades__unposted_final_score) AS extra
FROM enrollments AS e
WHERE e.grades__final_score IS NOT NULL OR e.grades__final_grade IS NOT NULL
UNION ALL
SELECT
    CAST(s.id AS TEXT) AS id,
    CAST(s.user_id AS TEXT) AS person_id,
    'course/' || COALESCE(CAST(s._courses_id AS TEXT), CAST(a.course_id AS TEXT)) AS section_id,
    'assignment' AS scope,
    CAST(s.assignment_id AS TEXT) AS scope_id,
    CAST(NULL AS TEXT) AS kind,
    CAST(s.score AS TEXT) AS score,
    CAST(a.points_possible AS TEXT) AS max_score,
    CAST(s.grade AS TEXT) AS grade_text,
    CAST(s.graded_at AS TIMESTAMPTZ) AS recorded_at,
    CAST(NULL AS TIMESTAMPTZ) AS source_modified_at,
    CASE WHEN s.workflow_state = 'deleted' THEN 'deleted' ELSE 'active' END AS state,
    s.workflow_state AS native_state,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object('posted_at', s.posted_at) AS extra
FROM submissions AS s
LEFT JOIN assignments AS a ON CAST(a.id AS TEXT) = CAST(s.assignment_id AS TEXT)
WHERE s.score IS NOT NULL OR s.grade IS NOT NULL
