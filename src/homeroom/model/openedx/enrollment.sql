-- Who teaches is enrolled as those who learn are, if at all, and the API does not say who it is.
SELECT
    e.course_id || '/' || e."user" AS id,
    e."user" AS person_id,
    e.course_id AS section_id,
    'student' AS role,
    CAST(TRY_CAST(e.created AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS starts_on,
    e.created AS source_created_at,
    CASE WHEN NOT CAST(e.is_active AS BOOLEAN) THEN 'inactive' ELSE 'active' END AS state,
    CAST(e.is_active AS TEXT) AS native_state,
    e._deleted_at AS deleted_at,
    json_object('mode', e.mode) AS extra
FROM enrollments AS e
