-- One attempt at one question. It names the question, and neither class nor quiz; who was not logged in has no user.
SELECT
    a.id,
    a.user AS person_id,
    'attempted' AS verb,
    a.item AS object_id,
    a.start_timestamp AS occurred_at,
    ROUND(CAST(a.time_spent AS DOUBLE)) AS seconds,
    a.correct AS score,
    a.start_timestamp AS source_created_at,
    a.end_timestamp AS source_modified_at,
    a._deleted_at AS deleted_at,
    json_object(
        'masterylog', a.masterylog,
        'sessionlog', a.sessionlog,
        'complete', a.complete,
        'hinted', a.hinted,
        'error', a.error,
        'completion_timestamp', a.completion_timestamp
    ) AS extra
FROM attempts AS a
