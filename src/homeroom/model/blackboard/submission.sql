-- Attempts, which Learn does not count. What has not been handed in has a date as well, that of its beginning.
SELECT
    a.id,
    a._grade_columns_id AS assignment_id,
    a.user_id AS person_id,
    CASE
        WHEN CAST(a.exempt AS BOOLEAN) THEN 'excused'
        WHEN a.status IN ('NotAttempted', 'Abandoned', 'Canceled') THEN 'not_submitted'
        WHEN a.status IN ('InProgress', 'Suspended') THEN 'draft'
        WHEN a.status IN ('Completed', 'InProgressAgain') THEN 'graded'
        ELSE 'submitted'
    END AS status,
    CASE
        WHEN a.status IN ('NotAttempted', 'Abandoned', 'Canceled', 'InProgress', 'Suspended') THEN NULL
        ELSE COALESCE(CAST(a.attempt_receipt__submission_date AS TEXT), CAST(a.attempt_date AS TEXT))
    END AS submitted_at,
    CASE
        WHEN a.status IN ('NotAttempted', 'Abandoned', 'Canceled', 'InProgress', 'Suspended') THEN NULL
        ELSE
            TRY_CAST(
                COALESCE(CAST(a.attempt_receipt__submission_date AS TEXT), CAST(a.attempt_date AS TEXT)) AS TIMESTAMPTZ
            ) > TRY_CAST(c.grading__due AS TIMESTAMPTZ)
    END AS is_late,
    a.score,
    COALESCE(a.display_grade__text, a.text) AS grade_text,
    a.created AS source_created_at,
    a.modified AS source_modified_at,
    a.status AS native_state,
    a._deleted_at AS deleted_at,
    json_object(
        'group_attempt_id', a.group_attempt_id,
        'submission_size', a.attempt_receipt__submission_total_size
    ) AS extra
FROM attempts AS a
LEFT JOIN grade_columns AS c
    ON c.id = a._grade_columns_id
