"""Configs against servers that answer as their platforms are documented, or were seen, to answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from canned import Asked, Read, Says, read

from homeroom.values import Proof, Status


def states(done: Read) -> dict[str, tuple[Status, Proof | None]]:
    return {name: (line.status, line.proof) for name, line in done.report.resources.items()}


# Clever: rows wrapped in data, a list of links, relative addresses.

USERS = [
    {"id": f"u{number:04d}", "name": {"first": "Zoë"}, "roles": {"student": {"dob": "1/2/2010"}}}
    for number in range(2500)
]


def clever(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    rows = USERS if kind == "users" else [{"id": f"{kind}1", "name": kind}]
    behind = [row for row in rows if row["id"] > asked.query.get("starting_after", "")]
    page = behind[: int(asked.query.get("limit", 100))]
    links = [{"rel": "self", "uri": f"/v3.1/{kind}"}]
    if len(page) < len(behind):
        links.append(
            {"rel": "next", "uri": f"/v3.1/{kind}?limit={asked.query['limit']}&starting_after={page[-1]['id']}"}
        )
    assert asked.headers["Authorization"] == "Bearer k3y-0f-clever"
    return Says({"data": [{"data": row, "uri": f"/v3.1/{kind}/{row['id']}"} for row in page], "links": links})


def test_clever_is_walked_by_its_links_and_rows_come_out_of_their_wrapping(tmp_path: Path) -> None:
    done = read("clever", clever, {}, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.KEYSET)}
    assert done.rows("SELECT count(DISTINCT id), min(name__first), min(roles__student__dob) FROM users") == [
        (2500, "Zoë", "1/2/2010")
    ]


# xAPI: `more` is relative, pages are cut at 100, the last one is empty and has none (seen on Ralph 5.1.0).

STATEMENTS = [
    {
        "id": f"s{number:04d}",
        "stored": f"2026-11-{1 + number // 100:02d}T00:00:{number % 60:02d}Z",
        "actor": {"mbox": "x"},
    }
    for number in range(500)
]


def ralph(asked: Asked) -> Says:
    assert asked.headers["X-Experience-API-Version"] == "1.0.3"
    start = int(asked.query.get("search_after", 0))
    found = [each for each in STATEMENTS if each["stored"] >= asked.query.get("since", "")]
    page = found[start : start + min(int(asked.query["limit"]), 100)]
    more = f"/xAPI/statements?limit=500&ascending=true&search_after={start + 100}"
    return Says({"statements": page, "more": more} if page else {"statements": page})


def test_statements_are_read_to_the_empty_page_though_pages_are_cut(tmp_path: Path) -> None:
    done = read("xapi_lrs", ralph, {"XAPI_URL": "https://x/xAPI", "XAPI_USER": "me"}, tmp_path)
    assert states(done) == {"statements": (Status.COMPLETE, Proof.KEYSET)}
    assert done.rows("SELECT count(*) FROM statements") == [(500,)]


# Teachable, TalentLMS and Thinkific count pages and tell totals.


def numbered(
    rows: list[dict[str, Any]], asked: Asked, key: str, page: str, size: str, most: int
) -> tuple[list[dict[str, Any]], int]:
    number, limit = int(asked.query.get(page, 1)), min(int(asked.query[size]), most)
    return rows[(number - 1) * limit : number * limit], -(-len(rows) // limit)


def teachable(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    rows: list[dict[str, Any]] = [{"id": number, "name": f"{kind} {number}"} for number in range(1, 46)]
    if kind == "enrollments":
        rows = [{"user_id": number, "percent_complete": 50} for number in range(1, 22)]
    page, pages = numbered(rows, asked, kind, "page", "per", 20)
    assert asked.headers["apiKey"] == "k3y-0f-teachable"
    return Says({kind: page, "meta": {"total": len(rows), "number_of_pages": pages}})


def test_teachable_is_counted_and_an_enrollment_names_its_course(tmp_path: Path) -> None:
    done = read("teachable", teachable, {}, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.COUNT)}
    assert done.rows("SELECT count(*), count(DISTINCT _courses_id) FROM enrollments") == [(45 * 21, 45)]


def talentlms(asked: Asked) -> Says:
    rows = [{"id": number, "login": f"l{number}"} for number in range(1, 251)]
    page, pages = numbered(rows, asked, "_data", "page[number]", "page[size]", 100)
    assert (asked.headers["X-API-Key"], asked.headers["X-API-Version"]) == ("k3y-0f-talentlms", "2025-01-01")
    return Says({"_data": page, "_meta": {"pagination": {"total_items": len(rows), "total_pages": pages}}})


def test_talentlms_is_turned_by_parameters_in_brackets_and_counted(tmp_path: Path) -> None:
    done = read("talentlms", talentlms, {"TALENTLMS_URL": "https://x", "TALENTLMS_VERSION": "2025-01-01"}, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.COUNT)}
    assert done.rows("SELECT count(*) FROM users") == [(250,)]


def thinkific(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    rows = [{"id": number, "updated_at": "2026-11-01T00:00:00Z"} for number in range(1, 61)]
    page, pages = numbered(rows, asked, kind, "page", "limit", 250)
    assert (asked.headers["X-Auth-API-Key"], asked.headers["X-Auth-Subdomain"]) == ("k3y-0f-thinkific", "school")
    assert kind != "enrollments" or asked.query["query[updated_after]"].startswith("20")
    return Says({"items": page, "meta": {"pagination": {"total_items": len(rows), "total_pages": pages}}})


def test_thinkific_is_counted_also_where_it_is_read_by_increment(tmp_path: Path) -> None:
    done = read("thinkific", thinkific, {"THINKIFIC_SUBDOMAIN": "school"}, tmp_path, runs=2)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.COUNT)}
    assert done.rows("SELECT count(*) FROM enrollments") == [(60,)]


# OneRoster 1.2 as the certified Ed-Fi service answers: 500 rows at most, no total, an empty list past the end.


def oneroster(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    rows = [{"sourcedId": f"{number:05d}", "status": "active"} for number in range(1230 if kind == "users" else 3)]
    start, limit = int(asked.query["offset"]), min(int(asked.query["limit"]), 500)
    return Says({kind: rows[start : start + limit]})


def test_a_roster_without_a_total_is_proved_by_pages_that_overlap(tmp_path: Path) -> None:
    done = read("classlink", classlink, {"CLASSLINK_APPLICATION_ID": "MoYPlyQWmG0%3D"}, tmp_path)
    assert {status for status, _ in states(done).values()} == {Status.COMPLETE}
    assert states(done)["users"] == (Status.COMPLETE, Proof.CONTINUITY)
    assert done.rows("SELECT count(*) FROM users") == [(1230,)]


def classlink(asked: Asked) -> Says:
    assert asked.path.startswith("/MoYPlyQWmG0%3D/ims/oneroster/v1p1/")
    assert asked.headers["Authorization"] == "Bearer k3y-0f-classlink"
    return oneroster(
        Asked(asked.host, f"/ims/oneroster/rostering/v1p2/{asked.path.rpartition('/')[2]}", asked.query, {})
    )


# Canvas: links in a header, opaque; terms stand in an object, states are asked for, the root account is no list.


def canvas(asked: Asked) -> Says:
    kind = asked.path.rpartition("/")[2]
    assert asked.query["per_page"] == "100"
    if asked.path == "/api/v1/accounts/1":
        return Says({"id": 1, "name": "Campus", "parent_account_id": None})
    if kind == "terms":
        return Says(
            {"enrollment_terms": [{"id": 1, "workflow_state": "active"}, {"id": 2, "workflow_state": "deleted"}]}
        )
    rows = [{"id": number, "course_id": 7} for number in range(1, 151)]
    if kind == "courses":
        rows = [{"id": 7, "name": "Math"}]
    if kind == "enrollments":
        assert asked.path == "/api/v1/courses/7/enrollments"
        rows = [{"id": number, "enrollment_state": "deleted" if number == 9 else "active"} for number in range(1, 151)]
    if kind == "submissions":
        assert asked.path == "/api/v1/courses/7/students/submissions"
        assert "page" in asked.query or asked.query["student_ids[]"] == "all"
        rows = [{"id": number, "submitted_at": None, "score": 1.5} for number in range(1, 151)]
    page = rows[100:] if "page" in asked.query else rows[:100]
    link = f'<{asked.host}{asked.path}?page=bookmark:WyJ4Il0&per_page=100>; rel="next"'
    return Says(page, headers={"Link": link} if len(rows) > 100 and "page" not in asked.query else {})


def test_canvas_is_walked_by_its_links_and_says_itself_who_is_deleted(tmp_path: Path) -> None:
    done = read("canvas", canvas, {"CANVAS_URL": "https://x", "CANVAS_ACCOUNT": "1"}, tmp_path)
    found = dict(states(done))
    assert found.pop("root_account") == (Status.COMPLETE, Proof.DECLARED)
    assert set(found.values()) == {(Status.COMPLETE, Proof.KEYSET)}
    assert done.rows("SELECT id, name FROM root_account") == [(1, "Campus")]
    assert done.rows("SELECT count(*), count(_deleted_at) FROM enrollments") == [(150, 1)]
    assert done.rows("SELECT id FROM terms WHERE _deleted_at IS NULL") == [(1,)]
    assert done.rows("SELECT count(*) FROM submissions") == [(150,)]
    assert done.rows("SELECT DISTINCT _courses_id FROM assignment_groups") == [(7,)]


def test_canvas_is_asked_for_what_was_submitted_and_what_was_graded_since(tmp_path: Path) -> None:
    days = {1: ("2026-11-01", "2026-11-09"), 2: ("2026-11-05", None)}
    work = [
        {"id": number, "submitted_at": f"{submitted}T10:00:00Z", "graded_at": graded and f"{graded}T10:00:00Z"}
        for number, (submitted, graded) in days.items()
    ]
    starts: list[tuple[str | None, str | None]] = []

    def answer(asked: Asked) -> Says:
        if asked.path.endswith("/terms"):
            return canvas(asked)
        if not asked.path.endswith("/students/submissions"):
            return Says([{"id": 7}] if asked.path.endswith("/accounts/1/courses") else [])
        starts.append((asked.query.get("submitted_since"), asked.query.get("graded_since")))
        return Says(work)

    done = read("canvas", answer, {"CANVAS_URL": "https://x", "CANVAS_ACCOUNT": "1"}, tmp_path, runs=2)
    assert set(starts) == {(None, None), ("2026-11-05T09:00:00Z", None), (None, "2026-11-09T09:00:00Z")}
    assert done.rows("SELECT _courses_id, id FROM submissions ORDER BY id") == [(7, 1), (7, 2)]


# Ed-Fi: tokens for key and secret in the body, a bare list, the total in a header where it is asked for.


def edfi(asked: Asked) -> Says:
    if asked.path == "/api/oauth/token":
        return Says({"access_token": "t0ken", "token_type": "bearer", "expires_in": 1800})
    assert asked.headers["Authorization"] == "Bearer t0ken"
    start, limit = int(asked.query["offset"]), int(asked.query["limit"])
    if limit > 500:
        return Says({"detail": "The limit must be between 0 and 500."}, status=400)
    rows = [{"id": f"{number:032x}", "_etag": "5"} for number in range(1100 if asked.path.endswith("students") else 2)]
    headers = {"Total-Count": str(len(rows))} if asked.query.get("totalCount") == "true" else {}
    return Says(rows[start : start + limit], headers=headers)


def test_ed_fi_is_counted_by_a_header(tmp_path: Path) -> None:
    values = {"EDFI_URL": "https://x/api", "EDFI_TOKEN_URL": "HOST/api/oauth/token", "EDFI_KEY": "me"}
    done = read("edfi", edfi, values, tmp_path)
    assert set(states(done).values()) == {(Status.COMPLETE, Proof.COUNT)}
    assert done.rows("SELECT count(*) FROM students") == [(1100,)]


def rosters(asked: Asked) -> Says:
    if asked.path == "/token":
        return Says({"access_token": "t0ken", "token_type": "bearer", "expires_in": 1800})
    assert asked.path.startswith("/ims/oneroster/rostering/v1p2/")
    assert asked.headers["Authorization"] == "Bearer t0ken"
    return oneroster(asked)


def test_the_certified_service_is_read_whole_though_it_cuts_pages_at_500(tmp_path: Path) -> None:
    values = {"ONEROSTER_URL": "https://x", "ONEROSTER_TOKEN_URL": "HOST/token", "ONEROSTER_CLIENT_ID": "me"}
    done = read("oneroster_1_2", rosters, values, tmp_path)
    assert states(done)["users"] == (Status.COMPLETE, Proof.CONTINUITY)
    assert done.rows("SELECT count(*) FROM users") == [(1230,)]
