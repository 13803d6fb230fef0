-- title: Late and missing work by section
-- asks: How much of the work that was due has been handed in, how much of it late, and how much is missing?
-- needs: assignment, submission, section, enrollment, person
-- columns:
--   source: the config that the row comes from
--   section_id: the platform's id
--   section: its title
--   assignments: assignments that were due by today, or have no due date, and of which the platform lists any work
--   handed_in: pieces of work handed in, one for each student and assignment, however many attempts
--   late: those of which every attempt was late, as the platform says, or else by the due date
--   missing: pieces that the platform calls missing, or lists as not handed in although they were due
--   unlisted: pieces of present students that were due and of which the platform has no row; where it lists only what
--     was handed in, these are missing too
--   late_percent: late, of 100 handed in
--   missing_percent: missing, of 100 handed in or missing
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today
),
places AS (
    SELECT s.source, s.id AS section_id, s.id AS enrolled_in
    FROM edu.section AS s
    WHERE s.state <> 'deleted'
    UNION
    -- Who is in a section is in its course site too, where assignments may be,
    SELECT s.source, y.id, s.id
    FROM edu.section AS s
    JOIN edu.section AS y ON y.source = s.source AND y.native_course_id = s.native_course_id AND y.kind = 'site'
    WHERE s.state <> 'deleted' AND y.state <> 'deleted' AND COALESCE(s.kind, '') <> 'site'
    UNION
    -- and in the one that it is cross-listed into.
    SELECT s.source, y.id, s.id
    FROM edu.section AS s
    JOIN edu.section AS y ON y.source = s.source AND y.id = s.parent_section_id
    WHERE s.state <> 'deleted' AND y.state <> 'deleted'
),
students AS (
    SELECT
        l.source,
        l.section_id,
        e.person_id,
        MAX(CASE WHEN e.state = 'active' AND COALESCE(e.ends_on, a.today) >= a.today THEN 1 ELSE 0 END) AS is_there
    FROM places AS l
    CROSS JOIN asked AS a
    JOIN edu.enrollment AS e ON e.source = l.source AND e.section_id = l.enrolled_in
    LEFT JOIN edu.person AS p ON p.source = e.source AND p.id = e.person_id
    WHERE e.role = 'student' AND e.state <> 'deleted' AND COALESCE(p.state, 'active') <> 'deleted'
    GROUP BY l.source, l.section_id, e.person_id
),
due AS (
    SELECT s.source, s.id AS assignment_id, s.section_id, s.due_at, CAST(s.due_at AT TIME ZONE 'UTC' AS DATE) AS due_on
    FROM edu.assignment AS s
    CROSS JOIN asked AS a
    WHERE
        s.state <> 'deleted'
        AND COALESCE(CAST(s.due_at AT TIME ZONE 'UTC' AS DATE) < a.today, TRUE)
        AND EXISTS (
            SELECT 1
            FROM edu.submission AS x
            WHERE x.source = s.source AND x.assignment_id = s.id AND x.state <> 'deleted'
        )
),
work AS (
    SELECT
        b.source,
        b.assignment_id,
        b.person_id,
        MAX(
            CASE
                WHEN b.status IN ('submitted', 'returned', 'graded') AND NOT COALESCE(b.is_missing, FALSE) THEN 1
                ELSE 0
            END
        ) AS is_in,
        MIN(
            CASE
                WHEN b.status NOT IN ('submitted', 'returned', 'graded') OR COALESCE(b.is_missing, FALSE) THEN NULL
                WHEN COALESCE(b.is_late, b.submitted_at > d.due_at, FALSE) THEN 1
                ELSE 0
            END
        ) AS is_late,
        MAX(
            CASE
                WHEN b.status = 'excused' THEN 0
                WHEN b.is_missing THEN 1
                WHEN b.status IN ('not_submitted', 'draft') AND d.due_on IS NOT NULL THEN 1
                ELSE 0
            END
        ) AS is_missing,
        MAX(CASE WHEN b.status = 'excused' THEN 1 ELSE 0 END) AS is_excused
    FROM edu.submission AS b
    JOIN due AS d ON d.source = b.source AND d.assignment_id = b.assignment_id
    WHERE b.state <> 'deleted'
    GROUP BY b.source, b.assignment_id, b.person_id
),
pieces AS (
    SELECT
        d.source,
        d.section_id,
        d.assignment_id,
        COALESCE(w.is_in, 0) AS is_in,
        CASE WHEN w.is_in = 1 THEN w.is_late ELSE 0 END AS is_late,
        CASE WHEN w.is_in = 0 AND w.is_excused = 0 THEN w.is_missing ELSE 0 END AS is_missing,
        CASE WHEN w.person_id IS NULL AND t.is_there = 1 AND d.due_on IS NOT NULL THEN 1 ELSE 0 END AS is_unlisted
    FROM due AS d
    JOIN students AS t ON t.source = d.source AND t.section_id = d.section_id
    LEFT JOIN work AS w
        ON w.source = d.source AND w.assignment_id = d.assignment_id AND w.person_id = t.person_id
)
SELECT
    c.source,
    c.id AS section_id,
    c.title AS section,
    COUNT(DISTINCT i.assignment_id) AS assignments,
    CAST(SUM(i.is_in) AS BIGINT) AS handed_in,
    CAST(SUM(i.is_late) AS BIGINT) AS late,
    CAST(SUM(i.is_missing) AS BIGINT) AS missing,
    CAST(SUM(i.is_unlisted) AS BIGINT) AS unlisted,
    CAST(100.0 * SUM(i.is_late) / NULLIF(SUM(i.is_in), 0) AS DECIMAL(12, 1)) AS late_percent,
    CAST(100.0 * SUM(i.is_missing) / NULLIF(SUM(i.is_in) + SUM(i.is_missing), 0) AS DECIMAL(12, 1)) AS missing_percent
FROM edu.section AS c
JOIN pieces AS i ON i.source = c.source AND i.section_id = c.id
WHERE c.state <> 'deleted'
GROUP BY c.source, c.id, c.title
ORDER BY c.source, missing DESC, late DESC, unlisted DESC, c.title, c.id
