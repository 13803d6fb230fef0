-- The courses that statements name: activities whose type ends in /course, which are those of ADL, of TinCan's registry
-- (Moodle) and of cmi5. Where a statement names them is told in activity.sql. The title is the newest, in English where
-- there is one, else in the language that comes first, else the course's address. It begins with no table, for many
-- stores have statements and no courses, and nothing is lost then.
SELECT
    c.id,
    COALESCE(
        json_extract_string(CAST(c.names AS JSON), '$."en-US"'),
        json_extract_string(CAST(c.names AS JSON), '$.en'),
        json_extract_string(
            CAST(
                REGEXP_REPLACE(
                    c.names, '^[{] *"(?:[^"\\]|\\.)*" *: *("(?:[^"\\]|\\.)*").*$', '{"first": \1}'
                ) AS JSON
            ),
            '$.first'
        ),
        c.id
    ) AS title,
    'site' AS kind
FROM (SELECT 1 AS one) AS k
JOIN (
    SELECT
        n.id,
        CASE WHEN n.names LIKE '{%' THEN n.names END AS names,
        ROW_NUMBER() OVER (
            PARTITION BY n.id
            ORDER BY CASE WHEN n.names IS NULL THEN 1 ELSE 0 END, n.stored_at DESC, n.statement_id
        ) AS place
    FROM (
        SELECT
            p.statement_id,
            p.stored_at,
            CASE
                WHEN p.object_type LIKE '%/course' THEN p.object_id
                WHEN p.parent_type LIKE '%/course' THEN p.parent_id
                WHEN p.first_type LIKE '%/course' THEN p.first_id
                WHEN p.second_type LIKE '%/course' THEN p.second_id
                WHEN p.third_type LIKE '%/course' THEN p.third_id
            END AS id,
            CASE
                WHEN p.object_type LIKE '%/course' THEN p.object_names
                WHEN p.parent_type LIKE '%/course' THEN p.parent_names
                WHEN p.first_type LIKE '%/course' THEN p.first_names
                WHEN p.second_type LIKE '%/course' THEN p.second_names
                WHEN p.third_type LIKE '%/course' THEN p.third_names
            END AS names
        FROM (
            SELECT
                q.statement_id,
                q.stored_at,
                json_extract_string(q.object, '$.id') AS object_id,
                json_extract_string(q.object, '$.definition.type') AS object_type,
                json_extract_string(q.object, '$.definition.name') AS object_names,
                json_extract_string(q.around, '$.parent[0].id') AS parent_id,
                json_extract_string(q.around, '$.parent[0].definition.type') AS parent_type,
                json_extract_string(q.around, '$.parent[0].definition.name') AS parent_names,
                json_extract_string(q.around, '$.grouping[0].id') AS first_id,
                json_extract_string(q.around, '$.grouping[0].definition.type') AS first_type,
                json_extract_string(q.around, '$.grouping[0].definition.name') AS first_names,
                json_extract_string(q.around, '$.grouping[1].id') AS second_id,
                json_extract_string(q.around, '$.grouping[1].definition.type') AS second_type,
                json_extract_string(q.around, '$.grouping[1].definition.name') AS second_names,
                json_extract_string(q.around, '$.grouping[2].id') AS third_id,
                json_extract_string(q.around, '$.grouping[2].definition.type') AS third_type,
                json_extract_string(q.around, '$.grouping[2].definition.name') AS third_names
            FROM (
                SELECT
                    CAST(s.id AS TEXT) AS statement_id,
                    TRY_CAST(s.stored AS TIMESTAMPTZ) AS stored_at,
                    CAST(s.object AS JSON) AS object,
                    json_extract(CAST(s.context AS JSON), '$.contextActivities') AS around
                FROM statements AS s
            ) AS q
        ) AS p
    ) AS n
    WHERE n.id IS NOT NULL
) AS c ON c.place = 1
