-- Memberships are of classes, of learner groups, and of the ad hoc groups behind work that is set to single learners.
-- Those of a user who is deleted stay in the list, while Kolibri's pages leave them out.
SELECT
    m.id,
    m.collection AS group_id,
    m.user AS person_id,
    CASE WHEN u._deleted_at IS NOT NULL THEN 'inactive' ELSE 'active' END AS state,
    COALESCE(CAST(m._deleted_at AS TIMESTAMPTZ), CAST(g._deleted_at AS TIMESTAMPTZ)) AS deleted_at
FROM learner_groups AS g
JOIN memberships AS m ON m.collection = g.id
LEFT JOIN users AS u ON u.id = m.user
