-- The day is that of the clock on the school's server, which the text of the time names; in UTC it may be another.
-- A record without its session has no day and means nothing; it is there only while the lists are of different moments.
SELECT
    r.id,
    r.user AS person_id,
    s.collection AS section_id,
    c.parent AS org_id,
    SUBSTR(CAST(s.session_start_datetime AS TEXT), 1, 10) AS on_date,
    CASE
        WHEN CAST(r.present AS BOOLEAN) THEN 'present'
        WHEN NOT CAST(r.present AS BOOLEAN) THEN 'absent'
        ELSE 'unknown'
    END AS status,
    s.date_created AS source_created_at,
    s.date_modified AS source_modified_at,
    COALESCE(CAST(r._deleted_at AS TIMESTAMPTZ), CAST(s._deleted_at AS TIMESTAMPTZ)) AS deleted_at,
    json_object('attendance_session', r.attendance_session, 'started_at', s.session_start_datetime) AS extra
FROM attendance_records AS r
JOIN attendance_sessions AS s ON s.id = r.attendance_session
LEFT JOIN classrooms AS c ON c.id = s.collection
