-- title: Work that waits for a mark
-- asks: Where has work been handed in more than 14 days ago and not been marked or given back?
-- needs: submission, assignment, section, grade, person
-- columns:
--   source: the config that the row comes from
--   section_id: the platform's id
--   section: its title
--   assignments: how many assignments have such work
--   students: how many people wait
--   waiting: pieces of work, one for each person and assignment, by their last attempt
--   oldest_on: the day (UTC) on which the one that waits longest was handed in
--   days: how many days ago that was
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today,
        14 AS days
),
ranked AS (
    SELECT
        b.source,
        b.assignment_id,
        b.person_id,
        b.status,
        b.graded_at,
        b.submitted_at,
        ROW_NUMBER() OVER (
            PARTITION BY b.source, b.assignment_id, b.person_id
            ORDER BY b.attempt DESC NULLS LAST, b.submitted_at DESC NULLS LAST, b.id DESC
        ) AS place
    FROM edu.submission AS b
    CROSS JOIN asked AS a
    LEFT JOIN edu.person AS p ON p.source = b.source AND p.id = b.person_id
    WHERE
        b.state <> 'deleted'
        AND COALESCE(p.state, 'active') <> 'deleted'
        AND CAST(b.submitted_at AT TIME ZONE 'UTC' AS DATE) <= a.today
),
waiting AS (
    SELECT
        s.source,
        s.section_id,
        r.assignment_id,
        r.person_id,
        CAST(r.submitted_at AT TIME ZONE 'UTC' AS DATE) AS handed_in_on
    FROM ranked AS r
    JOIN edu.assignment AS s ON s.source = r.source AND s.id = r.assignment_id AND s.state <> 'deleted'
    WHERE
        r.place = 1
        AND r.status = 'submitted'
        AND r.graded_at IS NULL
        AND COALESCE(s.grading, 'points') <> 'none'
        AND NOT EXISTS (
            SELECT 1
            FROM edu.grade AS g
            WHERE
                g.source = r.source
                AND g.scope = 'assignment'
                AND g.scope_id = r.assignment_id
                AND g.person_id = r.person_id
                AND g.state <> 'deleted'
                AND COALESCE(g.recorded_at, r.submitted_at) >= r.submitted_at
        )
)
SELECT
    c.source,
    c.id AS section_id,
    c.title AS section,
    COUNT(DISTINCT w.assignment_id) AS assignments,
    COUNT(DISTINCT w.person_id) AS students,
    COUNT(*) AS waiting,
    MIN(w.handed_in_on) AS oldest_on,
    MAX(a.today) - MIN(w.handed_in_on) AS days
FROM waiting AS w
CROSS JOIN asked AS a
JOIN edu.section AS c ON c.source = w.source AND c.id = w.section_id AND c.state <> 'deleted'
WHERE w.handed_in_on < a.today - a.days
GROUP BY c.source, c.id, c.title
ORDER BY c.source, waiting DESC, oldest_on, c.title, c.id
