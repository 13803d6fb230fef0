-- title: Rosters that differ between two sources
-- asks: Who is in the student information system and not in the learning platform, or the other way round?
-- needs: person, section, enrollment
-- columns:
--   source: where the person is
--   missing_in: where not
--   difference: no account: nobody there has the same key; not in section: the person is there, and the section too,
--     by its number in the student information system, but the person is not in it
--   section_id: the id in source of the section that the person is missing from
--   section: its title
--   person_id: the id in source
--   name: as source shows it
--   role: in the section, or else the person's first one; students and teachers alone are compared, and people of
--     whom no role is told
--   by_which: the keys by which the person was found there (sis_id, master_id, email), or else those that were looked
--     for; empty where the person has none, so that nobody can tell
WITH asked AS (
    -- Write the names of your two configs: 'powerschool' AS sis, 'canvas' AS lms. Else they are the first and the last.
    SELECT
        (SELECT MIN(p.source) FROM edu.person AS p) AS sis,
        (SELECT MAX(p.source) FROM edu.person AS p) AS lms,
        CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE) AS today
),
accounts AS (
    SELECT
        p.source,
        CASE WHEN p.source = a.sis THEN a.lms ELSE a.sis END AS other,
        p.id,
        p.state,
        p.primary_role,
        COALESCE(p.display_name, p.given_name || ' ' || p.family_name, p.username) AS name,
        TRIM(p.sis_id) AS sis_id,
        TRIM(p.master_id) AS master_id,
        LOWER(TRIM(p.email)) AS email
    FROM edu.person AS p
    CROSS JOIN asked AS a
    WHERE p.source IN (a.sis, a.lms) AND a.sis <> a.lms AND p.state <> 'deleted'
),
keys AS (
    SELECT c.source, c.other, c.id, 'sis_id' AS key, c.sis_id AS value
    FROM accounts AS c
    WHERE c.sis_id <> ''
    UNION ALL
    -- A learning platform often keeps the id itself.
    SELECT c.source, c.other, c.id, 'sis_id', c.id
    FROM accounts AS c
    JOIN asked AS a ON a.sis = c.source
    UNION ALL
    SELECT c.source, c.other, c.id, 'master_id', c.master_id
    FROM accounts AS c
    WHERE c.master_id <> ''
    UNION ALL
    SELECT c.source, c.other, c.id, 'email', c.email
    FROM accounts AS c
    WHERE c.email <> ''
),
looked AS (
    SELECT k.source, k.id, STRING_AGG(DISTINCT k.key, ', ' ORDER BY k.key) AS by_which
    FROM keys AS k
    GROUP BY k.source, k.id
),
found AS (
    SELECT k.source, k.id, m.id AS other_id, STRING_AGG(DISTINCT k.key, ', ' ORDER BY k.key) AS by_which
    FROM keys AS k
    JOIN keys AS m ON m.source = k.other AND m.key = k.key AND m.value = k.value
    GROUP BY k.source, k.id, m.id
),
matched AS (
    SELECT s.source, s.id, l.source AS other, l.id AS other_id
    FROM asked AS a
    JOIN edu.section AS s ON s.source = a.sis AND s.state = 'active'
    JOIN edu.section AS l ON l.source = a.lms AND l.state = 'active' AND l.sis_id = s.id
    WHERE a.sis <> a.lms
    UNION
    SELECT s.source, s.id, l.source, l.id
    FROM asked AS a
    JOIN edu.section AS s ON s.source = a.sis AND s.state = 'active'
    JOIN edu.section AS l ON l.source = a.lms AND l.state = 'active' AND l.sis_id = s.sis_id
    WHERE a.sis <> a.lms
),
sections AS (
    SELECT d.source, d.id, d.other, d.other_id
    FROM matched AS d
    UNION ALL
    SELECT d.other, d.other_id, d.source, d.id
    FROM matched AS d
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
    SELECT DISTINCT l.source, l.section_id, e.person_id, e.role
    FROM places AS l
    CROSS JOIN asked AS a
    JOIN edu.enrollment AS e ON e.source = l.source AND e.section_id = l.enrolled_in
    WHERE e.state = 'active' AND COALESCE(e.ends_on, a.today) >= a.today
),
absent AS (
    SELECT
        n.source,
        x.other,
        n.section_id,
        n.person_id,
        n.role,
        MAX(f.by_which) AS by_which,
        COUNT(o.person_id) AS there
    FROM enrolled AS n
    JOIN sections AS x ON x.source = n.source AND x.id = n.section_id
    JOIN found AS f ON f.source = n.source AND f.id = n.person_id
    LEFT JOIN enrolled AS o ON o.source = x.other AND o.section_id = x.other_id AND o.person_id = f.other_id
    WHERE n.role IN ('student', 'teacher')
    GROUP BY n.source, x.other, n.section_id, n.person_id, n.role
),
differing AS (
    SELECT
        c.source,
        c.other AS missing_in,
        'no account' AS difference,
        CAST(NULL AS TEXT) AS section_id,
        c.id AS person_id,
        c.primary_role AS role,
        l.by_which
    FROM accounts AS c
    LEFT JOIN looked AS l ON l.source = c.source AND l.id = c.id
    WHERE
        c.state = 'active'
        AND COALESCE(c.primary_role, 'student') IN ('student', 'teacher')
        AND NOT EXISTS (SELECT 1 FROM found AS f WHERE f.source = c.source AND f.id = c.id)
    UNION ALL
    SELECT b.source, b.other, 'not in section', b.section_id, b.person_id, b.role, b.by_which
    FROM absent AS b
    WHERE b.there = 0
)
SELECT
    r.source,
    r.missing_in,
    r.difference,
    r.section_id,
    s.title AS section,
    r.person_id,
    c.name,
    r.role,
    r.by_which
FROM differing AS r
JOIN accounts AS c ON c.source = r.source AND c.id = r.person_id
LEFT JOIN edu.section AS s ON s.source = r.source AND s.id = r.section_id
ORDER BY r.source, r.difference, s.title NULLS FIRST, r.section_id NULLS FIRST, c.name NULLS LAST, r.person_id, r.role
