"""The words that names of columns and tables are made of, in English and a little of four more languages.

A word of another language stands with its accents; the forms without them, and those with a hole in place of each
(dlt names `prénom` `pr_nom`), are made from it.
"""

from __future__ import annotations


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERSON = _each(
    "user person people student pupil learner teacher instructor staff employee guardian contact member participant"
    " attendee applicant candidate alumnus alumni coach advisor adviser principal tutor mentor mentee author owner"
    " creator grader actor agent administrator customer subscriber buyer child kid sibling father mother parent"
    " proctor trainer professor lecturer assignee reviewer submitter sender recipient respondent counselor manager"
    " editor referrer affiliate roster classlist profile demographic patron trainee admin doctor physician payer"
)
"""Singular. A table whose last word is one of these holds people, a column whose last one is refers to one."""

UNSURE = frozenset({"parent", "child", "agent", "profile", "roster", "classlist", "demographic"})
"""Of `PERSON`: this and `_id` may as well be of a tree, a program, a page or a list."""

NEVER_ALONE = frozenset({"profile", "roster", "classlist", "demographic", "admin", "staff", "referrer"})
"""Of `PERSON`: a column of just this name is a switch, a number or a list."""

ORGANISATION = _each(
    "school district institution organization organisation org campus facility building department company agency"
    " university college tenant site vendor provider publisher office branch venue room"
)
"""Singular. Their names, addresses and telephones are nobody's in particular."""

RECORD = _each(
    "submission grade attempt attendance enrollment enrolment discipline incident review rating message post comment"
    " discussion answer response feedback result reply evaluation survey ticket referral behavior behaviour"
)
"""Singular. Tables of what people did and wrote, where free text is by people or about them."""

PASSED_OVER = _each(
    "name other_name profile data attribute info information detail personal record reference field contact identity"
    " location address electronic_mail email telephone phone photo avatar picture image demographics birth core"
    " institution_telephone identification_document personal_identification_document visa race language value"
    " relationship link preferred_name pronunciation_audio user_id custom_field"
    " disability ethnicity gender nationality home_address mailing_address billing_address shipping_address"
)
"""A segment of a nested name (`address__city`, `name__first`) that says what, not whose."""

PASSED_SUFFIXES = _each("delete deleted list all active archive archived search export detail full raw v")
"""Last words of a table's name that do not change of what it is."""

ENGLISH: dict[str, str] = {
    "e mail": "email",
    "electronic mail": "email",
    "mail": "email",
    "telephone": "phone",
    "tel": "phone",
    "cellphone": "mobile phone",
    "cell": "mobile",
    "birthdate": "birth date",
    "birthday": "birth day",
    "dob": "birth date",
    "born": "birth",
    "forename": "first name",
    "surname": "last name",
    "firstname": "first name",
    "lastname": "last name",
    "class list": "classlist",
    "passwd": "password",
    "passcode": "password",
    "zipcode": "postcode",
    "zip code": "postcode",
    "zip": "postcode",
    "postal code": "postcode",
    "lng": "longitude",
    "lon": "longitude",
    "lat": "latitude",
    "pic": "picture",
    "thumbnail": "picture",
    "web page": "website",
    "web site": "website",
    "webpage": "website",
    "homepage": "website",
    "log in": "login",
    "sign in": "login",
    "logon": "login",
    "biography": "bio",
    "remark": "comment",
    "user profile": "user",
    "customfield": "custom field",
    "section504": "section 504",
    "sped": "special education",
}
"""Phrases (after splitting and making singular) and the one they are read as."""

FOREIGN: dict[str, str] = {
    # Spanish
    "nombre": "name",
    "apellido": "last name",
    "correo electrónico": "email",
    "correo": "email",
    "teléfono": "phone",
    "móvil": "mobile",
    "celular": "mobile",
    "dirección": "address",
    "calle": "street",
    "ciudad": "city",
    "código postal": "postcode",
    "nacimiento": "birth",
    "sexo": "sex",
    "género": "gender",
    "raza": "race",
    "etnia": "ethnicity",
    "discapacidad": "disability",
    "religión": "religion",
    "nacionalidad": "nationality",
    "usuario": "user",
    "nombre de usuario": "username",
    "contraseña": "password",
    "alumno": "student",
    "alumna": "student",
    "estudiante": "student",
    "profesor": "teacher",
    "docente": "teacher",
    "maestro": "teacher",
    "persona": "person",
    "padre": "father",
    "madre": "mother",
    "comentario": "comment",
    "observación": "comment",
    "número": "number",
    "código": "code",
    "foto": "photo",
    # French
    "nom": "name",
    "prénom": "first name",
    "nom de famille": "last name",
    "courriel": "email",
    "téléphone": "phone",
    "adresse": "address",
    "rue": "street",
    "ville": "city",
    "code postal": "postcode",
    "naissance": "birth",
    "sexe": "sex",
    "handicap": "disability",
    "nationalité": "nationality",
    "utilisateur": "user",
    "mot de passe": "password",
    "élève": "student",
    "étudiant": "student",
    "enseignant": "teacher",
    "professeur": "teacher",
    "personne": "person",
    "père": "father",
    "mère": "mother",
    "commentaire": "comment",
    "identifiant": "identifier",
    # German
    "vorname": "first name",
    "nachname": "last name",
    "familienname": "last name",
    "telefon": "phone",
    "telefonnummer": "phone",
    "handynummer": "mobile phone",
    "anschrift": "address",
    "straße": "street",
    "strasse": "street",
    "wohnort": "city",
    "plz": "postcode",
    "postleitzahl": "postcode",
    "geburtsdatum": "birth date",
    "geburtstag": "birth day",
    "geburtsort": "birth place",
    "geschlecht": "sex",
    "behinderung": "disability",
    "konfession": "religion",
    "staatsangehörigkeit": "nationality",
    "benutzer": "user",
    "nutzer": "user",
    "benutzername": "username",
    "passwort": "password",
    "kennwort": "password",
    "schüler": "student",
    "schueler": "student",
    "schülerin": "student",
    "lehrer": "teacher",
    "lehrkraft": "teacher",
    "lehrkräfte": "teacher",
    "personen": "person",
    "vater": "father",
    "mutter": "mother",
    "bemerkung": "comment",
    "bemerkungen": "comment",
    "kommentar": "comment",
    # Portuguese
    "nome": "name",
    "sobrenome": "last name",
    "telefone": "phone",
    "endereço": "address",
    "cidade": "city",
    "cep": "postcode",
    "nascimento": "birth",
    "gênero": "gender",
    "raça": "race",
    "deficiência": "disability",
    "religião": "religion",
    "nacionalidade": "nationality",
    "nome de usuário": "username",
    "usuário": "user",
    "senha": "password",
    "aluno": "student",
    "aluna": "student",
    "estudante": "student",
    "professor": "teacher",
    "professore": "teacher",
    "pessoa": "person",
    "pai": "father",
    "mãe": "mother",
    "comentário": "comment",
}

GLUED = _each(
    "user student teacher learner staff parent first last full given family middle maiden display preferred name"
    " id number profile image picture photo url phone mobile home work cell email mail address birth date day of"
    " login zip code small gender custom field street sourced unique value lunch status"
)
"""A word made of nothing but these is read as these: `useridnumber`, `profileimageurl`."""

WHOLE = frozenset({"username", "nickname", "birthday", "birthdate", "photograph", "mailing"})
"""Never taken apart."""
