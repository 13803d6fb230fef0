"""Configs of the platforms that came last, against servers that answer as documentation and clients say they do."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from canned import Asked, Read, Says, read

from homeroom.values import Proof, Status

TOKEN = {"access_token": "t0ken", "token_type": "bearer", "expires_in": 3600}


def states(done: Read) -> dict[str, tuple[Status, Proof | None]]:
    return {name: (line.status, line.proof) for name, line in done.report.resources.items()}


def basic(asked: Asked) -> str:
    return base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode()


# PowerSchool: XML written as JSON. A single row is no list, and no row is no key.

PUPILS = [
    {
        "id": number,
        "local_id": 1000 + number,
        "name": {"first_name": "Zoë", "last_name": f"Pupil {number}"},
        "school_enrollment": {"enroll_status": "A", "full_time_equivalency": {"fteid": 970, "name": "Full"}},
    }
    for number in range(201)
]
SCHOOL = {"id": 7, "name": "Upper School", "addresses": {"physical": {"city": "Ulm"}}, "principal": {"email": "x"}}


def powerschool(asked: Asked) -> Says:
    if asked.path == "/oauth/access_token":
        assert (basic(asked), asked.body) == ("me:k3y-0f-powerschool", "grant_type=client_credentials")
        return Says(TOKEN)
    assert (asked.headers["Authorization"], asked.headers["Accept"]) == ("Bearer t0ken", "application/json")
    kind = asked.path.rpartition("/")[2]
    plural = "staffs" if kind == "staff" else f"{kind}s"
    attributes = {"@expansions": "school_enrollment, fees", "@extensions": "x"}
    if kind == "student":
        assert asked.query["expansions"] == "school_enrollment"
        number = int(asked.query["page"])
        rows: Any = PUPILS[number * 100 - 100 : number * 100]
        rows = rows[0] if len(rows) == 1 else rows
    else:
        rows = {
            "school": SCHOOL,
            "staff": {"id": 3, "local_id": 5, "name": {"first_name": "Ann", "last_name": "Lee"}},
            "course": [{"id": 1, "course_number": "M1", "course_name": "Maths"}, {"id": 2, "course_number": "M2"}],
            "term": [],
            "section": [{"id": 10, "course_id": 1, "staff_id": 3}, {"id": 11, "course_id": 2, "staff_id": 3}],
            "section_enrollment": {"id": 90, "section_id": 10, "student_id": 4, "dropped": False},
        }[kind]
        last = kind == "section_enrollment" and "/11/" in asked.path
        rows = [] if asked.query.get("page", "1") != "1" or last else rows
    return Says({plural: {**attributes, kind: rows} if rows else attributes})


def test_powerschool_lists_of_one_row_and_of_none_are_read_as_lists(tmp_path: Path) -> None:
    told = {"POWERSCHOOL_URL": "HOST", "POWERSCHOOL_CLIENT_ID": "me"}
    done = read("powerschool", powerschool, told, tmp_path)
    # No list tells its number: read to an empty page, but not proved.
    assert set(states(done).values()) == {(Status.UNPROVED, Proof.END)}
    assert done.rows("SELECT count(*), min(school_enrollment__enroll_status) FROM students") == [(201, "A")]
    assert done.rows("SELECT name__first_name FROM students WHERE id = 200") == [("Zoë",)]
    assert done.rows("SELECT id, addresses->>'$.physical.city' FROM schools") == [(7, "Ulm")]
    assert done.rows("SELECT _schools_id, id, name__last_name FROM staff") == [(7, 3, "Lee")]
    assert done.rows("SELECT id FROM courses ORDER BY id") == [(1,), (2,)]
    assert done.rows("SELECT id, student_id, dropped FROM section_enrollments") == [(90, 4, False)]


# Udemy Business: Basic, count and next, people without a name who share an address.

MOVES = [{"user_id": number, "course_id": 1, "completion_ratio": 50.0} for number in range(150)]
NAMELESS = [{"user_name": "Anonymized", "user_email": "Anonymized User", "num_completed_courses": n} for n in (1, 2)]


def udemy(asked: Asked) -> Says:
    assert basic(asked) == "me:k3y-0f-udemy_business"
    kind = asked.path.removeprefix("/api-2.0/organizations/12345/")
    course = {"id": 1, "title": "SQL", "requirements": {"list": ["none"]}, "instructors": ["Ann Lee"]}
    rows = {"courses/list/": [course], "analytics/user-activity/": NAMELESS, "analytics/user-course-activity/": MOVES}
    page, size = int(asked.query.get("page", 1)), int(asked.query["page_size"])
    more = page * size < len(rows[kind])
    link = f"{asked.host}{asked.path}?page={page + 1}&page_size={size}" if more else None
    found = rows[kind][page * size - size : page * size]
    return Says({"count": len(rows[kind]), "next": link, "previous": None, "results": found})


def test_udemy_business_keeps_people_apart_who_share_an_address(tmp_path: Path) -> None:
    told = {
        "UDEMY_BUSINESS_URL": "HOST",
        "UDEMY_BUSINESS_ACCOUNT": "12345",
        "UDEMY_BUSINESS_CLIENT_ID": "me",
    }
    done = read("udemy_business", udemy, told, tmp_path, runs=2)
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert states(done)["user_course_activity"] == (Status.COMPLETE, Proof.COUNT)
    assert done.rows("SELECT count(*) FROM user_course_activity") == [(150,)]
    assert done.rows("SELECT num_completed_courses FROM user_activity ORDER BY 1") == [(1,), (2,)]
    assert done.rows("SELECT value FROM courses__instructors") == [("Ann Lee",)]


# Docebo: a token for a form, pages that say whether there is more, PHP's empty lists where others have objects.


def docebo(asked: Asked) -> Says:
    if asked.path == "/oauth2/token":
        sent = dict(parse_qsl(asked.body))
        assert sent == {
            "grant_type": "client_credentials",
            "client_id": "me",
            "client_secret": "k3y-0f-docebo",
            "scope": "api",
        }
        return Says(TOKEN)
    assert asked.headers["Authorization"] == "Bearer t0ken"
    kind = asked.path.rpartition("/")[2]
    rows = {
        "user": [{"user_id": str(number), "username": f"u{number}", "managers": []} for number in range(450)],
        "orgchart": [{"id_org": 0, "translation": []}, {"id_org": 1, "translation": {"english": "Ulm"}}],
        "courses": [{"id_course": 7, "name": "SQL", "category": {"id": 1}}],
        "enrollments": [
            {"user_id": 1, "type": "elearning", "id": 7, "status": "completed"},
            {"user_id": 1, "type": "learning_plan", "id": 7, "status": "in_progress"},
        ],
    }[kind]
    page, size = int(asked.query["page"]), int(asked.query["page_size"])
    assert size == 200
    found: list[Any] = rows[page * size - size : page * size]
    more = page * size < len(rows)
    return Says({"data": {"items": found, "current_page": page, "has_more_data": more}, "version": "1.0.0"})


def test_docebo_is_read_page_by_page_until_there_is_no_more(tmp_path: Path) -> None:
    done = read("docebo", docebo, {"DOCEBO_URL": "HOST", "DOCEBO_CLIENT_ID": "me"}, tmp_path)
    assert Status.INCOMPLETE not in {status for status, _ in states(done).values()}
    assert done.rows("SELECT count(*) FROM users") == [(450,)]
    assert done.rows("SELECT type, status FROM enrollments ORDER BY type") == [
        ("elearning", "completed"),
        ("learning_plan", "in_progress"),
    ]
    assert done.rows("SELECT translation->>'$.english' FROM branches ORDER BY id_org") == [(None,), ("Ulm",)]


# LearnWorlds: a login by JSON, pages beyond the last that repeat it, a number of rows beside them.


def learnworlds(asked: Asked) -> Says:
    assert asked.headers["Lw-Client"] == "school1"
    if asked.path == "/admin/api/oauth2/access_token":
        assert json.loads(asked.body) == {
            "grant_type": "client_credentials",
            "client_id": "school1",
            "client_secret": "k3y-0f-learnworlds",
        }
        return Says({"tokenData": TOKEN, "errors": [], "success": True})
    assert asked.headers["Authorization"] == "Bearer t0ken"
    kind = asked.path.removeprefix("/admin/api/v2/")
    people = [{"id": f"u{number}", "role": {"level": "user"}, "fields": {"bio": None}} for number in range(450)]
    rows = {
        "users": people,
        "courses": [{"id": f"c{number}", "title": "SQL", "created": 1510243831.36581} for number in range(2)],
        "courses/c0/users": people[:2],
        "courses/c0/grades": [{"id": "g1", "user_id": "u0", "grade": 87.5, "learningUnit": {"id": "l1"}}],
        "payments": [{"id": "p1", "price": 100, "instructors": [{"id": "u9", "percentage": 0.2}]}],
    }.get(kind, [])
    assert asked.query.get("include_suspended") == ("true" if kind == "users" else None)
    size = int(asked.query.get("items_per_page", 50))
    last = max(1, -(-len(rows) // size))
    page = min(int(asked.query.get("page", 1)), last)
    meta = {"page": page, "totalItems": len(rows), "totalPages": last, "itemsPerPage": size}
    return Says({"data": rows[page * size - size : page * size], "meta": meta})


def test_learnworlds_is_read_to_its_last_page_and_no_further(tmp_path: Path) -> None:
    done = read("learnworlds", learnworlds, {"LEARNWORLDS_URL": "HOST", "LEARNWORLDS_CLIENT_ID": "school1"}, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.COUNT)}
    assert done.rows("SELECT count(*) FROM users") == [(450,)]
    assert done.rows("SELECT _courses_id, id FROM course_users ORDER BY id") == [("c0", "u0"), ("c0", "u1")]
    assert done.rows("SELECT _courses_id, grade, learning_unit__id FROM grades") == [("c0", 87.5, "l1")]
    assert done.rows("SELECT id, percentage FROM payments__instructors") == [("u9", 0.2)]


# Ed-Fi 7.3: cursors in a header, what changed between two versions, lists of deletes with a total.

VALIDATED = ({"limit", "pageSize"}, {"limit", "pageSize", "pageToken"})


class Ods:
    """A host with students, of whom one leaves between the runs."""

    def __init__(self) -> None:
        self.newest = 10
        self.windows: dict[str, list[tuple[str | None, str | None]]] = {}

    def __call__(self, asked: Asked) -> Says:
        if asked.path == "/api/oauth/token":
            return Says(TOKEN)
        assert asked.headers["Authorization"] == "Bearer t0ken"
        if asked.path == "/api/changeQueries/v1/availableChangeVersions":
            self.newest += 10
            return Says({"oldestChangeVersion": 0, "newestChangeVersion": self.newest})
        kind = asked.path.removeprefix("/api/data/v3/ed-fi/")
        window = (asked.query.get("minChangeVersion"), asked.query.get("maxChangeVersion"))
        paging = set(asked.query) - {"minChangeVersion", "maxChangeVersion"}
        is_later = window != (None, None)
        self.windows.setdefault(kind, []).append(window)
        if "/" in kind:
            assert paging == {"offset", "limit", "totalCount"}
            gone = [{"id": "s3", "changeVersion": 25, "keyValues": {"studentUniqueId": "3"}}]
            rows = gone if is_later and kind == "students/deletes" else []
            return Says(rows, headers={"Total-Count": str(len(rows))})
        assert paging in VALIDATED and (asked.query["limit"], asked.query["pageSize"]) == ("500", "500")
        if kind != "students":
            return Says([])
        people = ["s1"] if is_later else ["s1", "s2", "s3"]
        name = "Renamed" if is_later else "Zoë"
        token = int(asked.query.get("pageToken", 0))
        rows = [{"id": key, "studentUniqueId": key, "firstName": name} for key in people[token : token + 1]]
        return Says(rows, headers={"Next-Page-Token": str(token + 1)} if rows else {})


def test_edfi_is_asked_by_version_for_what_changed_and_what_was_deleted(tmp_path: Path) -> None:
    ods = Ods()
    told = {"EDFI_URL": "HOST/api", "EDFI_TOKEN_URL": "HOST/api/oauth/token", "EDFI_KEY": "me"}
    done = read("edfi_7_3", ods, told, tmp_path, runs=2)
    assert Status.INCOMPLETE not in {status for status, _ in states(done).values()}
    assert set(ods.windows["students"]) == {(None, None), ("20", "30")}
    assert ods.windows["sections/keyChanges"] == [(None, None), ("20", "30")]
    assert done.rows("SELECT id, first_name, _deleted_at IS NULL FROM students ORDER BY id") == [
        ("s1", "Renamed", True),
        ("s2", "Zoë", True),
        ("s3", "Zoë", False),
    ]
