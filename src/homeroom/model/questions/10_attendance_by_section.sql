-- title: Attendance by section and school
-- asks: How much of the last year were students there, and how many missed 10 percent of it or more?
-- needs: attendance, section, org, person
-- columns:
--   source: the config that the row comes from
--   org: the school or department, of the mark or else of the section
--   section_id: the platform's id; empty where attendance is taken by the day and not in sections
--   section: its title
--   people: how many have a mark
--   days_marked: marks that say present, late, absent or excused, one for each person and day
--   days_there: those that say present or late
--   attendance_percent: there, of 100 marked; empty in a source that writes down absences alone
--   often_absent: people who were away on 10 of 100 days or more, excused or not; empty as before
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today,
        365 AS days,
        10 AS often_percent
),
marks AS (
    SELECT
        t.source,
        t.section_id,
        COALESCE(t.org_id, s.org_id) AS org_id,
        t.person_id,
        t.on_date,
        MAX(CASE WHEN t.status IN ('present', 'late') THEN 1 ELSE 0 END) AS is_there
    FROM edu.attendance AS t
    CROSS JOIN asked AS a
    LEFT JOIN edu.section AS s ON s.source = t.source AND s.id = t.section_id
    LEFT JOIN edu.person AS p ON p.source = t.source AND p.id = t.person_id
    WHERE
        t.state <> 'deleted'
        AND t.status <> 'unknown'
        AND COALESCE(s.state, 'active') <> 'deleted'
        AND COALESCE(p.state, 'active') <> 'deleted'
        AND t.on_date <= a.today
        AND t.on_date > a.today - a.days
    GROUP BY t.source, t.section_id, COALESCE(t.org_id, s.org_id), t.person_id, t.on_date
),
people AS (
    SELECT
        m.source,
        m.section_id,
        m.org_id,
        m.person_id,
        COUNT(*) AS days_marked,
        SUM(m.is_there) AS days_there
    FROM marks AS m
    GROUP BY m.source, m.section_id, m.org_id, m.person_id
),
telling AS (
    SELECT m.source, MAX(m.is_there) AS tells_presence
    FROM marks AS m
    GROUP BY m.source
)
SELECT
    q.source,
    o.name AS org,
    q.section_id,
    s.title AS section,
    COUNT(*) AS people,
    CAST(SUM(q.days_marked) AS BIGINT) AS days_marked,
    CAST(SUM(q.days_there) AS BIGINT) AS days_there,
    CASE
        WHEN k.tells_presence = 1
            THEN CAST(100.0 * SUM(q.days_there) / NULLIF(SUM(q.days_marked), 0) AS DECIMAL(12, 1))
    END AS attendance_percent,
    CASE
        WHEN k.tells_presence = 1
            THEN COUNT(CASE WHEN 100 * (q.days_marked - q.days_there) >= a.often_percent * q.days_marked THEN 1 END)
    END AS often_absent
FROM people AS q
CROSS JOIN asked AS a
JOIN telling AS k ON k.source = q.source
LEFT JOIN edu.section AS s ON s.source = q.source AND s.id = q.section_id
LEFT JOIN edu.org AS o ON o.source = q.source AND o.id = q.org_id AND o.state <> 'deleted'
GROUP BY q.source, q.org_id, o.name, q.section_id, s.title, k.tells_presence
ORDER BY q.source, attendance_percent NULLS LAST, s.title NULLS FIRST, q.section_id NULLS FIRST, o.name, q.org_id
