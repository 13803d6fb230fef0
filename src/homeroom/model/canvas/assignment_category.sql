SELECT
    g.id,
    g.name AS title,
    'course/' || CAST(g._courses_id AS TEXT) AS section_id,
    g.group_weight AS weight,
    g._deleted_at AS deleted_at,
    json_object('position', g.position) AS extra
FROM assignment_groups AS g
