"""What is asked of the sample school and what it answers, before and after HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson

from homeroom.demo.dials import Dials

DEFAULT_LIMIT = 100
MOST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is sent; resource is the entity it is about."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    resource: str | None = None
    content_type: str = "application/json"


class RefusedError(Exception):
    """The question cannot be answered; carries the JSON reply that says why."""

    def __init__(self, status: int, error: str, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        """`error` is a word for programs, `message` a sentence for people, left out where there is none."""
        super().__init__(message or error)
        told = {"error": error, "message": message} if message else {"error": error}
        self.reply = Reply(orjson.dumps(told), status, headers or {})


@dataclass(frozen=True, slots=True)
class Question:
    """What a page is asked with; `query` must not hold the key, since next links repeat it."""

    origin: str
    path: str
    query: Mapping[str, str]
    """Of the URL, or of the body where it is a POST."""
    dials: Dials = field(default_factory=Dials)
    blank: bool = False
    """A list page loses its rows and keeps all else."""
    visit: int = 0
    """How many requests the entity has had, this one included; the age of a cursor is counted in it."""

    def number(self, name: str, default: int, least: int) -> int:
        """A whole number of the query; RefusedError 400 for anything else."""
        text = self.query.get(name)
        if text is None:
            return default
        # 18 digits: int() of a longer text is slow, and no offset needs it
        if not (text.isascii() and text.isdecimal() and len(text) <= 18) or int(text) < least:
            raise RefusedError(400, "bad_request", f"{name}={text[:40]!r} is not allowed; allowed: {least} or more")
        return int(text)

    def size(self, name: str) -> int:
        """Rows in one page: what is asked for, clamped in silence as the dials and MOST_LIMIT say."""
        return min(self.number(name, DEFAULT_LIMIT, 1), MOST_LIMIT, self.dials.page_cap or MOST_LIMIT)

    def relative(self, **changed: int) -> str:
        """This path with other page numbers; without any, this very URL."""
        query = {**self.query, **changed}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def absolute(self, **changed: int) -> str:
        """This URL with other page numbers."""
        return self.origin + self.relative(**changed)

    def array(self, encoded: Sequence[bytes]) -> bytes:
        """A bare list of the rows."""
        return b"[" + (b"" if self.blank else b",".join(encoded)) + b"]"

    def envelope(self, key: str, encoded: Sequence[bytes], **facts: object) -> bytes:
        """The rows under `key`, then the facts, and the warnings where the rights are wrong."""
        if self.dials.empty_for_rights == "on":
            facts["warnings"] = [_no_rights(self.path)]
        tail = orjson.dumps(facts)[1:] if facts else b"}"
        comma = b"," if facts else b""
        return b'{"' + key.encode() + b'":' + self.array(encoded) + comma + tail


def _no_rights(path: str) -> Mapping[str, object]:
    entity = path.rstrip("/").rpartition("/")[2]
    message = "rows were left out: the key may not see them"
    return {"item": entity, "itemid": 0, "warningcode": "nopermission", "message": message}
