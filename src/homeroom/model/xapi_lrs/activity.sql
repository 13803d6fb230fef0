-- A statement says who did what to what. Who: the one identifier of an agent, that of an account with its home page; a
-- group is no person. The verb is the last word of its address, which `extra` has whole. The section is the first
-- activity whose type is a course: the object, its parent, or one of the first three that it is grouped by. The score is
-- the scaled one, from -1 to 1: raw ones have a scale each. Seconds are those of an ISO 8601 duration; a month has no
-- number of them. What another statement voids is deleted.
SELECT
    p.statement_id AS id,
    CASE
        WHEN p.actor_type = 'Group' THEN NULL
        WHEN p.account_name IS NOT NULL THEN COALESCE(p.home_page, '') || '|' || p.account_name
        ELSE COALESCE(p.mbox, p.mbox_sha1sum, p.openid)
    END AS person_id,
    CASE
        WHEN p.object_type LIKE '%/course' THEN p.object_id
        WHEN p.parent_type LIKE '%/course' THEN p.parent_id
        WHEN p.first_type LIKE '%/course' THEN p.first_id
        WHEN p.second_type LIKE '%/course' THEN p.second_id
        WHEN p.third_type LIKE '%/course' THEN p.third_id
    END AS section_id,
    COALESCE(NULLIF(REGEXP_REPLACE(RTRIM(p.verb, '/'), '^.*[/#]', ''), ''), p.verb) AS verb,
    p.object_id,
    COALESCE(p.happened_at, p.stored_at) AS occurred_at,
    ROUND(
        CASE
            WHEN p.days = '' THEN 0
            WHEN p.days LIKE '%D' THEN TRY_CAST(RTRIM(p.days, 'D') AS DOUBLE) * 86400
            WHEN p.days LIKE '%W' THEN TRY_CAST(RTRIM(p.days, 'W') AS DOUBLE) * 604800
        END
        + COALESCE(TRY_CAST(REGEXP_REPLACE(p.clock, '^(?:([0-9.]+)H)?.*$', '\1') AS DOUBLE), 0) * 3600
        + COALESCE(TRY_CAST(REGEXP_REPLACE(p.clock, '^(?:.*H)?(?:([0-9.]+)M)?.*$', '\1') AS DOUBLE), 0) * 60
        + COALESCE(TRY_CAST(REGEXP_REPLACE(p.clock, '^(?:.*[HM])?(?:([0-9.]+)S)?.*$', '\1') AS DOUBLE), 0)
    ) AS seconds,
    p.scaled AS score,
    p.stored_at AS source_created_at,
    v.voided_at AS deleted_at,
    json_object(
        'verb', p.verb,
        'success', p.success,
        'completion', p.completion,
        'raw', p.raw,
        'min', p.least,
        'max', p.most,
        'registration', p.registration,
        'platform', p.platform
    ) AS extra
FROM (
    SELECT
        q.statement_id,
        q.happened_at,
        q.stored_at,
        json_extract_string(q.actor, '$.objectType') AS actor_type,
        json_extract_string(q.actor, '$.account.homePage') AS home_page,
        json_extract_string(q.actor, '$.account.name') AS account_name,
        json_extract_string(q.actor, '$.mbox') AS mbox,
        json_extract_string(q.actor, '$.mbox_sha1sum') AS mbox_sha1sum,
        json_extract_string(q.actor, '$.openid') AS openid,
        json_extract_string(q.verb, '$.id') AS verb,
        json_extract_string(q.object, '$.id') AS object_id,
        json_extract_string(q.object, '$.definition.type') AS object_type,
        json_extract_string(q.around, '$.parent[0].id') AS parent_id,
        json_extract_string(q.around, '$.parent[0].definition.type') AS parent_type,
        json_extract_string(q.around, '$.grouping[0].id') AS first_id,
        json_extract_string(q.around, '$.grouping[0].definition.type') AS first_type,
        json_extract_string(q.around, '$.grouping[1].id') AS second_id,
        json_extract_string(q.around, '$.grouping[1].definition.type') AS second_type,
        json_extract_string(q.around, '$.grouping[2].id') AS third_id,
        json_extract_string(q.around, '$.grouping[2].definition.type') AS third_type,
        json_extract_string(q.context, '$.registration') AS registration,
        json_extract_string(q.context, '$.platform') AS platform,
        json_extract_string(q.result, '$.success') AS success,
        json_extract_string(q.result, '$.completion') AS completion,
        json_extract_string(q.result, '$.score.scaled') AS scaled,
        json_extract_string(q.result, '$.score.raw') AS raw,
        json_extract_string(q.result, '$.score.min') AS least,
        json_extract_string(q.result, '$.score.max') AS most,
        SPLIT_PART(LTRIM(json_extract_string(q.result, '$.duration'), 'P'), 'T', 1) AS days,
        SPLIT_PART(LTRIM(json_extract_string(q.result, '$.duration'), 'P'), 'T', 2) AS clock
    FROM (
        SELECT
            CAST(s.id AS TEXT) AS statement_id,
            TRY_CAST(s.timestamp AS TIMESTAMPTZ) AS happened_at,
            TRY_CAST(s.stored AS TIMESTAMPTZ) AS stored_at,
            CAST(s.actor AS JSON) AS actor,
            CAST(s.verb AS JSON) AS verb,
            CAST(s.object AS JSON) AS object,
            CAST(s.result AS JSON) AS result,
            CAST(s.context AS JSON) AS context,
            json_extract(CAST(s.context AS JSON), '$.contextActivities') AS around
        FROM statements AS s
    ) AS q
) AS p
LEFT JOIN (
    SELECT
        json_extract_string(CAST(w.object AS JSON), '$.id') AS statement_id,
        MIN(TRY_CAST(w.stored AS TIMESTAMPTZ)) AS voided_at
    FROM statements AS w
    WHERE (json_extract_string(CAST(w.verb AS JSON), '$.id')) = 'http://adlnet.gov/expapi/verbs/voided'
    GROUP BY json_extract_string(CAST(w.object AS JSON), '$.id')
) AS v ON v.statement_id = p.statement_id
