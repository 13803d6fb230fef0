-- GUIDs: no student has that of a member of staff. Of the assignments of staff the first that has not ended counts.
WITH mail AS (
    SELECT
        m._dlt_parent_id AS staff,
        m.electronic_mail_address AS address,
        ROW_NUMBER() OVER (
            PARTITION BY m._dlt_parent_id
            ORDER BY
                CASE WHEN CAST(m.primary_email_address_indicator AS BOOLEAN) THEN 0 ELSE 1 END,
                m._dlt_list_idx
        ) AS place
    FROM staffs__electronic_mails AS m
),
work AS (
    SELECT
        CAST(w.staff_reference__staff_unique_id AS TEXT) AS staff,
        w.staff_classification_descriptor AS classification,
        ROW_NUMBER() OVER (
            PARTITION BY w.staff_reference__staff_unique_id
            ORDER BY
                CASE WHEN w._deleted_at IS NULL THEN 0 ELSE 1 END,
                CASE WHEN TRY_CAST(w.end_date AS DATE) < CURRENT_DATE THEN 1 ELSE 0 END,
                CAST(w.order_of_assignment AS BIGINT),
                w.begin_date,
                w.id
        ) AS place
    FROM staff_education_organization_assignment_associations AS w
)
SELECT
    s.id,
    s.first_name AS given_name,
    s.last_surname AS family_name,
    COALESCE(s.preferred_first_name, s.first_name)
    || ' ' || COALESCE(s.preferred_last_surname, s.last_surname) AS display_name,
    NULL AS email,
    NULL AS username,
    CAST(s.student_unique_id AS TEXT) AS sis_id,
    CAST(s.person_reference__person_id AS TEXT) AS master_id,
    'student' AS primary_role,
    CAST(s._last_modified_date AS TEXT) AS source_modified_at,
    CAST(s._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM students AS s
UNION ALL
SELECT
    t.id,
    t.first_name AS given_name,
    t.last_surname AS family_name,
    COALESCE(t.preferred_first_name, t.first_name)
    || ' ' || COALESCE(t.preferred_last_surname, t.last_surname) AS display_name,
    mail.address AS email,
    t.login_id AS username,
    CAST(t.staff_unique_id AS TEXT) AS sis_id,
    CAST(t.person_reference__person_id AS TEXT) AS master_id,
    CASE
        WHEN work.classification LIKE '%#%Teacher' THEN 'teacher'
        WHEN work.classification LIKE '%#%Aide' THEN 'assistant'
        WHEN work.classification LIKE '%#%Counselor' THEN 'counselor'
        WHEN work.classification LIKE '%#%Principal' THEN 'principal'
        WHEN work.classification LIKE '%#%Superintendent' THEN 'administrator'
        WHEN work.classification LIKE '%#%Administrator' THEN 'administrator'
        WHEN work.classification LIKE '%#School Leader' THEN 'administrator'
        ELSE 'staff'
    END AS primary_role,
    CAST(t._last_modified_date AS TEXT) AS source_modified_at,
    CAST(t._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM staffs AS t
LEFT JOIN mail
    ON mail.staff = t._dlt_id
    AND mail.place = 1
LEFT JOIN work
    ON work.staff = CAST(t.staff_unique_id AS TEXT)
    AND work.place = 1
