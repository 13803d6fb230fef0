-- Older releases tell no first and last name; `Cooper, Sheldon` is taken apart where it has one comma.
SELECT
    u.id,
    COALESCE(
        u.first_name,
        CASE
            WHEN LENGTH(u.sortable_name) - LENGTH(REPLACE(u.sortable_name, ',', '')) = 1
                THEN NULLIF(TRIM(SPLIT_PART(u.sortable_name, ',', 2)), '')
        END
    ) AS given_name,
    COALESCE(
        u.last_name,
        CASE
            WHEN LENGTH(u.sortable_name) - LENGTH(REPLACE(u.sortable_name, ',', '')) = 1
                THEN NULLIF(TRIM(SPLIT_PART(u.sortable_name, ',', 1)), '')
        END
    ) AS family_name,
    u.name AS display_name,
    u.email,
    u.login_id AS username,
    u.sis_user_id AS sis_id,
    u.integration_id AS master_id,
    u.locale,
    u.time_zone,
    u.created_at AS source_created_at,
    u._deleted_at AS deleted_at
FROM users AS u
