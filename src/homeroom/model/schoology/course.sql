-- Subject areas and grade levels are numbers of a list; 0 is other, and none.
SELECT
    c.id,
    c.title,
    NULLIF(CAST(c.course_code AS TEXT), '') AS code,
    c.building_id AS org_id,
    CASE CAST(c.subject_area AS TEXT)
        WHEN '1' THEN ['Health & Physical Education']
        WHEN '2' THEN ['Language Arts']
        WHEN '3' THEN ['Mathematics']
        WHEN '4' THEN ['Professional Development']
        WHEN '5' THEN ['Science']
        WHEN '6' THEN ['Social Studies']
        WHEN '7' THEN ['Special Education']
        WHEN '8' THEN ['Technology']
        WHEN '9' THEN ['Arts']
    END AS subjects,
    (
        SELECT array_agg(l.label ORDER BY l.number)
        FROM (
            SELECT 1 AS number, 'Pre-K' AS label
            UNION ALL SELECT 2 AS number, 'K' AS label
            UNION ALL SELECT 3 AS number, '1' AS label
            UNION ALL SELECT 4 AS number, '2' AS label
            UNION ALL SELECT 5 AS number, '3' AS label
            UNION ALL SELECT 6 AS number, '4' AS label
            UNION ALL SELECT 7 AS number, '5' AS label
            UNION ALL SELECT 8 AS number, '6' AS label
            UNION ALL SELECT 9 AS number, '7' AS label
            UNION ALL SELECT 10 AS number, '8' AS label
            UNION ALL SELECT 11 AS number, '9' AS label
            UNION ALL SELECT 12 AS number, '10' AS label
            UNION ALL SELECT 13 AS number, '11' AS label
            UNION ALL SELECT 14 AS number, '12' AS label
            UNION ALL SELECT 15 AS number, 'Higher-Ed' AS label
        ) AS l
        WHERE
            l.number = CAST(NULLIF(CAST(c.grade_level_range_start AS TEXT), '') AS BIGINT)
            OR (
                l.number > CAST(NULLIF(CAST(c.grade_level_range_start AS TEXT), '') AS BIGINT)
                AND CAST(NULLIF(CAST(c.grade_level_range_start AS TEXT), '') AS BIGINT) > 0
                AND l.number <= CAST(NULLIF(CAST(c.grade_level_range_end AS TEXT), '') AS BIGINT)
            )
    ) AS grades,
    c._deleted_at AS deleted_at,
    json_object('department', c.department, 'credits', c.credits) AS extra
FROM courses AS c
