-- Active where it has a grading period that is now.
SELECT
    s.id,
    COALESCE(NULLIF(s.section_title, ''), NULLIF(s.title, ''), s.course_title) AS title,
    s.course_id,
    COALESCE(
        CAST(c.building_id AS TEXT),
        NULLIF(CAST(s.building_id AS TEXT), ''),
        NULLIF(CAST(s.school_id AS TEXT), '')
    ) AS org_id,
    (
        SELECT array_agg(CAST(p.value AS TEXT) ORDER BY p._dlt_list_idx)
        FROM sections__grading_periods AS p
        WHERE p._dlt_parent_id = s._dlt_id
    ) AS session_ids,
    NULLIF(CAST(s.section_code AS TEXT), '') AS code,
    NULLIF(CAST(s.section_school_code AS TEXT), '') AS sis_id,
    'scheduled' AS kind,
    CASE WHEN CAST(s.active AS TEXT) = '0' THEN 'inactive' ELSE 'active' END AS state,
    CAST(s.active AS TEXT) AS native_state,
    s._deleted_at AS deleted_at,
    json_object('location', s.location, 'start_time', s.start_time, 'end_time', s.end_time) AS extra
FROM sections AS s
LEFT JOIN courses AS c ON CAST(c.id AS TEXT) = CAST(s.course_id AS TEXT)
