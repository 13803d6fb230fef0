"""Configs of platforms that want more than a key: tokens, signatures, a login. Stand-ins check what they are sent."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from canned import Asked, Read, Says, read

from homeroom.values import Proof, Status


def states(done: Read) -> dict[str, tuple[Status, Proof | None]]:
    return {name: (line.status, line.proof) for name, line in done.report.resources.items()}


def basic(asked: Asked) -> str:
    return base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode()


TOKEN = {"access_token": "t0ken", "token_type": "bearer", "expires_in": 1800}


# Blackboard: key and secret in a Basic header, relative links, none at the end.

PEOPLE = [{"id": f"_{number}_1", "userName": f"user{number}"} for number in range(250)]


def blackboard(asked: Asked) -> Says:
    path = asked.path.removeprefix("/learn/api/public/")
    if path == "v1/oauth2/token":
        assert basic(asked) == "me:k3y-0f-blackboard"
        assert "secret" not in asked.body
        return Says(TOKEN)
    assert asked.headers["Authorization"] == "Bearer t0ken"
    match path.split("/"):
        case ["v1", "users"]:
            start = int(asked.query.get("offset", 0))
            rows, more = PEOPLE[start : start + 100], start + 100 < len(PEOPLE)
            link = (
                {"paging": {"nextPage": f"/learn/api/public/v1/users?offset={start + 100}&limit=100"}} if more else {}
            )
            return Says({"results": rows, **link})
        case ["v1", "terms"] | ["v3", "courses"]:
            return Says({"results": [{"id": "_7_1"}]})
        case ["v2", "courses", "_7_1", "gradebook", "columns", "_8_1", "users"]:
            return Says({"results": [{"columnId": "_8_1", "userId": "_1_1", "score": 87.5}]})
        case ["v2", "courses", "_7_1", "gradebook", "columns"]:
            return Says({"results": [{"id": "_8_1"}]})
        case _:
            return Says({"results": [{"id": "_9_1", "userId": "_1_1", "courseId": "_7_1"}]})


def test_blackboard_is_asked_with_a_token_and_walked_down_to_grades(tmp_path: Path) -> None:
    done = read("blackboard", blackboard, {"BLACKBOARD_URL": "HOST", "BLACKBOARD_KEY": "me"}, tmp_path)
    # Links that count rows prove nothing of a list that takes more than one page.
    assert [name for name, (status, _) in states(done).items() if status is not Status.COMPLETE] == ["users"]
    assert done.rows("SELECT count(*) FROM users") == [(250,)]
    assert done.rows("SELECT column_id, user_id, score FROM grades") == [("_8_1", "_1_1", 87.5)]


# Open edX: a token of another word, a count of courses, cursors of enrollments.


def openedx(asked: Asked) -> Says:
    if asked.path == "/oauth2/access_token":
        sent = parse_qs(asked.body)
        assert (sent["client_secret"], sent["token_type"]) == (["k3y-0f-openedx"], ["jwt"])
        return Says({**TOKEN, "token_type": "JWT"})
    assert asked.headers["Authorization"] == "JWT t0ken"
    if asked.path == "/api/courses/v1/courses/":
        rows, number = [{"id": f"course-v1:a+b+{each}"} for each in range(150)], int(asked.query["page"])
        counts = {"count": 150, "num_pages": 2, "next": None, "previous": None}
        return Says({"results": rows[number * 100 - 100 : number * 100], "pagination": counts})
    assert asked.path == "/api/enrollment/v1/enrollments"
    start = int(asked.query.get("cursor", 0))
    rows = [{"user": f"u{each}", "course_id": "course-v1:a+b+1", "is_active": True} for each in range(250)]
    link = f"{asked.host}{asked.path}?cursor={start + 100}&page_size=100" if start + 100 < 250 else None
    return Says({"next": link, "previous": None, "results": rows[start : start + 100]})


def test_open_edx_gets_its_own_word_before_the_token(tmp_path: Path) -> None:
    done = read("openedx", openedx, {"OPENEDX_URL": "HOST", "OPENEDX_CLIENT_ID": "me"}, tmp_path)
    assert states(done)["courses"] == (Status.COMPLETE, Proof.COUNT)
    assert done.rows("SELECT count(*) FROM enrollments") == [(250,)]


# Schoology and OneRoster 1.1: each request signed.


def parameters(asked: Asked) -> dict[str, str]:
    """Those of an OAuth header."""
    word, _, rest = asked.headers["Authorization"].partition(" ")
    assert word == "OAuth"
    return dict(part.strip().replace('"', "").split("=", 1) for part in rest.split(","))


ENROLLED = [(100, 10), (101, 10), (110, 11), (111, 11), (200, 20), (201, 20), (210, 21), (211, 21)]


def schoology(asked: Asked) -> Says:
    signed = parameters(asked)
    assert (signed["realm"], signed["oauth_consumer_key"]) in {
        ("Schoology API", "me"),
        (quote("Schoology API"), "me"),
    }
    assert asked.headers["Accept"] == "application/json"
    match asked.path.removeprefix("/v1/").split("/"):
        case [*parents, kind]:
            start, count = int(asked.query.get("start", 0)), 430 if kind == "users" else 2
            first = 10 * int(parents[1]) if parents else 1
            rows = [{"id": each} for each in range(first, first + count)]
            key = kind if kind == "gradingperiods" else kind.removesuffix("s")
            return Says({key: rows[start : start + 200]})


def test_schoology_is_signed_and_walked_down_to_enrollments(tmp_path: Path) -> None:
    done = read("schoology", schoology, {"SCHOOLOGY_KEY": "me"}, tmp_path)
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert done.rows("SELECT count(*) FROM users") == [(430,)]
    assert done.rows("SELECT id, _sections_id FROM enrollments ORDER BY 1, 2") == ENROLLED


def rosters(asked: Asked) -> Says:
    signed = parameters(asked)
    assert (signed["oauth_consumer_key"], signed["oauth_signature_method"]) == ("me", "HMAC-SHA256")
    kind = asked.path.removeprefix("/ims/oneroster/v1p1/")
    rows = [{"sourcedId": f"{each:04d}", "status": "active"} for each in range(230 if kind == "users" else 1)]
    start, limit = int(asked.query["offset"]), int(asked.query["limit"])
    return Says({kind: rows[start : start + limit]}, headers={"X-Total-Count": str(len(rows))})


def test_oneroster_1_1_is_signed_and_counted_where_the_server_counts(tmp_path: Path) -> None:
    done = read("oneroster_1_1", rosters, {"ONEROSTER_URL": "https://x", "ONEROSTER_KEY": "me"}, tmp_path)
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert done.rows("SELECT count(*) FROM users") == [(230,)]


# Brightspace: a refresh token once, bookmarks, a flag at the end.


def brightspace(asked: Asked) -> Says:
    if asked.path == "/core/connect/token":
        assert parse_qs(asked.body)["refresh_token"] == ["k3y-0f-brightspace"]
        return Says({**TOKEN, "refresh_token": "the-next"})
    assert asked.headers["Authorization"] == "Bearer t0ken"
    if asked.path == "/d2l/api/le/1.82/6606/classlist/":
        return Says([{"Identifier": "12", "RoleId": 110}])
    if asked.path == "/d2l/api/lp/1.53/orgstructure/":
        assert asked.query["orgUnitType"] == "3"
        return Says({"PagingInfo": {"Bookmark": "", "HasMoreItems": False}, "Items": [{"Identifier": "6606"}]})
    start = int(asked.query.get("bookmark", 0))
    rows = [{"UserId": each} for each in range(start + 1, min(start + 100, 250) + 1)]
    last = rows[-1]["UserId"]
    return Says({"PagingInfo": {"Bookmark": str(last), "HasMoreItems": last < 250}, "Items": rows})


def test_brightspace_is_walked_by_its_bookmarks_to_the_end_that_it_states(tmp_path: Path) -> None:
    values = {
        "BRIGHTSPACE_URL": "https://x",
        "BRIGHTSPACE_LP_VERSION": "1.53",
        "BRIGHTSPACE_LE_VERSION": "1.82",
        "BRIGHTSPACE_CLIENT_ID": "me",
    }
    done = read("brightspace", brightspace, values, tmp_path, instead={"https://auth.brightspace.com": "HOST"})
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert done.rows("SELECT count(*) FROM users") == [(250,)]
    assert done.rows("SELECT _courses_identifier, identifier FROM class_lists") == [("6606", "12")]


# Google Classroom: a signed statement for a token, page tokens, an object without a list where there is nothing.


def classroom(asked: Asked) -> Says:
    if asked.path == "/token":
        claims = parse_qs(asked.body)["assertion"][0].split(".")[1]
        assert json.loads(base64.urlsafe_b64decode(claims + "==="))["sub"] == "admin@school.example.edu"
        return Says(TOKEN)
    assert asked.headers["Authorization"] == "Bearer t0ken"
    match asked.path.removeprefix("/v1/courses").split("/"):
        case [""]:
            return Says({"courses": [{"id": "7", "courseState": "ACTIVE"}, {"id": "8", "courseState": "ARCHIVED"}]})
        case ["", "8", *_]:
            return Says({})
        case ["", "7", "students"]:
            start = int(asked.query.get("pageToken", 0))
            rows = [{"courseId": "7", "userId": str(each)} for each in range(start, min(start + 30, 70))]
            return Says({"students": rows, **({"nextPageToken": str(start + 30)} if start + 30 < 70 else {})})
        case ["", "7", "topics"]:
            return Says({"topic": [{"courseId": "7", "topicId": "1"}]})
        case [*_, kind]:
            return Says({kind: [{"courseId": "7", "courseWorkId": "2", "id": "1", "userId": "3"}]})


def test_google_classroom_is_read_in_an_administrators_name(tmp_path: Path) -> None:
    key = {"client_email": "reader@school.iam.example.com", "private_key": a_private_key(), "token_uri": "HOST/token"}
    done = read(
        "google_classroom",
        classroom,
        {"CLASSROOM_ADMIN": "admin@school.example.edu"},
        tmp_path,
        instead={"${secret:classroom_service_account}": json.dumps(key)},
    )
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert done.rows("SELECT count(*) FROM students") == [(70,)]
    assert done.rows("SELECT course_id, count(*) FROM submissions GROUP BY 1") == [("7", 1)]


def a_private_key() -> str:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa", reason="the extra google is missing")
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


# Kolibri: a login, a cookie, and 200 with an empty list for who has none.

LISTS = {
    "auth/facility": 1,
    "auth/facilityuser": 41,
    "auth/classroom": 4,
    "auth/learnergroup": 8,
    "auth/membership": 80,
    "auth/role": 2,
    "lessons/lesson": 12,
    "exams/exam": 4,
    "logger/attemptlog": 1008,
    "attendance/attendancesession": 12,
    "attendance/attendancerecord": 120,
}
KOLIBRI = {"KOLIBRI_URL": "HOST", "KOLIBRI_FACILITY": "e1c6f0a1b2c3d4e5f60718293a4b5c6d", "KOLIBRI_USER": "reader"}


def kolibri(asked: Asked) -> Says:
    if asked.path == "/api/auth/session/":
        sent = json.loads(asked.body)
        assert sent == {"username": "reader", "password": "k3y-0f-kolibri", "facility": KOLIBRI["KOLIBRI_FACILITY"]}
        return Says({"id": "current"}, headers={"Set-Cookie": "kolibri=s3ssion; HttpOnly; Path=/; Max-Age=1200"})
    known = "kolibri=s3ssion" in asked.headers.get("Cookie", "")
    if asked.path.startswith("/coach/api/classsummary/"):
        quiz = f"quiz of {asked.path[-32:]}"
        results = [{"exam_id": quiz, "learner_id": f"{each:032x}", "status": "Started"} for each in range(10)]
        return Says({"exam_learner_status": results}) if known else Says({}, status=403)
    count = LISTS[asked.path.removeprefix("/api/").rstrip("/")]
    return Says([{"id": f"{each:032x}"} for each in range(count)] if known else [])


def test_kolibri_is_read_whole_by_its_cookie(tmp_path: Path) -> None:
    done = read("kolibri", kolibri, KOLIBRI, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.DECLARED)}
    assert done.rows("SELECT count(*) FROM attempts") == [(1008,)]
    assert done.rows("SELECT count(*), count(DISTINCT _classrooms_id) FROM quiz_results") == [(40, 4)]


def test_who_is_no_longer_known_to_kolibri_deletes_no_users(tmp_path: Path) -> None:
    read("kolibri", kolibri, KOLIBRI, tmp_path)

    def forgotten(asked: Asked) -> Says:
        says = kolibri(asked)
        return Says(says.body, headers={"Set-Cookie": "kolibri=an0ther"}) if says.headers else says

    done = read("kolibri", forgotten, KOLIBRI, tmp_path)
    assert states(done)["users"][0] is Status.FAILED
    assert done.rows("SELECT count(*), count(_deleted_at) FROM users") == [(41, 0)]
