-- Ids of course work are unique within a course. What has no points is not graded.
SELECT
    CAST(w.course_id AS TEXT) || '/' || CAST(w.id AS TEXT) AS id,
    w.title,
    w.course_id AS section_id,
    CAST(w.course_id AS TEXT) || '/' || CAST(w.topic_id AS TEXT) AS category_id,
    CASE w.work_type
        WHEN 'ASSIGNMENT' THEN 'assignment'
        WHEN 'SHORT_ANSWER_QUESTION' THEN 'quiz'
        WHEN 'MULTIPLE_CHOICE_QUESTION' THEN 'quiz'
        ELSE 'other'
    END AS kind,
    w.description,
    w.scheduled_time AS opens_at,
    w.due_at,
    w.max_points,
    CASE WHEN w.work_type IS NOT NULL THEN [CAST(w.work_type AS TEXT)] END AS submission_types,
    CASE WHEN CAST(w.max_points AS DECIMAL(12, 4)) > 0 THEN 'points' ELSE 'none' END AS grading,
    w.creation_time AS source_created_at,
    w.update_time AS source_modified_at,
    CASE w.state WHEN 'PUBLISHED' THEN 'active' WHEN 'DELETED' THEN 'deleted' ELSE 'inactive' END AS state,
    w.state AS native_state,
    w._deleted_at AS deleted_at,
    json_object(
        'assignee_mode', w.assignee_mode,
        'grade_category', w.grade_category__name,
        'grade_category_weight', w.grade_category__weight
    ) AS extra
FROM course_work AS w
