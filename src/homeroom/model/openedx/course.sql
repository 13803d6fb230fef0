-- What is taught is the organisation's number; it is called as its latest run is.
SELECT
    run.org || '+' || run.number AS id,
    run.name AS title,
    run.number AS code,
    run.org AS org_id,
    run._deleted_at AS deleted_at
FROM (
    SELECT
        c.org,
        CAST(c.number AS TEXT) AS number,
        c.name,
        c._deleted_at,
        ROW_NUMBER() OVER (
            PARTITION BY c.org, c.number
            ORDER BY CASE WHEN c._deleted_at IS NULL THEN 0 ELSE 1 END, c.start DESC, c.id DESC
        ) AS place
    FROM courses AS c
    WHERE c.org IS NOT NULL AND c.number IS NOT NULL
) AS run
WHERE run.place = 1
