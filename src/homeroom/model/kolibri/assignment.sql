-- A lesson is a list of resources to work through. A quiz opens when a coach starts it, and closes when one ends it.
-- Each of its questions counts one point. `assigned_to` are the class or groups that it is for; single learners come besides.
SELECT
    l.id,
    l.title,
    l.collection AS section_id,
    'assignment' AS kind,
    NULLIF(CAST(l.description AS TEXT), '') AS description,
    CAST(NULL AS TIMESTAMPTZ) AS opens_at,
    CAST(NULL AS TIMESTAMPTZ) AS closes_at,
    CAST(NULL AS BIGINT) AS max_points,
    'none' AS grading,
    CAST(l.date_created AS TIMESTAMPTZ) AS source_created_at,
    CASE WHEN CAST(l.active AS BOOLEAN) THEN 'active' ELSE 'inactive' END AS state,
    CASE WHEN CAST(l.active AS BOOLEAN) THEN 'active' ELSE 'inactive' END AS native_state,
    CAST(l._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'kind', 'lesson',
        'assigned_to', (
            SELECT array_agg(CAST(a.value AS TEXT) ORDER BY a._dlt_list_idx)
            FROM lessons__assignments AS a
            WHERE a._dlt_parent_id = l._dlt_id
        )
    ) AS extra
FROM lessons AS l
UNION ALL
SELECT
    CAST(q.id AS TEXT) AS id,
    q.title,
    q.collection AS section_id,
    'quiz' AS kind,
    NULL AS description,
    CAST(q.date_activated AS TIMESTAMPTZ) AS opens_at,
    CAST(q.date_archived AS TIMESTAMPTZ) AS closes_at,
    CAST(q.question_count AS BIGINT) AS max_points,
    'points' AS grading,
    CAST(q.date_created AS TIMESTAMPTZ) AS source_created_at,
    CASE
        WHEN CAST(q.active AS BOOLEAN) AND NOT COALESCE(CAST(q.archive AS BOOLEAN), FALSE) THEN 'active'
        ELSE 'inactive'
    END AS state,
    CASE
        WHEN CAST(q.draft AS BOOLEAN) THEN 'draft'
        WHEN CAST(q.archive AS BOOLEAN) THEN 'archive'
        WHEN CAST(q.active AS BOOLEAN) THEN 'active'
        ELSE 'inactive'
    END AS native_state,
    CAST(q._deleted_at AS TIMESTAMPTZ) AS deleted_at,
    json_object(
        'kind', 'quiz',
        'assigned_to', (
            SELECT array_agg(CAST(b.value AS TEXT) ORDER BY b._dlt_list_idx)
            FROM quizzes__assignments AS b
            WHERE b._dlt_parent_id = q._dlt_id
        )
    ) AS extra
FROM quizzes AS q
