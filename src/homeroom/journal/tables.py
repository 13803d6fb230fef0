"""A journal's tables: what is written to them and read from them."""

from __future__ import annotations

import secrets
import sqlite3
import sys
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from homeroom.journal.kept import Earlier, Head, KeptPage, Tally, Whose
from homeroom.journal.veil import Veil
from homeroom.values import Answer

FORM = "1"
"""Of the file. Another one is not read."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS head (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS pages (
        id INTEGER PRIMARY KEY, resource TEXT NOT NULL, chain BLOB NOT NULL, request BLOB NOT NULL,
        place INTEGER, rows INTEGER NOT NULL, row_total INTEGER, read_at TEXT NOT NULL,
        veiled INTEGER NOT NULL, about BLOB NOT NULL, codec TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL
    )""",
    "CREATE TABLE IF NOT EXISTS ended (resource TEXT, chain BLOB, PRIMARY KEY (resource, chain))",
)

_TO_RESUME = "pages WHERE request != x''"  # FOR_REPLAYS


def is_kept_with(db: sqlite3.Connection, mark: str) -> bool:
    """Whether what is here was asked for with the same secrets as ours: another key may be another school's."""
    db.execute("INSERT OR IGNORE INTO head VALUES ('secrets', ?)", (mark,))
    return bool(db.execute("SELECT value = ? FROM head WHERE name = 'secrets'", (mark,)).fetchone()[0])


def open_tables(db: sqlite3.Connection) -> bytes:
    """The salt of the file, whose tables are made where they are missing."""
    for table in _TABLES:
        db.execute(table)
    db.execute("INSERT OR IGNORE INTO head VALUES ('form', ?), ('salt', ?)", (FORM, secrets.token_hex(16)))
    said = dict(db.execute("SELECT name, value FROM head"))
    if said["form"] != FORM:
        raise ValueError(f"is a journal of another form ({said['form']})")
    if (torn := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise ValueError(f"is torn: {torn}")
    return bytes.fromhex(said["salt"])


def read_head(db: sqlite3.Connection) -> Head | None:
    """What the file says of its run; None before it has one."""
    said = dict(db.execute("SELECT name, value FROM head"))
    if "started_at" not in said:
        return None
    return Head(
        run_id=said["run_id"],
        started_at=datetime.fromisoformat(said["started_at"]),
        fits=orjson.loads(said["fits"]),
        load_id=said["load_id"] or None,
        landed=frozenset(orjson.loads(said["landed"])),
        refused=bool(said.get("refused")),
    )


def write_head(db: sqlite3.Connection, head: Head, mark: str) -> None:
    """Say whose the pages are, and by the veil's `mark` with which secrets they were asked for."""
    values = {
        "secrets": mark,
        "run_id": head.run_id,
        "started_at": head.started_at.isoformat(),
        "fits": orjson.dumps(dict(head.fits)).decode(),
        "load_id": head.load_id or "",
        "landed": orjson.dumps(sorted(head.landed)).decode(),
        "refused": "1" if head.refused else "",
    }
    db.executemany("INSERT OR REPLACE INTO head VALUES (?, ?)", values.items())


def read_index(db: sqlite3.Connection) -> dict[Whose, Earlier]:
    """All chains that have pages here, without their bodies."""
    found: dict[Whose, Earlier] = {}
    for number, resource, chain, request, place, rows in db.execute(
        f"SELECT id, resource, chain, request, place, rows FROM {_TO_RESUME} ORDER BY id"
    ):
        earlier = found.setdefault((resource, chain), Earlier())
        earlier.answers.setdefault(request, []).append(number)
        earlier.first = earlier.first or number
        if not rows:
            earlier.empty.add(number)
        elif place is None or place >= earlier.furthest:
            earlier.last, earlier.furthest = number, earlier.furthest if place is None else place
    for whose in db.execute("SELECT resource, chain FROM ended"):
        if whose in found:
            found[whose].ended = True
    return found


def read_tally(db: sqlite3.Connection) -> Tally:
    """How much is here, and how much there should be by the totals that were told."""
    counts = f"SELECT count(*), count(nullif(rows, 0)), max(read_at) FROM {_TO_RESUME}"
    pages, with_rows, newest = db.execute(counts).fetchone()
    totals: dict[str, int | None] = {}
    chains = f"SELECT resource, max(row_total), max(rows) FROM {_TO_RESUME} GROUP BY resource, chain"
    for resource, total, largest in db.execute(chains):
        expected = None if total is None or not largest else -(-total // largest)
        so_far = totals.get(resource, 0)
        totals[resource] = None if expected is None or so_far is None else so_far + expected
    if None not in totals.values() and sum(each or 0 for each in totals.values()) < with_rows:
        totals = dict.fromkeys(totals)  # lists were read again, because their rows had moved
    return Tally(pages, with_rows, datetime.fromisoformat(newest) if newest else None, totals)


def insert(db: sqlite3.Connection, veil: Veil, page: KeptPage) -> int | None:
    """Write a page down, unless it quotes a secret that the veil does not know; its number, None without one.

    Cookies are not for keeping.
    """
    answer = page.answer
    assert answer.read_at is not None
    about = {
        "status": answer.status,
        "url": answer.url,
        "headers": [pair for pair in answer.headers if pair[0].lower() != "set-cookie"],
        "again": None if page.again is None else page.again.decode(),
    }
    plain = orjson.dumps(about)
    told, body = veil.cover(plain), veil.cover(answer.body)
    if any(secret in told or secret in body for secret in veil.unknown(page.held)):
        return None
    is_veiled = told is not plain or body is not answer.body
    codec, packed = _pack(body)
    known = (*page.whose, page.request, page.place, page.rows, page.row_total, answer.read_at.isoformat())
    return db.execute(
        "INSERT INTO pages (resource, chain, request, place, rows, row_total, read_at, "
        "veiled, about, codec, size, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*known, is_veiled, veil.sealed(told), codec, len(body), veil.sealed(packed)),
    ).lastrowid


def select(db: sqlite3.Connection, veil: Veil, whose: Whose, number: int) -> KeptPage:
    """A page as it was put in."""
    row = db.execute(
        "SELECT request, place, rows, row_total, read_at, about, codec, size, body FROM pages WHERE id = ?",
        (number,),
    ).fetchone()
    request, place, rows, row_total, read_at, told, codec, size, packed = row
    about = orjson.loads(veil.uncover(veil.opened(told)))
    body = veil.uncover(_unpack(codec, veil.opened(packed), size))
    headers = tuple((name, value) for name, value in about["headers"])
    at = datetime.fromisoformat(read_at)
    answer = Answer(about["status"], about["url"], headers, body, read_at=at, kept=number)
    again = None if about["again"] is None else about["again"].encode()
    return KeptPage(whose, request, place, rows, row_total, again, answer)


def delete(db: sqlite3.Connection, which: str, values: Sequence[Any]) -> None:
    """Drop the pages, and the ends of chains, that a condition fits."""
    for table in ("pages", "ended"):
        db.execute(f"DELETE FROM {table} WHERE {which}", values)


def _pack(body: bytes) -> tuple[str, bytes]:
    """Compressed by zstd where pyarrow is at hand, which takes half the time; its import would take longer."""
    codec = getattr(sys.modules.get("pyarrow"), "Codec", None)
    if codec is None:
        return "zlib", zlib.compress(body, 1)
    return "zstd", codec("zstd").compress(body, asbytes=True)


def _unpack(codec: str, packed: bytes, size: int) -> bytes:
    if codec == "zlib":
        return zlib.decompress(packed)
    import pyarrow as pa

    body: bytes = pa.Codec("zstd").decompress(packed, size, asbytes=True)
    return body
