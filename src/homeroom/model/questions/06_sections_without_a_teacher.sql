-- title: Sections without a teacher
-- asks: Which sections have students and nobody who teaches them, or the course site that they are of?
-- needs: section, enrollment, academic_session, org, person
-- columns:
--   source: the config that the row comes from
--   org: the school or department
--   section_id: the platform's id
--   section: its title; those whose terms are over are left out
--   students: people who are enrolled as students
--   assistants: people who are enrolled as assistants
--   former_teachers: people whose enrollment as a teacher has ended or is suspended
WITH asked AS (
    SELECT
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today,
        1 AS least_students
),
ended AS (
    SELECT s.source, s.id
    FROM edu.section AS s
    CROSS JOIN asked AS a
    JOIN edu.academic_session AS t ON t.source = s.source AND t.id = ANY(s.session_ids) AND t.state <> 'deleted'
    GROUP BY s.source, s.id
    HAVING MAX(COALESCE(t.ends_on, a.today)) < MAX(a.today)
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
enrolled AS (
    SELECT
        e.source,
        e.section_id,
        e.person_id,
        e.role,
        MAX(CASE WHEN e.state = 'active' AND COALESCE(e.ends_on, a.today) >= a.today THEN 1 ELSE 0 END) AS is_there
    FROM edu.enrollment AS e
    CROSS JOIN asked AS a
    LEFT JOIN edu.person AS p ON p.source = e.source AND p.id = e.person_id
    WHERE e.state <> 'deleted' AND COALESCE(p.state, 'active') <> 'deleted'
    GROUP BY e.source, e.section_id, e.person_id, e.role
),
counted AS (
    SELECT
        n.source,
        n.section_id,
        COUNT(CASE WHEN n.role = 'student' AND n.is_there = 1 THEN 1 END) AS students,
        COUNT(CASE WHEN n.role = 'assistant' AND n.is_there = 1 THEN 1 END) AS assistants,
        COUNT(CASE WHEN n.role = 'teacher' AND n.is_there = 0 THEN 1 END) AS former_teachers
    FROM enrolled AS n
    GROUP BY n.source, n.section_id
),
taught AS (
    SELECT DISTINCT l.source, l.section_id
    FROM places AS l
    JOIN enrolled AS n ON n.source = l.source AND n.section_id = l.enrolled_in
    WHERE n.role = 'teacher' AND n.is_there = 1
)
SELECT
    s.source,
    o.name AS org,
    s.id AS section_id,
    s.title AS section,
    COALESCE(c.students, 0) AS students,
    COALESCE(c.assistants, 0) AS assistants,
    COALESCE(c.former_teachers, 0) AS former_teachers
FROM edu.section AS s
CROSS JOIN asked AS a
LEFT JOIN counted AS c ON c.source = s.source AND c.section_id = s.id
LEFT JOIN edu.org AS o ON o.source = s.source AND o.id = s.org_id AND o.state <> 'deleted'
WHERE
    s.state = 'active'
    AND COALESCE(c.students, 0) >= a.least_students
    AND NOT EXISTS (SELECT 1 FROM ended AS d WHERE d.source = s.source AND d.id = s.id)
    AND NOT EXISTS (
        SELECT 1
        FROM places AS l
        JOIN taught AS h ON h.source = l.source AND h.section_id = l.section_id
        WHERE l.source = s.source AND l.enrolled_in = s.id
    )
ORDER BY s.source, students DESC, s.title, s.id
