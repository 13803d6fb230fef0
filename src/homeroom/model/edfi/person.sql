-- GUIDs: no student has that of a member of staff.
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
    (
        SELECT m.electronic_mail_address
        FROM staffs__electronic_mails AS m
        WHERE m._dlt_parent_id = t._dlt_id
        ORDER BY CASE WHEN CAST(m.primary_email_address_indicator AS BOOLEAN) THEN 0 ELSE 1 END, m._dlt_list_idx
        LIMIT 1
    ) AS email,
    t.login_id AS username,
    CAST(t.staff_unique_id AS TEXT) AS sis_id,
    CAST(t.person_reference__person_id AS TEXT) AS master_id,
    COALESCE(
        (
            SELECT
                CASE
                    WHEN w.staff_classification_descriptor LIKE '%#%Teacher' THEN 'teacher'
                    WHEN w.staff_classification_descriptor LIKE '%#%Aide' THEN 'assistant'
                    WHEN w.staff_classification_descriptor LIKE '%#%Counselor' THEN 'counselor'
                    WHEN w.staff_classification_descriptor LIKE '%#%Principal' THEN 'principal'
                    WHEN w.staff_classification_descriptor LIKE '%#%Superintendent' THEN 'administrator'
                    WHEN w.staff_classification_descriptor LIKE '%#%Administrator' THEN 'administrator'
                    WHEN w.staff_classification_descriptor LIKE '%#School Leader' THEN 'administrator'
                END
            FROM staff_education_organization_assignment_associations AS w
            WHERE CAST(w.staff_reference__staff_unique_id AS TEXT) = CAST(t.staff_unique_id AS TEXT)
            ORDER BY
                CASE WHEN w._deleted_at IS NULL THEN 0 ELSE 1 END,
                CASE WHEN TRY_CAST(w.end_date AS DATE) < CURRENT_DATE THEN 1 ELSE 0 END,
                CAST(w.order_of_assignment AS BIGINT),
                w.begin_date,
                w.id
            LIMIT 1
        ),
        'staff'
    ) AS primary_role,
    CAST(t._last_modified_date AS TEXT) AS source_modified_at,
    CAST(t._deleted_at AS TIMESTAMPTZ) AS deleted_at
FROM staffs AS t
