-- A student view (StudentViewEnrollment) is nobody's: an observer, that no count of students has it.
SELECT
    e.id,
    e.user_id AS person_id,
    e.course_section_id AS section_id,
    CASE e.type
        WHEN 'StudentEnrollment' THEN 'student'
        WHEN 'TeacherEnrollment' THEN 'teacher'
        WHEN 'TaEnrollment' THEN 'assistant'
        WHEN 'DesignerEnrollment' THEN 'designer'
        ELSE 'observer'
    END AS role,
    CAST(CAST(e.start_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS starts_on,
    CAST(CAST(e.end_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS ends_on,
    e.last_activity_at,
    e.created_at AS source_created_at,
    e.updated_at AS source_modified_at,
    CASE e.enrollment_state WHEN 'active' THEN 'active' WHEN 'deleted' THEN 'deleted' ELSE 'inactive' END AS state,
    e.enrollment_state AS native_state,
    e._deleted_at AS deleted_at,
    json_object('type', e.type, 'role', e.role, 'total_activity_time', e.total_activity_time) AS extra
FROM enrollments AS e
