-- Canvas lists the last attempt, and a row without one for each student who has handed nothing in.
SELECT
    s.id,
    s.assignment_id,
    s.user_id AS person_id,
    s.attempt,
    CASE
        WHEN CAST(s.excused AS BOOLEAN) THEN 'excused'
        WHEN s.workflow_state = 'graded' THEN 'graded'
        WHEN s.workflow_state IN ('submitted', 'pending_review') THEN 'submitted'
        ELSE 'not_submitted'
    END AS status,
    s.submitted_at,
    s.graded_at,
    s.late AS is_late,
    s.missing AS is_missing,
    s.score,
    s.grade AS grade_text,
    CASE WHEN s.workflow_state = 'deleted' THEN 'deleted' ELSE 'active' END AS state,
    s.workflow_state AS native_state,
    s._deleted_at AS deleted_at,
    json_object(
        'late_policy_status', s.late_policy_status,
        'seconds_late', s.seconds_late,
        'points_deducted', s.points_deducted,
        'posted_at', s.posted_at,
        'grade_matches_current_submission', s.grade_matches_current_submission
    ) AS extra
FROM submissions AS s
