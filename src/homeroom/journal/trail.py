"""The trail of a run: which pages its chains have brought, in their order, and how each chain ended.

What paging asks for depends on what arrives when, so a run cannot be repeated by asking a journal instead of the API:
other requests would be made. A replay does not page. It goes along the trail.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from homeroom.journal.kept import FOR_REPLAYS, Whose
from homeroom.values import ChainEnd, Proof

_TABLES = (
    "CREATE TABLE IF NOT EXISTS trail (resource TEXT NOT NULL, chain BLOB NOT NULL, nth INTEGER NOT NULL, "
    "number INTEGER NOT NULL, place TEXT NOT NULL, page INTEGER, left_out TEXT NOT NULL, "
    "PRIMARY KEY (resource, chain, nth, number))",
    "CREATE TABLE IF NOT EXISTS trail_ends (resource TEXT NOT NULL, chain BLOB NOT NULL, nth INTEGER NOT NULL, "
    "pages INTEGER NOT NULL, said TEXT NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A page that a chain brought. `number` and `place` are those of the `Page`.

    `page` is the number of its answer in the file, None where that is not there. `left_out` are the positions of the
    answer's rows that were left out, because a page before had brought them.
    """

    number: int
    place: str
    page: int | None
    left_out: tuple[int, ...] = ()


@dataclass(slots=True)
class Trail:
    """All that a chain brought. `end` is None where it came to none: its resource failed, or was not read on."""

    pages: list[Passed]
    end: ChainEnd | None = None
    length: int = 0
    """The pages that there were at the end."""


def begin(db: sqlite3.Connection, about: str) -> None:
    """Begin a trail where there is none, or anew; `about` is what a replay must know of its run."""
    for table in _TABLES:
        db.execute(table)
    for table in ("trail", "trail_ends"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM pages WHERE request = ?", (FOR_REPLAYS,))
    db.execute("INSERT OR REPLACE INTO head VALUES ('replay', ?)", (about,))


def add_page(db: sqlite3.Connection, whose: Whose, nth: int, passed: Passed) -> None:
    """Enter a page of the chain that has the number `nth` in its resource."""
    left_out = orjson.dumps(passed.left_out).decode()
    row = (*whose, nth, passed.number, passed.place, passed.page, left_out)
    db.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def add_end(db: sqlite3.Connection, whose: Whose, end: ChainEnd) -> None:
    """Enter the end of a chain, and how many pages came before it."""
    said = orjson.dumps(asdict(end)).decode()
    count = "SELECT count(*) FROM trail WHERE resource = ? AND chain = ? AND nth = ?"
    (pages,) = db.execute(count, (*whose, end.chain)).fetchone()
    db.execute("INSERT INTO trail_ends VALUES (?, ?, ?, ?, ?)", (*whose, end.chain, pages, said))


def read(db: sqlite3.Connection) -> dict[Whose, list[Trail]]:
    """The trails of all chains; those that began with the same request in the order of their numbers."""
    found: dict[tuple[Whose, int], Trail] = {}
    pages = (
        "SELECT resource, chain, nth, number, place, page, left_out FROM trail ORDER BY resource, chain, nth, number"
    )
    for resource, chain, nth, number, place, page, left_out in db.execute(pages):
        trail = found.setdefault(((resource, chain), nth), Trail([]))
        trail.pages.append(Passed(number, place, page, tuple(orjson.loads(left_out))))
    for resource, chain, nth, length, said in db.execute("SELECT * FROM trail_ends ORDER BY resource, chain, nth"):
        trail = found.setdefault(((resource, chain), nth), Trail([]))
        trail.end, trail.length = _end(orjson.loads(said)), length
    by_chain: dict[Whose, list[Trail]] = {}
    for (whose, _), trail in sorted(found.items(), key=lambda item: item[0]):
        by_chain.setdefault(whose, []).append(trail)
    return by_chain


def _end(said: Mapping[str, Any]) -> ChainEnd:
    return ChainEnd(**{**said, "proof": Proof(said["proof"]), "totals": tuple(said["totals"])})
