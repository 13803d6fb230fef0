-- `Term`, as availability or as duration, is that of the term. Who is enrolled in a child works in its parent's site.
SELECT
    c.id,
    c.name AS title,
    CASE WHEN CAST(c.organization AS BOOLEAN) THEN NULL ELSE c.id END AS course_id,
    CASE WHEN c.term_id IS NOT NULL THEN [c.term_id] END AS session_ids,
    c.course_id AS code,
    c.external_id AS sis_id,
    CASE WHEN CAST(c.organization AS BOOLEAN) THEN 'group' ELSE 'site' END AS kind,
    c.parent_id AS parent_section_id,
    COALESCE(c.parent_id, c.id) AS native_course_id,
    c.created AS source_created_at,
    c.modified AS source_modified_at,
    CASE
        WHEN CAST(c.closed_complete AS BOOLEAN) THEN 'inactive'
        WHEN c.availability__available IN ('No', 'Disabled') THEN 'inactive'
        WHEN c.availability__available = 'Term' AND t.availability__available = 'No' THEN 'inactive'
        WHEN TRY_CAST(c.availability__duration__end AS TIMESTAMPTZ) < CURRENT_TIMESTAMP THEN 'inactive'
        WHEN
            c.availability__duration__type = 'Term'
            AND TRY_CAST(t.availability__duration__end AS TIMESTAMPTZ) < CURRENT_TIMESTAMP
            THEN 'inactive'
        ELSE 'active'
    END AS state,
    c.availability__available AS native_state,
    c._deleted_at AS deleted_at,
    json_object(
        'closed_complete', c.closed_complete,
        'ultra_status', c.ultra_status,
        'duration', c.availability__duration__type,
        'start', c.availability__duration__start,
        'end', c.availability__duration__end,
        'has_children', c.has_children
    ) AS extra
FROM courses AS c
LEFT JOIN terms AS t
    ON t.id = c.term_id
