-- title: Enrolled by section and term
-- asks: How many students and teachers does each section have, term by term?
-- needs: section, enrollment, academic_session, org, person
-- columns:
--   source: the config that the row comes from
--   term: a session that the section is held in; a section of two has two rows, a section of none has one
--   org: the school or department
--   section_id: the platform's id
--   section: its title; a course site whose sections have the people is left out
--   students: people enrolled as students today, or on the last day of a term that is over
--   ever: people who are or were students there; some platforms end all enrollments with the term, and say no day
--   teachers: people enrolled as teachers, as students are counted
WITH asked AS (
    SELECT CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today
),
held AS (
    SELECT s.source, s.id AS section_id, t.id, t.title, t.starts_on, t.ends_on
    FROM edu.section AS s
    JOIN edu.academic_session AS t ON t.source = s.source AND t.id = ANY(s.session_ids) AND t.state <> 'deleted'
),
enrolled AS (
    SELECT e.source, e.section_id, e.person_id, e.role, a.today,
        CASE WHEN e.state = 'active' THEN COALESCE(e.ends_on, a.today)
            WHEN e.ends_on < a.today THEN e.ends_on END AS until
    FROM edu.enrollment AS e CROSS JOIN asked AS a
    LEFT JOIN edu.person AS p ON p.source = e.source AND p.id = e.person_id
    WHERE e.state <> 'deleted' AND COALESCE(p.state, 'active') <> 'deleted'
)
SELECT s.source, t.title AS term, o.name AS org, s.id AS section_id, s.title AS section,
    COUNT(DISTINCT CASE WHEN e.role = 'student' AND e.until >= LEAST(t.ends_on, e.today)
        THEN e.person_id END) AS students,
    COUNT(DISTINCT CASE WHEN e.role = 'student' THEN e.person_id END) AS ever,
    COUNT(DISTINCT CASE WHEN e.role = 'teacher' AND e.until >= LEAST(t.ends_on, e.today)
        THEN e.person_id END) AS teachers
FROM edu.section AS s
LEFT JOIN held AS t ON t.source = s.source AND t.section_id = s.id
LEFT JOIN edu.org AS o ON o.source = s.source AND o.id = s.org_id AND o.state <> 'deleted'
LEFT JOIN enrolled AS e ON e.source = s.source AND e.section_id = s.id
WHERE s.state <> 'deleted'
GROUP BY s.source, t.id, t.title, t.starts_on, o.name, s.id, s.title, s.kind, s.native_course_id
HAVING COUNT(e.person_id) > 0 OR COALESCE(s.kind, '') <> 'site' OR NOT EXISTS (
    SELECT 1 FROM edu.section AS c WHERE c.source = s.source AND c.state <> 'deleted'
    AND c.native_course_id = s.native_course_id AND c.kind <> 'site')
ORDER BY s.source, t.starts_on DESC NULLS LAST, students DESC, s.title, s.id, t.id
