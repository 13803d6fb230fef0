"""OneRoster as Ed-Fi's certified service answered it (1.2, the version of 2026-08-17), and 1.1 as its standard has it.

4 orgs, 4 sessions, 60 courses, 180 classes, 1,203 users, 1,163 demographics, 2,326 enrollments. Change `granted` and
`organizations`, the scopes and the organisations of the client, to see what the service makes of it. Source: the
record of that run (education.md, 1.14, 1.15 and 5d); the words of its errors are those of
Ed-Fi-Alliance-OSS/edfi-oneroster, src/ at 2b25f112 and 0ff8e060, read on 2026-11-23. Its tokens are signed by HMAC
here, not RS256, so that no test needs a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from loopback import Asked, Says, StandIn
from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849 import signature

SCOPES = "https://purl.imsglobal.org/spec/or/v1p2/scope"
CORE, FULL = f"{SCOPES}/roster-core.readonly", f"{SCOPES}/roster.readonly"
DEMOGRAPHICS = f"{SCOPES}/roster-demographics.readonly"
CLIENT, SECRET = "homeroom-reader", "r1ght-s3cret-0f-the-client"
MOST, DEFAULT = 500, 100
FILTERED = ("sourcedId", "status", "dateLastModified")

Row = dict[str, Any]
Kept = dict[str, list[Row]]


def id_of(*parts: object) -> str:
    """An id as the service makes them: the hash of a natural key."""
    return hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def _reference(kind: str, single: str, *parts: object) -> Row:
    return {"href": f"/{kind}/{id_of(single, *parts)}", "sourcedId": id_of(single, *parts), "type": single}


def _row(single: str, *key: object, **fields: Any) -> Row:
    """A row; fields without a value are left out, and none is ever deleted."""
    there = {name: value for name, value in fields.items() if value is not None}
    day = 1 + sum(map(len, map(str, key))) % 28
    return {
        "sourcedId": id_of(single, *key),
        "status": "active",
        "dateLastModified": f"2026-11-{day:02d}T03:00:00.000Z",
    } | there


def rosters(version: Literal["1.1", "1.2"]) -> Kept:
    """All rows, by the name of their list, sorted by sourcedId."""
    school = [_reference("orgs", "org", number) for number in range(4)]
    people = ["student"] * 1163 + ["teacher"] * 40
    year = {"startDate": "2026-08-01", "endDate": "2027-07-31", "schoolYear": "2027"}
    lists: Kept = {
        "orgs": [
            _row("org", n, name=f"School {n}", type="school" if n else "district", parent=school[0] if n else None)
            for n in range(4)
        ],
        "academicSessions": [_row("session", n, title=f"Term {n}", type="term", **year) for n in range(4)],
        "courses": [_row("course", n, title=f"Course {n}", courseCode=f"C{n}", org=school[n % 4]) for n in range(60)],
        "classes": [_class(n, school[1 + n % 3]) for n in range(180)],
        "users": [_user(version, n, role, school[1 + n % 3]) for n, role in enumerate(people)],
        "demographics": [_row("user", n, birthDate="2010-01-01", asian="false") for n in range(1163)],
        "enrollments": [_enrollment(n, k, school[1 + n % 3]) for n in range(1163) for k in range(2)],
    }
    return {kind: sorted(rows, key=lambda row: str(row["sourcedId"])) for kind, rows in lists.items()}


def _class(number: int, school: Row) -> Row:
    course, term = _reference("courses", "course", number % 60), _reference("academicSessions", "session", number % 4)
    kind = "homeroom" if number % 9 == 0 else "scheduled"
    return _row("class", number, title=f"Class {number}", classType=kind, course=course, school=school, terms=[term])


def _enrollment(user: int, place: int, school: Row) -> Row:
    attends = {"class": _reference("classes", "class", (user + place * 7) % 180)}
    first = "true" if place == 0 else "false"
    person = _reference("users", "user", user)
    return _row("enrollment", user, place, role="student", primary=first, user=person, school=school, **attends)


def _user(version: str, number: int, role: str, school: Row) -> Row:
    roles = {"roles": [{"roleType": "primary", "role": role, "org": school}]}
    return _row(
        "user",
        number,
        username=f"s{number}@example.edu",
        userIds=[{"type": f"{role}UniqueId", "identifier": f"S{number:06d}"}],
        enabledUser="true" if number % 10 else "false",
        givenName="Zoë",
        familyName=f"Brown {number}",
        middleName="M" if number % 4 == 0 else None,
        grades=["Tenth grade"] if role == "student" else None,
        metadata={"edfi": {"naturalKey": number}},
        **(roles if version == "1.2" else {"role": role, "orgs": [school]}),
    )


class OneRoster(StandIn):
    """The service. `policy` is how many requests it takes in how many seconds."""

    def __init__(self, version: Literal["1.1", "1.2"] = "1.2", policy: tuple[int, int] = (100, 60)) -> None:
        super().__init__()
        self.rows = rosters(version)
        self.policy = policy
        self.granted = [CORE]
        self.organizations = [255901]
        self._version = version
        self._root = "/ims/oneroster/rostering/v1p2/" if version == "1.2" else "/ims/oneroster/v1p1/"
        self._lock = threading.Lock()
        self._window, self._taken = -1.0, 0

    @contextmanager
    def changed(self, **attributes: Any) -> Iterator[None]:
        """The service with something otherwise for a while."""
        before = {name: getattr(self, name) for name in attributes}
        for name, value in attributes.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    def forget_requests(self) -> None:
        """A new window for its rate: nobody waits a minute for it."""
        with self._lock:
            self._window = -1.0

    def refresh_without(self, kind: str, sourced_id: str) -> None:
        """The views are made anew, and a row is not in them any more."""
        self.rows[kind] = [row for row in self.rows[kind] if row["sourcedId"] != sourced_id]

    @property
    def values(self) -> dict[str, str]:
        """What `homeroom init` is told."""
        if self._version == "1.1":
            return {"ONEROSTER_URL": self.url, "ONEROSTER_KEY": CLIENT}
        return {
            "ONEROSTER_URL": self.url,
            "ONEROSTER_TOKEN_URL": f"{self.url}/oauth/token",
            "ONEROSTER_CLIENT_ID": CLIENT,
        }

    def counts(self) -> dict[str, int]:
        """How many rows each resource of the catalogue's config has here."""
        named = {"academicSessions": "academic_sessions"}
        return {named.get(kind, kind): len(rows) for kind, rows in self.rows.items() if kind != "demographics"}

    def answer(self, asked: Asked) -> Says:
        if asked.path == "/oauth/token":
            return self._token(asked)
        if not asked.path.startswith("/ims/oneroster/"):
            return Says({"version": "1.0.0", "database": "POSTGRESQL"})
        is_over, headers = self._counted()
        if is_over:
            text = "Too many requests, please try again later."
            return Says(text, 429, {**headers, "Retry-After": headers["RateLimit-Reset"]})
        says = self._admitted(asked)
        return Says(says.body, says.status, headers | dict(says.headers))

    def _counted(self) -> tuple[bool, dict[str, str]]:
        most, seconds = self.policy
        with self._lock:
            now = time.monotonic()
            if self._window < 0 or now >= self._window + seconds:
                self._window, self._taken = now, 0
            self._taken += 1
            left, reset = most - self._taken, max(1, round(self._window + seconds - now))
        told = {
            "Policy": f"{most};w={seconds}",
            "Limit": str(most),
            "Remaining": str(max(0, left)),
            "Reset": str(reset),
        }
        return left < 0, {f"RateLimit-{name}": value for name, value in told.items()}

    # Who asks.

    def _token(self, asked: Asked) -> Says:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        form = dict(parse_qsl(asked.body))
        if asked.headers.get("authorization") != f"Basic {basic}":
            return Says({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        scope = " ".join(each for each in form.get("scope", "").split() if each in self.granted)
        claims = {"scope": scope, "educationOrganizationId": self.organizations, "odsInstanceId": 1}
        text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return Says({"access_token": f"{text}.{_signed(text)}", "token_type": "Bearer", "expires_in": 1800})

    def _admitted(self, asked: Asked) -> Says:
        kind = asked.path.removeprefix(self._root)
        if self._version == "1.1":
            return self._list(kind, asked) if self._is_signed(asked) else _failure(401, "Invalid or expired signature.")
        word, _, token = asked.headers.get("authorization", "").partition(" ")
        if word != "Bearer" or not token:
            return _failure(401, "Missing or invalid Authorization header.")
        text, _, mark = token.partition(".")
        if not hmac.compare_digest(mark, _signed(text)):
            return _failure(401, "Invalid or expired token.")
        claims = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        needed = DEMOGRAPHICS if kind == "demographics" else CORE
        if not {needed, FULL if needed == CORE else needed}.intersection(claims["scope"].split()):
            return _failure(
                403, f"Insufficient scope: your token must have the '{FULL}' or '{needed}' scope to access this route."
            )
        if not claims["educationOrganizationId"] and kind in self.rows:
            return Says({kind: []})
        return self._list(kind, asked)

    def _is_signed(self, asked: Asked) -> bool:
        header = asked.headers.get("authorization", "")
        if not header.startswith("OAuth "):
            return False
        pairs = dict(re.findall(r'(\w+)="([^"]*)"', header))
        if pairs.get("oauth_consumer_key") != CLIENT:
            return False
        found = signature.collect_parameters(
            uri_query=urlencode(asked.query), headers={"Authorization": header}, exclude_oauth_signature=False
        )
        request = SignedRequest(f"{self.url}{asked.path}?{urlencode(asked.query)}", "GET")
        request.params = [(name, value) for name, value in found if name != "oauth_signature"]
        request.signature = dict(found)["oauth_signature"]
        return signature.verify_hmac_sha256(request, SECRET)

    # What is asked.

    def _list(self, kind: str, asked: Asked) -> Says:
        if kind not in self.rows:
            return _failure(404, "The specified resource was not found")
        limit, offset = asked.query.get("limit", str(DEFAULT)), asked.query.get("offset", "0")
        if not (limit.isdecimal() and offset.isdecimal() and int(limit) > 0):
            return _failure(400, "limit and offset must be whole numbers", "invalid_data")
        rows = self.rows[kind]
        if told := asked.query.get("filter"):
            found = re.fullmatch(r"(\w+)(>=|>|=)'([^']*)'", told)
            if found is None or found[1] not in FILTERED:
                said = f"Field '{found[1] if found else told}' is not allowed for filtering."
                return _failure(400, f"{said} Allowed fields: {', '.join(FILTERED)}", "invalid_data")
            rows = [row for row in rows if _fits(str(row[found[1]]), found[2], found[3])]
        page = rows[int(offset) : int(offset) + min(int(limit), MOST)]
        return Says({kind: page}, headers={"X-Total-Count": str(len(rows))} if self._version == "1.1" else {})


def _fits(value: str, operator: str, wanted: str) -> bool:
    return value > wanted if operator == ">" else value >= wanted if operator == ">=" else value == wanted


def _failure(status: int, description: str, minor: str | None = None) -> Says:
    body = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": description}
    return Says(body | ({"imsx_codeMinor": minor} if minor else {}), status)


def _signed(text: str) -> str:
    return hmac.new(b"the service's own", text.encode(), hashlib.sha256).hexdigest()
