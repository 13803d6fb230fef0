"""The store of pages: what goes in comes out, no secret stays in the file, a file that is no journal is refused."""

from __future__ import annotations

import sqlite3
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.errors import StoppedError
from homeroom.journal import Head, Journal, KeptPage
from homeroom.secrets import written_forms
from homeroom.values import Answer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECRET = "s3cr3t/w0rd+&"
HEAD = Head("run-1", NOON, {"config": "abc"})
USERS = ("users", b"first")

Opened = Callable[..., Journal]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens the journal, again and again."""
    journals: list[Journal] = []

    def act(*secrets: str) -> Journal:
        for journal in journals:
            journal.close()
        journals.append(Journal(tmp_path / "j.sqlite", [sorted(written_forms(secret)) for secret in secrets]))
        return journals[-1]

    yield act
    journals[-1].close()


def page(number: int = 1, body: bytes = b'{"data": [{"id": 1}]}', **changed: Any) -> KeptPage:
    """A page of users."""
    usual: dict[str, Any] = {
        "whose": USERS,
        "request": f"page {number}".encode(),
        "place": number,
        "rows": 1,
        "row_total": 40,
        "again": b'{"params":{"page":1}}',
        "answer": Answer(200, "https://a.example/users", (("Link", "x"),), body, read_at=NOON),
    }
    return KeptPage(**{**usual, **changed})


def everything_in(path: Path) -> bytes:
    """All that the files of a journal hold, packed bodies unpacked."""
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    with sqlite3.connect(path) as db:
        for codec, size, body in db.execute("SELECT codec, size, body FROM pages"):
            raw += zlib.decompress(body) if codec == "zlib" else pa.Codec("zstd").decompress(body, size, asbytes=True)
    return raw


@pytest.mark.parametrize("zstd", [False, True])
def test_a_page_comes_back_as_it_was(opened: Opened, monkeypatch: pytest.MonkeyPatch, zstd: bool) -> None:
    if not zstd:
        monkeypatch.delitem(sys.modules, "pyarrow")
    opened().put(lambda: page()).result()
    journal = opened()
    (number,) = journal.earlier[USERS].answers[b"page 1"]
    assert isinstance(number, int)
    found = journal.get(USERS, number).result()
    assert found == page() and found.answer.read_at == NOON


def test_the_file_and_those_beside_it_are_for_their_owner_alone(opened: Opened) -> None:
    journal = opened()
    journal.put(lambda: page()).result()
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in journal.path.parent.iterdir()}
    assert modes == {"j.sqlite": 0o600, "j.sqlite-wal": 0o600, "j.sqlite-shm": 0o600}


def test_a_secret_is_nowhere_in_the_file_and_comes_back_with_the_page(opened: Opened) -> None:
    body = b'{"next": "https://a.example/?key=%b"}' % sorted(written_forms(SECRET))[0].encode()
    headers = (("Link", f"<https://a.example/?key={SECRET}>"), ("Set-Cookie", "session=c00kie"))
    answer = Answer(200, f"https://a.example/?key={SECRET}", headers, body, read_at=NOON)
    journal = opened(SECRET)
    journal.put(lambda: page(answer=answer)).result()
    found = everything_in(journal.path)
    assert not [form for form in written_forms(SECRET) if form.encode() in found] and b"c00kie" not in found
    journal = opened(SECRET)
    kept = journal.get(USERS, 1).result().answer
    assert (kept.url, kept.body, kept.headers) == (answer.url, body, headers[:1])


def test_nothing_is_to_be_had_with_another_key_until_a_new_run_begins(opened: Opened) -> None:
    """It may be another school's, whose pages do not quote it."""
    journal = opened(SECRET)
    journal.begin(HEAD)
    journal.put(lambda: page()).result()
    journal.end_chain(USERS)
    journal = opened("an0ther-key")
    assert not journal.is_of_our_secrets and journal.earlier == {} and journal.head == HEAD
    assert opened(SECRET).is_of_our_secrets and opened(SECRET).earlier[USERS].ended
    opened("an0ther-key").begin(HEAD)
    assert opened("an0ther-key").is_of_our_secrets and not opened(SECRET).is_of_our_secrets


def test_a_page_that_quotes_a_token_is_not_kept(opened: Opened) -> None:
    answer = Answer(200, "", (), b'{"next": "?token=gr4nted-token"}', read_at=NOON)
    journal = opened()
    journal.put(lambda: page(answer=answer, held=frozenset([b"gr4nted-token"]))).result()
    assert journal.tally.pages == 0 and b"gr4nted" not in everything_in(journal.path)


def test_a_request_has_another_key_in_every_journal(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / name) for name in ("one", "two")]
    keys = {journal.key_of(["GET", "https://a.example"]) for journal in journals}
    for journal in journals:
        journal.close()
    assert len(keys) == 2


@pytest.mark.parametrize("cursor", [10**30, "a\ud800b", {"nested": [10**30]}])
def test_any_cursor_has_a_key(opened: Opened, cursor: Any) -> None:
    journal = opened()
    keys = {journal.key_of(["GET", {"cursor": each}]) for each in (cursor, [cursor], cursor)}
    assert len(keys) == 2


def test_values_that_are_like_two_secrets_do_not_make_two_requests_one(opened: Opened) -> None:
    journal = opened("1234", "5678", "s3cr3t")
    urls = [f"https://a.example/users/{each}" for each in ("1234", "5678", "9999", "s3cr3t")]
    assert len({journal.key_of(["GET", url]) for url in urls}) == 4


def test_a_request_keeps_its_key_when_a_secret_in_it_is_changed(opened: Opened) -> None:
    before = opened(SECRET).key_of({"key": SECRET, "page": 1})
    assert opened("0ther-one").key_of({"key": "0ther-one", "page": 1}) == before


def test_the_head_is_kept(opened: Opened) -> None:
    journal = opened()
    journal.begin(HEAD)
    journal.seal("1766.5")
    assert opened().head == Head("run-1", NOON, {"config": "abc"}, load_id="1766.5")


def test_what_landed_goes_and_the_rest_is_for_a_run_to_come(opened: Opened) -> None:
    journal = opened()
    journal.begin(HEAD)
    journal.put(lambda: page()).result()
    journal.put(lambda: page(whose=("terms", b"first"))).result()
    journal.hand_on(["users"], {"terms"})
    journal = opened()
    assert journal.head == Head("", NOON, {"config": "abc"}, None, frozenset({"users"}))
    assert list(journal.earlier) == [("terms", b"first")]


def test_the_last_page_is_the_one_furthest_into_the_list_that_has_rows(opened: Opened) -> None:
    journal = opened()
    for each in (page(1), page(3), page(2), page(4, rows=0)):
        journal.put(partial(replace, each)).result()
    earlier = opened().earlier[USERS]
    assert (earlier.first, earlier.last) == (1, 2)


def test_pages_are_counted_with_those_that_the_totals_tell_of(opened: Opened) -> None:
    journal = opened()
    later = Answer(200, "", (), b"[]", read_at=NOON + timedelta(minutes=2))
    journal.put(lambda: page(1, rows=20, row_total=50)).result()
    journal.put(lambda: page(2, rows=20, row_total=50, answer=later)).result()
    journal.put(lambda: page(whose=("terms", b"first"), row_total=None)).result()
    journal.put(lambda: page(3, rows=0, row_total=50)).result()
    tally = journal.tally
    assert (tally.pages, tally.with_rows, tally.newest) == (4, 3, later.read_at)
    assert tally.totals == {"users": 3, "terms": None}


def test_a_journal_without_a_page_leaves_no_file(opened: Opened) -> None:
    journal = opened()
    journal.begin(HEAD)
    journal.leave()
    assert list(journal.path.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"no database at all" * 300, None])
def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "j.sqlite"
    if content is not None:
        path.write_bytes(content)
    else:
        journal = Journal(path)
        journal.put(lambda: page(body=bytes(range(256)) * 400)).result()
        journal.close()
        torn = path.read_bytes()
        path.write_bytes(torn[: len(torn) // 2])
    with pytest.raises(ValueError, match=r"is torn|is no journal"):
        Journal(path)


def test_a_folder_that_is_not_there_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match=r"cannot be written .No such file"):
        Journal(tmp_path / "nowhere" / "j.sqlite")


def test_a_full_disk_stops_the_run_and_what_was_kept_is_still_there(opened: Opened) -> None:
    journal = opened()
    journal.put(lambda: page(1)).result()
    journal._clerk.do(lambda db: db.execute("PRAGMA max_page_count = 1").fetchall()).result()
    noise = b"".join(number.to_bytes(4, "big") for number in range(0, 2**31, 50_000))
    answer = Answer(200, "", (), noise, read_at=NOON)
    with pytest.raises(StoppedError, match=r"database or disk is full.*make room"):
        journal.put(lambda: page(2, answer=answer)).result()
    assert list(opened().earlier[USERS].answers) == [b"page 1"]


def test_a_list_that_was_read_again_has_no_number_of_pages(opened: Opened) -> None:
    """Else there would be 3 of 2 pages."""
    journal = opened()
    for number in range(3):
        journal.put(partial(page, number, rows=20)).result()
    assert journal.tally.totals == {"users": None}
