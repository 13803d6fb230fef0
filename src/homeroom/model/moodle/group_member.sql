SELECT
    CAST(mg.id AS TEXT) || '/' || CAST(me.id AS TEXT) AS id,
    CAST(mg.id AS TEXT) AS group_id,
    CAST(me.id AS TEXT) AS person_id,
    me._deleted_at AS deleted_at
FROM enrolled_users__groups AS mg
JOIN enrolled_users AS me ON me._dlt_id = mg._dlt_parent_id
