-- The newest try at a quiz, which Kolibri marks as it is answered; of lessons it lists none. Who has not begun has no row.
SELECT
    CAST(t.exam_id AS TEXT) || '/' || CAST(t.learner_id AS TEXT) AS id,
    t.exam_id AS assignment_id,
    t.learner_id AS person_id,
    CASE WHEN t.status = 'Completed' THEN 'graded' ELSE 'draft' END AS status,
    CASE WHEN t.status = 'Completed' THEN t.num_correct END AS score,
    t.status AS native_state,
    t.last_activity AS source_modified_at,
    t._deleted_at AS deleted_at,
    json_object('num_answered', t.num_answered, 'previous_num_correct', t.previous_num_correct) AS extra
FROM quiz_results AS t
