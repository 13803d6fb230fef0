SELECT
    c.id,
    c.name AS title,
    c.code,
    c.school_id AS org_id,
    CASE WHEN c.subject__name IS NOT NULL THEN [c.subject__name] END AS subjects,
    n.found AS grades,
    c.created_at AS source_created_at,
    c.updated_at AS source_modified_at,
    CASE WHEN CAST(c.is_open AS BOOLEAN) THEN 'active' ELSE 'inactive' END AS state,
    CAST(c.is_open AS TEXT) AS native_state,
    c._deleted_at AS deleted_at,
    json_object('description', c.description, 'credits', c.credits) AS extra
FROM courses AS c
LEFT JOIN (
    SELECT
        g._dlt_parent_id AS parent,
        array_agg(CAST(g.value AS TEXT) ORDER BY g._dlt_list_idx) AS found
    FROM courses__grades AS g
    GROUP BY g._dlt_parent_id
) AS n ON n.parent = c._dlt_id
