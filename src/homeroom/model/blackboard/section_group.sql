SELECT
    g.id,
    g.name AS title,
    g._courses_id AS section_id,
    g.created AS source_created_at,
    g.modified AS source_modified_at,
    CASE WHEN g.availability__available = 'No' THEN 'inactive' ELSE 'active' END AS state,
    g.availability__available AS native_state,
    g._deleted_at AS deleted_at,
    json_object('group_set_id', g.group_set_id, 'enrollment', g.enrollment__type) AS extra
FROM groups AS g
