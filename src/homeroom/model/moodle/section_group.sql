SELECT
    CAST(g.id AS TEXT) AS id,
    g.name AS title,
    CAST(g.courseid AS TEXT) AS section_id,
    g._deleted_at AS deleted_at,
    json_object('idnumber', g.idnumber) AS extra
FROM groups AS g
