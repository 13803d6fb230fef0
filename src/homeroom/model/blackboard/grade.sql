-- `score` is in points; `displayGrade.score` is in percent where that is the column's scale, while `possible` is in
-- points even then. A row without any mark waits for one.
SELECT
    g.column_id || '/' || g.user_id AS id,
    g.user_id AS person_id,
    c._courses_id AS section_id,
    CASE
        WHEN c.grading__type = 'Calculated' THEN 'section'
        WHEN CAST(c.external_grade AS BOOLEAN) AND c.grading__type IS DISTINCT FROM 'Attempts' THEN 'section'
        ELSE 'assignment'
    END AS scope,
    CASE
        WHEN c.grading__type = 'Calculated' THEN c._courses_id
        WHEN CAST(c.external_grade AS BOOLEAN) AND c.grading__type IS DISTINCT FROM 'Attempts' THEN c._courses_id
        ELSE g.column_id
    END AS scope_id,
    CASE
        WHEN CAST(c.external_grade AS BOOLEAN) AND c.grading__type IS DISTINCT FROM 'Attempts' THEN 'final'
        WHEN c.grading__type = 'Calculated' THEN 'current'
    END AS kind,
    COALESCE(CAST(g.score AS DECIMAL(18, 6)), CAST(g.display_grade__score AS DECIMAL(18, 6))) AS score,
    CASE
        WHEN g.score IS NULL AND g.display_grade__scale_type = 'Percent' THEN 100
        ELSE COALESCE(CAST(g.display_grade__possible AS DECIMAL(18, 6)), CAST(c.score__possible AS DECIMAL(18, 6)))
    END AS max_score,
    COALESCE(g.display_grade__text, g.text) AS grade_text,
    g.overridden AS recorded_at,
    g.status AS native_state,
    g._deleted_at AS deleted_at,
    json_object(
        'column', c.name,
        'column_id', g.column_id,
        'scale', g.display_grade__scale_type,
        'exempt', g.exempt
    ) AS extra
FROM grades AS g
LEFT JOIN grade_columns AS c
    ON c.id = g.column_id
WHERE
    g.score IS NOT NULL
    OR g.display_grade__score IS NOT NULL
    OR g.display_grade__text IS NOT NULL
    OR g.text IS NOT NULL
