-- title: Students without activity for 14 days
-- asks: Of which students has their platform seen nothing for 14 days, no work, no visit and nothing else?
-- needs: enrollment, section, academic_session, person, submission, activity
-- columns:
--   source: the config that the row comes from; one that tells of no activity of anybody is left out
--   person_id: the platform's id
--   name: as the platform shows it
--   email: where the platform gives it
--   sections: in how many sections the person is a student; not those whose terms are over, or have begun since
--   last_seen_on: the day (UTC) of the last submission, activity or visit; empty where there was none
--   days: how many days ago that was
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today,
        14 AS days
),
signs AS (
    SELECT s.source, s.person_id, s.submitted_at AS seen_at
    FROM edu.submission AS s
    WHERE s.state <> 'deleted'
    UNION ALL
    SELECT c.source, c.person_id, c.occurred_at
    FROM edu.activity AS c
    WHERE c.state <> 'deleted'
    UNION ALL
    SELECT e.source, e.person_id, e.last_activity_at
    FROM edu.enrollment AS e
    WHERE e.state <> 'deleted'
),
seen AS (
    SELECT i.source, i.person_id, MAX(CAST(i.seen_at AT TIME ZONE 'UTC' AS DATE)) AS last_seen_on
    FROM signs AS i
    CROSS JOIN asked AS a
    WHERE CAST(i.seen_at AT TIME ZONE 'UTC' AS DATE) <= a.today
    GROUP BY i.source, i.person_id
),
elsewhen AS (
    SELECT s.source, s.id
    FROM edu.section AS s
    CROSS JOIN asked AS a
    JOIN edu.academic_session AS t ON t.source = s.source AND t.id = ANY(s.session_ids) AND t.state <> 'deleted'
    GROUP BY s.source, s.id
    HAVING
        MAX(COALESCE(t.ends_on, a.today)) < MAX(a.today)
        OR MIN(COALESCE(t.starts_on, a.today - a.days)) > MAX(a.today - a.days)
),
students AS (
    SELECT e.source, e.person_id, COUNT(DISTINCT e.section_id) AS sections
    FROM edu.enrollment AS e
    CROSS JOIN asked AS a
    LEFT JOIN edu.section AS s ON s.source = e.source AND s.id = e.section_id
    WHERE
        e.role = 'student'
        AND e.state = 'active'
        AND COALESCE(s.state, 'active') = 'active'
        AND NOT EXISTS (SELECT 1 FROM elsewhen AS w WHERE w.source = e.source AND w.id = e.section_id)
        AND COALESCE(e.starts_on, a.today - a.days) <= a.today - a.days
        AND COALESCE(e.ends_on, a.today) >= a.today
    GROUP BY e.source, e.person_id
)
SELECT
    t.source,
    t.person_id,
    COALESCE(p.display_name, p.given_name || ' ' || p.family_name, p.username) AS name,
    p.email,
    t.sections,
    n.last_seen_on,
    a.today - n.last_seen_on AS days
FROM students AS t
CROSS JOIN asked AS a
LEFT JOIN edu.person AS p ON p.source = t.source AND p.id = t.person_id
LEFT JOIN seen AS n ON n.source = t.source AND n.person_id = t.person_id
WHERE
    t.source IN (SELECT k.source FROM seen AS k)
    AND COALESCE(p.state, 'active') = 'active'
    AND (n.last_seen_on IS NULL OR n.last_seen_on < a.today - a.days)
ORDER BY t.source, n.last_seen_on NULLS FIRST, t.person_id
