SELECT
    CAST(gi.id AS TEXT) || '/' || CAST(gr.userid AS TEXT) AS id,
    CAST(gr.userid AS TEXT) AS person_id,
    CAST(gr.courseid AS TEXT) AS section_id,
    CASE WHEN gi.itemtype = 'course' THEN 'section' ELSE 'assignment' END AS scope,
    CASE
        WHEN gi.itemtype = 'course' THEN CAST(gr.courseid AS TEXT)
        WHEN gi.itemmodule = 'assign' AND COALESCE(CAST(gi.itemnumber AS TEXT), '0') = '0'
            THEN CAST(gi.iteminstance AS TEXT)
        ELSE 'item/' || CAST(gi.id AS TEXT)
    END AS scope_id,
    CASE WHEN gi.itemtype = 'course' THEN 'current' END AS kind,
    COALESCE(CAST(gi.graderaw AS TEXT), CAST(gi.graderaw__v_double AS TEXT)) AS score,
    COALESCE(CAST(gi.grademax AS TEXT), CAST(gi.grademax__v_double AS TEXT)) AS max_score,
    gi.gradeformatted AS grade_text,
    gi.gradedategraded AS recorded_at,
    CASE WHEN CAST(gi.gradeishidden AS TEXT) IN ('1', 'true') THEN 'inactive' ELSE 'active' END AS state,
    CASE WHEN CAST(gi.gradeishidden AS TEXT) IN ('1', 'true') THEN 'hidden' END AS native_state,
    gr._deleted_at AS deleted_at,
    json_object(
        'percentage', gi.percentageformatted,
        'letter', gi.lettergradeformatted,
        'weight', gi.weightraw,
        'overridden', gi.gradeisoverridden
    ) AS extra
FROM grades__gradeitems AS gi
JOIN grades AS gr ON gr._dlt_id = gi._dlt_parent_id
-- Totals of categories are of no scope; what is not graded has no mark.
WHERE COALESCE(gi.itemtype, '') <> 'category'
AND COALESCE(CAST(gi.graderaw AS TEXT), CAST(gi.graderaw__v_double AS TEXT), '') <> ''
