-- title: Distribution of grades by section
-- asks: How are the marks of each section spread, and how many are below 60 percent?
-- needs: grade, section, assignment, person
-- columns:
--   source: the config that the row comes from
--   section_id: the platform's id
--   section: its title
--   scope: what was graded: the section, a session of it or assignments
--   grades: marks that are counted, one for each person and thing that was graded: the posted one before the final, the
--     final before the current, else the last
--   without_percent: those of them without a score or a maximum, such as letters; not in the columns that follow
--   average: in percent of the maximum
--   below: how many are below the bound
--   d0: below 10 percent
--   d1: from 10 to below 20 percent, and so on
--   d2: from 20 percent
--   d3: from 30 percent
--   d4: from 40 percent
--   d5: from 50 percent
--   d6: from 60 percent
--   d7: from 70 percent
--   d8: from 80 percent
--   d9: from 90 percent, also above 100
WITH asked AS (
    SELECT
        60 AS bound_percent
),
ranked AS (
    SELECT
        g.source,
        g.section_id,
        g.scope,
        g.score,
        COALESCE(g.max_score, s.max_points) AS most,
        ROW_NUMBER() OVER (
            PARTITION BY
                g.source,
                g.section_id,
                g.scope,
                g.person_id,
                CASE WHEN g.scope = 'section' THEN '' ELSE COALESCE(g.scope_id, g.id) END
            ORDER BY
                CASE g.kind WHEN 'posted' THEN 1 WHEN 'final' THEN 2 WHEN 'current' THEN 3 ELSE 4 END,
                g.recorded_at DESC NULLS LAST,
                g.id DESC
        ) AS place
    FROM edu.grade AS g
    LEFT JOIN edu.assignment AS s ON g.scope = 'assignment' AND s.source = g.source AND s.id = g.scope_id
    LEFT JOIN edu.person AS p ON p.source = g.source AND p.id = g.person_id
    WHERE
        g.state <> 'deleted'
        AND COALESCE(s.state, 'active') <> 'deleted'
        AND COALESCE(p.state, 'active') <> 'deleted'
),
marks AS (
    SELECT
        r.source,
        r.section_id,
        r.scope,
        CASE WHEN r.most > 0 THEN CAST(100.0 * r.score / r.most AS DECIMAL(30, 4)) END AS percent
    FROM ranked AS r
    WHERE r.place = 1
)
SELECT
    s.source,
    s.id AS section_id,
    s.title AS section,
    m.scope,
    COUNT(*) AS grades,
    COUNT(*) - COUNT(m.percent) AS without_percent,
    CAST(AVG(m.percent) AS DECIMAL(12, 1)) AS average,
    COUNT(CASE WHEN m.percent < a.bound_percent THEN 1 END) AS below,
    COUNT(CASE WHEN m.percent < 10 THEN 1 END) AS d0,
    COUNT(CASE WHEN m.percent >= 10 AND m.percent < 20 THEN 1 END) AS d1,
    COUNT(CASE WHEN m.percent >= 20 AND m.percent < 30 THEN 1 END) AS d2,
    COUNT(CASE WHEN m.percent >= 30 AND m.percent < 40 THEN 1 END) AS d3,
    COUNT(CASE WHEN m.percent >= 40 AND m.percent < 50 THEN 1 END) AS d4,
    COUNT(CASE WHEN m.percent >= 50 AND m.percent < 60 THEN 1 END) AS d5,
    COUNT(CASE WHEN m.percent >= 60 AND m.percent < 70 THEN 1 END) AS d6,
    COUNT(CASE WHEN m.percent >= 70 AND m.percent < 80 THEN 1 END) AS d7,
    COUNT(CASE WHEN m.percent >= 80 AND m.percent < 90 THEN 1 END) AS d8,
    COUNT(CASE WHEN m.percent >= 90 THEN 1 END) AS d9
FROM edu.section AS s
CROSS JOIN asked AS a
JOIN marks AS m ON m.source = s.source AND m.section_id = s.id
WHERE s.state <> 'deleted'
GROUP BY s.source, s.id, s.title, m.scope
ORDER BY s.source, s.title, s.id, m.scope
