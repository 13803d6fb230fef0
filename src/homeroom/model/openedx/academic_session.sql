-- A run is both the class and its time. What stands after the last sign of `course-v1:edX+DemoX+2026_Fall`, or of
-- `edX/DemoX/2012_Fall`, is its name.
SELECT
    c.id,
    regexp_replace(c.id, '^.*[+/]', '') AS title,
    'other' AS kind,
    CAST(TRY_CAST(c.start AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS starts_on,
    CAST(TRY_CAST(c."end" AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS ends_on,
    c.org AS org_id,
    c._deleted_at AS deleted_at
FROM courses AS c
