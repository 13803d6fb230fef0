"""From a description to a complete sync, with no edit between."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest
from describing import drafted, get, many, openapi, query

import homeroom
from homeroom.draft.writing import written
from homeroom.privacy import Hider
from homeroom.values import Proof, Status

TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}
USERS = ("ann", "ben", "cem")
COURSES = [
    {
        "id": number,
        "courseName": f"Course {number}",
        "startedAt": None if number % 2 else "2026-09-01T08:00:00Z",
        "updatedAt": f"2026-10-{number:02d}T08:00:00Z",
        "owner": {"fullName": "Zoë", "house": {"colour": "red"}},
        "settings": {"a": {"b": number}},
        "tags": ["x", "y"],
    }
    for number in range(1, 8)
]
GROUPS = {course["id"]: [{"id": f"g{course['id']}", "title": "all"}] for course in COURSES}
MEMBERS = {
    f"g{number}": [{"userId": user, "updatedAt": f"2026-10-0{number}T08:00:00Z"} for user in USERS]
    for number in range(1, 8)
}


def obj(*required: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


def enveloped(row: dict[str, Any]) -> dict[str, Any]:
    return obj(results=many(row), paging=obj(nextPage={**TEXT, "description": "the URL of the next page"}))


COURSE = obj(
    "id",
    "courseName",
    "updatedAt",
    id={"type": "integer"},
    courseName=TEXT,
    startedAt={**TIME, "nullable": True},
    updatedAt=TIME,
    owner=obj(fullName=TEXT, house=obj(colour=TEXT)),
    settings={"type": "object", "additionalProperties": True},
    tags={"type": "array", "items": TEXT},
)
BEARER = {"components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}}
PATHS = {
    "/api/v1/courses": get(enveloped(COURSE), query("limit", maximum=3)),
    "/api/v1/courses/{courseId}/groups": get(enveloped(obj("id", id=TEXT, title=TEXT))),
    "/api/v1/courses/{courseId}/groups/{groupId}/users": get(
        enveloped(obj(userId=TEXT, updatedAt=TIME)), query("updatedSince", format="date-time")
    ),
    "/api/v1/courses/{courseId}/groups/{groupId}/users/{userId}": get(obj(userId=TEXT)),
}
DOCUMENT = openapi(paths=PATHS, servers=[], **BEARER)


def rows_at(path: str) -> list[dict[str, Any]]:
    for pattern, rows in ((r"courses/\d+/groups/(g\d+)/users", MEMBERS), (r"courses/(\d+)/groups", GROUPS)):
        if found := re.fullmatch(f"/api/v1/{pattern}", path):
            key: Any = found[1] if rows is MEMBERS else int(found[1])
            return rows[key]
    assert path == "/api/v1/courses"
    return COURSES


@contextmanager
def lantern(asked: list[str]) -> Iterator[str]:
    """The address of a server that is as the document says; `asked` gets the path and query of each request."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            parts = urlsplit(self.path)
            told = {name: values[0] for name, values in parse_qs(parts.query).items()}
            rows, start, size = rows_at(parts.path), len(told.get("after", "")), int(told.get("limit", 3))
            rows = [row for row in rows if row.get("updatedAt", "z") >= told.get("updatedSince", "")]
            page = {"results": rows[start : start + size], "paging": {}}
            if start + size < len(rows):
                page["paging"] = {"nextPage": f"{parts.path}?limit={size}&after={'m' * (start + size)}"}
            is_admitted = self.headers["Authorization"] == "Bearer t0ken"
            body = json.dumps(page if is_admitted else {}).encode()
            self.send_response(200 if is_admitted else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_draft_syncs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTERN_TOKEN", "t0ken")
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "k" * 32)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    asked: list[str] = []
    with lantern(asked) as url:
        draft = drafted(DOCUMENT, f"{url}/openapi.json")
        target = f"duckdb:///{tmp_path / 'rows.duckdb'}"
        text = written(draft, name="lantern", destination=target, command="homeroom draft", version="1")
        (tmp_path / "lantern.yaml").write_text(text)
        first = homeroom.sync(str(tmp_path / "lantern.yaml"))
        asked.clear()
        homeroom.sync(str(tmp_path / "lantern.yaml"))
    assert {name: (line.status, line.proof) for name, line in first.resources.items()} == {
        "courses": (Status.COMPLETE, Proof.KEYSET),
        "groups": (Status.COMPLETE, Proof.KEYSET),
        "users": (Status.COMPLETE, Proof.KEYSET),
    }
    members = sorted(each for each in asked if "/users?" in each)
    assert members[2] == "/api/v1/courses/3/groups/g3/users?updatedSince=2026-10-03T08%3A00%3A00Z"
    assert len(members) == 7
    with duckdb.connect(str(tmp_path / "rows.duckdb"), read_only=True) as db:
        db.execute("USE lantern")
        columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'courses%'"
        made = {(table, name) for table, name in db.execute(columns).fetchall() if not name.startswith("_")}
        kept = [each for each in draft.resources[0].columns if each.personal is None or each.personal.rule != "drop"]
        assert made == {(each.table or "courses", each.name) for each in kept}
        described = "SELECT column_name, is_nullable, data_type FROM information_schema.columns"
        described += " WHERE table_schema = 'lantern' AND table_name = ?"
        assert [row for row in db.execute(described, ["courses"]).fetchall() if not row[0].startswith("_dlt")] == [
            ("id", "NO", "BIGINT"),
            ("course_name", "NO", "VARCHAR"),
            ("started_at", "YES", "TIMESTAMP WITH TIME ZONE"),
            ("updated_at", "NO", "TIMESTAMP WITH TIME ZONE"),
            ("owner__house__colour", "YES", "VARCHAR"),
            ("settings", "YES", "JSON"),
        ]
        counts = (
            "SELECT (SELECT count(*) FROM courses__tags), (SELECT count(*) FROM groups), (SELECT count(*) FROM users)"
        )
        assert db.execute(counts).fetchall() == [(14, 7, 21)]
        members = "SELECT user_id FROM users WHERE _groups_id = 'g3'"
        hashes = Hider("k" * 32).hashes(["ann", "ben", "cem"])
        assert sorted(each for (each,) in db.execute(members).fetchall()) == sorted(hashes)
