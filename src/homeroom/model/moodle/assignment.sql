SELECT
    CAST(a.id AS TEXT) AS id,
    CAST(a.name AS TEXT) AS title,
    CAST(a.course AS TEXT) AS section_id,
    CASE WHEN CAST(a.nosubmissions AS TEXT) IN ('1', 'true') THEN 'offline' ELSE 'assignment' END AS kind,
    CAST(a.intro AS TEXT) AS description,
    CAST(a.allowsubmissionsfromdate AS TEXT) AS opens_at,
    CAST(a.duedate AS TEXT) AS due_at,
    CAST(a.cutoffdate AS TEXT) AS closes_at,
    CASE WHEN TRY_CAST(a.grade AS DECIMAL(12, 4)) > 0 THEN TRY_CAST(a.grade AS DECIMAL(12, 4)) END AS max_points,
    ways.found AS submission_types,
    CASE
        WHEN TRY_CAST(a.grade AS DECIMAL(12, 4)) > 0 THEN 'points'
        WHEN TRY_CAST(a.grade AS DECIMAL(12, 4)) < 0 THEN 'scale' -- the id of one, below zero
        WHEN NOT a.grade IS NULL THEN 'none'
    END AS grading,
    CAST(a.timemodified AS TEXT) AS source_modified_at,
    CAST(a._deleted_at AS TEXT) AS deleted_at,
    json_object(
        'cmid', CAST(a.cmid AS TEXT),
        'gradingduedate', CAST(a.gradingduedate AS TEXT),
        'teamsubmission', CAST(a.teamsubmission AS TEXT),
        'maxattempts', CAST(a.maxattempts AS TEXT)
    ) AS extra
FROM assignments AS a
LEFT JOIN (
    SELECT ac._dlt_parent_id AS parent, array_agg(CAST(ac.plugin AS TEXT) ORDER BY ac._dlt_list_idx) AS found
    FROM assignments__configs AS ac
    WHERE ac.subtype = 'assignsubmission' AND ac.name = 'enabled' AND CAST(ac.value AS TEXT) = '1'
    GROUP BY ac._dlt_parent_id
) AS ways ON ways.parent = a._dlt_id
UNION ALL
-- What the gradebook has besides: quizzes, forums, columns made by hand. It is told beside each person's marks.
SELECT
    'item/' || CAST(gi.id AS TEXT) AS id,
    COALESCE(MAX(CAST(gi.itemname AS TEXT)), 'item ' || CAST(gi.id AS TEXT)) AS title,
    MAX(CAST(gr.courseid AS TEXT)) AS section_id,
    CASE
        WHEN MAX(gi.itemtype) = 'manual' THEN 'offline'
        WHEN MAX(gi.itemmodule) = 'quiz' THEN 'quiz'
        WHEN MAX(gi.itemmodule) = 'forum' THEN 'discussion'
        WHEN MAX(gi.itemmodule) = 'lti' THEN 'external'
        WHEN MAX(gi.itemmodule) = 'attendance' THEN 'attendance'
        ELSE 'other'
    END AS kind,
    CAST(NULL AS TEXT) AS description,
    CAST(NULL AS TEXT) AS opens_at,
    CAST(NULL AS TEXT) AS due_at,
    CAST(NULL AS TEXT) AS closes_at,
    CASE
        WHEN COUNT(gi.scaleid) = 0
            THEN MAX(TRY_CAST(COALESCE(CAST(gi.grademax AS TEXT), CAST(gi.grademax__v_double AS TEXT)) AS DECIMAL(12, 4)))
    END AS max_points,
    CAST(NULL AS TEXT[]) AS submission_types,
    CASE WHEN COUNT(gi.scaleid) = 0 THEN 'points' ELSE 'scale' END AS grading,
    CAST(NULL AS TEXT) AS source_modified_at,
    CASE WHEN COUNT(*) = COUNT(gr._deleted_at) THEN MAX(CAST(gr._deleted_at AS TEXT)) END AS deleted_at,
    json_object(
        'itemtype', MAX(gi.itemtype),
        'itemmodule', MAX(gi.itemmodule),
        'iteminstance', MAX(CAST(gi.iteminstance AS TEXT)),
        'cmid', MAX(CAST(gi.cmid AS TEXT))
    ) AS extra
FROM grades__gradeitems AS gi
JOIN grades AS gr ON gr._dlt_id = gi._dlt_parent_id
WHERE NOT COALESCE(gi.itemtype, '') IN ('course', 'category')
AND NOT (COALESCE(gi.itemmodule, '') = 'assign' AND COALESCE(CAST(gi.itemnumber AS TEXT), '0') = '0')
GROUP BY gi.id
