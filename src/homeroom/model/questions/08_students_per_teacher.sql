-- title: Students per teacher by school
-- asks: How many students and teachers does each school or department have, and how many students for each teacher?
-- needs: section, enrollment, academic_session, course, org, person
-- columns:
--   source: the config that the row comes from
--   org_id: the platform's id; empty where neither the section nor its course is of one
--   org: the school or department
--   kind: district, school, department, account …
--   sections: active sections with anybody in them, but for those whose terms are over or have not begun
--   students: people who are students in any of them, each once
--   teachers: people who are teachers in any of them, each once; not assistants
--   students_per_teacher: empty where there is no teacher
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today
),
elsewhen AS (
    SELECT s.source, s.id
    FROM edu.section AS s
    CROSS JOIN asked AS a
    JOIN edu.academic_session AS t ON t.source = s.source AND t.id = ANY(s.session_ids) AND t.state <> 'deleted'
    GROUP BY s.source, s.id
    HAVING MAX(COALESCE(t.ends_on, a.today)) < MAX(a.today) OR MIN(COALESCE(t.starts_on, a.today)) > MAX(a.today)
),
enrolled AS (
    SELECT e.source, COALESCE(s.org_id, c.org_id) AS org_id, e.section_id, e.person_id, e.role
    FROM edu.enrollment AS e
    CROSS JOIN asked AS a
    JOIN edu.section AS s ON s.source = e.source AND s.id = e.section_id AND s.state = 'active'
    LEFT JOIN edu.course AS c ON c.source = s.source AND c.id = s.course_id
    LEFT JOIN edu.person AS p ON p.source = e.source AND p.id = e.person_id
    WHERE
        e.state = 'active'
        AND COALESCE(p.state, 'active') <> 'deleted'
        AND NOT EXISTS (SELECT 1 FROM elsewhen AS w WHERE w.source = s.source AND w.id = s.id)
        AND COALESCE(e.starts_on, a.today) <= a.today
        AND COALESCE(e.ends_on, a.today) >= a.today
),
counted AS (
    SELECT
        n.source,
        n.org_id,
        COUNT(DISTINCT n.section_id) AS sections,
        COUNT(DISTINCT CASE WHEN n.role = 'student' THEN n.person_id END) AS students,
        COUNT(DISTINCT CASE WHEN n.role = 'teacher' THEN n.person_id END) AS teachers
    FROM enrolled AS n
    WHERE n.role IN ('student', 'teacher')
    GROUP BY n.source, n.org_id
)
SELECT
    c.source,
    c.org_id,
    o.name AS org,
    o.kind,
    c.sections,
    c.students,
    c.teachers,
    CAST(1.0 * c.students / NULLIF(c.teachers, 0) AS DECIMAL(12, 1)) AS students_per_teacher
FROM counted AS c
LEFT JOIN edu.org AS o ON o.source = c.source AND o.id = c.org_id AND o.state <> 'deleted'
ORDER BY c.source, students_per_teacher DESC NULLS FIRST, o.name, c.org_id
