-- A child is the section that somebody was enrolled in before it was merged into the course. A role of the
-- institution's own observes.
SELECT
    m.id,
    m.user_id AS person_id,
    COALESCE(m.child_course_id, m.course_id) AS section_id,
    CASE
        WHEN m.course_role_id = 'Student' THEN 'student'
        WHEN m.course_role_id IN ('Instructor', 'BbFacilitator') THEN 'teacher'
        WHEN m.course_role_id IN ('TeachingAssistant', 'Grader') THEN 'assistant'
        WHEN m.course_role_id = 'CourseBuilder' THEN 'designer'
        ELSE 'observer'
    END AS role,
    CASE WHEN m.course_role_id <> 'Student' THEN CAST(m.display_order AS BIGINT) = 1 END AS is_primary,
    m.last_accessed AS last_activity_at,
    m.created AS source_created_at,
    m.modified AS source_modified_at,
    CASE WHEN m.availability__available IN ('No', 'Disabled') THEN 'inactive' ELSE 'active' END AS state,
    m.availability__available AS native_state,
    m._deleted_at AS deleted_at,
    json_object('role', m.course_role_id, 'course_id', m.course_id) AS extra
FROM memberships AS m
