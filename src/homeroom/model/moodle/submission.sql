WITH marks AS (
    SELECT
        CAST(gi.iteminstance AS TEXT) AS assignment_id,
        CAST(gr.userid AS TEXT) AS person_id,
        MAX(COALESCE(CAST(gi.graderaw AS TEXT), CAST(gi.graderaw__v_double AS TEXT))) AS score,
        MAX(CAST(gi.gradeformatted AS TEXT)) AS grade_text,
        MAX(CAST(gi.gradedategraded AS TEXT)) AS graded_at
    FROM grades__gradeitems AS gi
    JOIN grades AS gr ON gr._dlt_id = gi._dlt_parent_id
    WHERE gi.itemmodule = 'assign' AND COALESCE(CAST(gi.itemnumber AS TEXT), '0') = '0'
    GROUP BY gi.iteminstance, gr.userid
),
handed AS (
    SELECT
        CAST(s.id AS TEXT) AS id,
        CAST(s._assignments_id AS TEXT) AS assignment_id,
        CAST(s.userid AS TEXT) AS person_id,
        TRY_CAST(s.attemptnumber AS BIGINT) AS attemptnumber,
        CAST(s.status AS TEXT) AS status,
        CAST(s.gradingstatus AS TEXT) AS gradingstatus,
        TRY_CAST(s.timecreated AS TIMESTAMPTZ) AS timecreated,
        TRY_CAST(s.timemodified AS TIMESTAMPTZ) AS timemodified,
        CAST(s.groupid AS TEXT) AS groupid,
        CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at
    FROM submissions AS s
    WHERE COALESCE(CAST(s.userid AS TEXT), '') <> '0'
    UNION ALL
    -- What a group hands in is of nobody: each member has it who has no row of their own.
    SELECT
        CAST(s.id AS TEXT) || '/' || CAST(me.id AS TEXT) AS id,
        CAST(s._assignments_id AS TEXT) AS assignment_id,
        CAST(me.id AS TEXT) AS person_id,
        TRY_CAST(s.attemptnumber AS BIGINT) AS attemptnumber,
        CAST(s.status AS TEXT) AS status,
        CAST(s.gradingstatus AS TEXT) AS gradingstatus,
        TRY_CAST(s.timecreated AS TIMESTAMPTZ) AS timecreated,
        TRY_CAST(s.timemodified AS TIMESTAMPTZ) AS timemodified,
        CAST(s.groupid AS TEXT) AS groupid,
        CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at
    FROM submissions AS s
    JOIN enrolled_users__groups AS mg ON CAST(mg.id AS TEXT) = CAST(s.groupid AS TEXT)
    JOIN enrolled_users AS me ON me._dlt_id = mg._dlt_parent_id
    WHERE CAST(s.userid AS TEXT) = '0'
    AND NOT EXISTS (
        SELECT 1
        FROM submissions AS own
        WHERE CAST(own.userid AS TEXT) = CAST(me.id AS TEXT)
        AND CAST(own._assignments_id AS TEXT) = CAST(s._assignments_id AS TEXT)
        AND own._deleted_at IS NULL
    )
)
SELECT
    h.id AS id,
    h.assignment_id AS assignment_id,
    h.person_id AS person_id,
    CASE WHEN h.status = 'submitted' THEN h.attemptnumber + 1 END AS attempt,
    CASE
        WHEN h.gradingstatus IN ('graded', 'released') THEN 'graded'
        WHEN h.status IN ('submitted', 'draft') THEN h.status
        ELSE 'not_submitted'
    END AS status,
    CASE WHEN h.status = 'submitted' THEN h.timemodified END AS submitted_at,
    CASE WHEN h.gradingstatus IN ('graded', 'released') THEN k.graded_at END AS graded_at,
    CASE
        WHEN h.status <> 'submitted' OR a.id IS NULL THEN NULL
        WHEN a.duedate IS NULL THEN FALSE
        ELSE h.timemodified > TRY_CAST(a.duedate AS TIMESTAMPTZ)
    END AS is_late,
    CASE WHEN h.gradingstatus IN ('graded', 'released') THEN k.score END AS score,
    CASE WHEN h.gradingstatus IN ('graded', 'released') THEN k.grade_text END AS grade_text,
    h.timecreated AS source_created_at,
    h.timemodified AS source_modified_at,
    h.status AS native_state,
    h.deleted_at AS deleted_at,
    json_object('gradingstatus', h.gradingstatus, 'groupid', NULLIF(h.groupid, '0')) AS extra
FROM handed AS h
LEFT JOIN marks AS k ON k.assignment_id = h.assignment_id AND k.person_id = h.person_id
LEFT JOIN assignments AS a ON CAST(a.id AS TEXT) = h.assignment_id
