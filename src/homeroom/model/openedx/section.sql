SELECT
    c.id,
    c.name AS title,
    c.org || '+' || CAST(c.number AS TEXT) AS course_id,
    c.org AS org_id,
    [c.id] AS session_ids,
    regexp_replace(c.id, '^.*[+/]', '') AS code,
    'site' AS kind,
    CASE
        WHEN CAST(c.hidden AS BOOLEAN) THEN 'inactive'
        WHEN TRY_CAST(c."end" AS TIMESTAMPTZ) < CURRENT_TIMESTAMP THEN 'inactive'
        ELSE 'active'
    END AS state,
    CASE WHEN CAST(c.hidden AS BOOLEAN) THEN 'hidden' END AS native_state,
    c._deleted_at AS deleted_at,
    json_object(
        'start', c.start,
        'end', c."end",
        'enrollment_start', c.enrollment_start,
        'enrollment_end', c.enrollment_end,
        'pacing', c.pacing,
        'effort', c.effort,
        'invitation_only', c.invitation_only,
        'mobile_available', c.mobile_available
    ) AS extra
FROM courses AS c
