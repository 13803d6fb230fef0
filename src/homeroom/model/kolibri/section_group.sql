SELECT
    g.id,
    g.name AS title,
    g.parent AS section_id,
    g._deleted_at AS deleted_at
FROM learner_groups AS g
