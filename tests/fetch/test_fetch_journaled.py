"""What an earlier run has read is not asked for again, unless rows have moved in the meantime."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.actions import ResponseAction
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import HomeroomError, StoppedError, TransientError
from homeroom.fetch.chain import Chain, Means
from homeroom.fetch.follow import follow
from homeroom.fetch.journaled import JournaledReader
from homeroom.journal import Journal, tables
from homeroom.paginate import Cursor, Offset
from homeroom.values import Answer, ChainEnd, Page, Proof

from .scripted import Boundless, Script, answer, chain, lost, query, run, settings, virtual, wire

OFFSET = Offset(limit=5, total=json_path("total"))
TOTALLESS = Offset(limit=5, total=None)
CURSOR = Cursor(json_path("next"))
MODEST = settings(concurrency=2, attempts=1)

Ids = list[int]


class School:
    """Serves rows by offset and by cursor; from the `dies_at`-th request on nobody answers."""

    def __init__(self, ids: Ids, *, dies_at: int = 1000, totals: bool = True) -> None:
        self.ids = ids
        self.totals = totals
        self.dies_at = dies_at
        self.transport = Script(self._answer)

    def _answer(self, request: PreparedRequest) -> Answer | Exception:
        if len(self.transport.sent) >= self.dies_at:
            return lost()
        start = int(query(request).get("offset", query(request).get("cursor", 0)))
        rows = [{"id": each} for each in self.ids[start : start + 5]]
        more = start + 5 if start + 5 < len(self.ids) else None
        return answer({"data": rows, "next": more} | ({"total": len(self.ids)} if self.totals else {}))

    @property
    def asked(self) -> list[int]:
        """The positions that were asked for."""
        return [int(query(each).get("offset", query(each).get("cursor", 0))) for each in self.transport.sent]


Read = Callable[..., tuple[list[Page], ChainEnd | HomeroomError]]


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Reads a chain through one and the same journal, opened anew each time."""

    def act(transport: Script, followed: Chain, *, sync: Any = MODEST) -> tuple[list[Page], ChainEnd | HomeroomError]:
        journal = Journal(tmp_path / "j.sqlite")
        pages: list[Page] = []

        async def follow_it() -> ChainEnd:
            reader = JournaledReader(wire(transport, sync=sync), journal, virtual().now)
            means = Means(reader, Boundless(), (), virtual().now, sync, sync.concurrency)
            async with aclosing(follow(followed, means)) as items:
                async for item in items:
                    item = await reader.note(followed, item)
                    if isinstance(item, ChainEnd):
                        return item
                    pages.append(item)
            raise AssertionError("a chain without an end")

        try:
            return pages, run(follow_it())
        except HomeroomError as error:
            return pages, error
        finally:
            journal.close()

    yield act


def bodies(pages: list[Page]) -> list[bytes]:
    return [page.body for page in pages]


@pytest.mark.parametrize("paging", [OFFSET, TOTALLESS, CURSOR], ids=["total", "no-total", "cursor"])
@pytest.mark.parametrize("dies_at", range(2, 8))
def test_a_read_that_broke_off_is_finished_with_few_requests(read: Read, paging: Any, dies_at: int) -> None:
    followed = chain(paging=paging)
    whole = bodies(read(School(list(range(33))).transport, chain(paging=paging, resource="other"))[0])
    first = School(list(range(33)), dies_at=dies_at)
    assert isinstance(read(first.transport, followed)[1], TransientError)
    second = School(list(range(33)))
    pages, end = read(second.transport, followed)
    assert isinstance(end, ChainEnd) and bodies(pages) == whole
    assert sum(page.resumed for page in pages) >= dies_at - 3  # but for the last page, and one in flight that was lost
    again = set(first.asked[: dies_at - 1]) & set(second.asked)
    assert len(again) <= 2 and second.asked[0] in first.asked


def test_a_page_that_was_kept_is_as_old_as_it_was(read: Read) -> None:
    followed = chain(paging=CURSOR)
    before, _ = read(School(list(range(12)), dies_at=3).transport, followed)
    pages, _ = read(School(list(range(12))).transport, followed)
    assert [(page.resumed, page.read_at == before[0].read_at) for page in pages[:1]] == [(True, True)]
    assert [page.resumed for page in pages[1:]] == [False, False]


@pytest.mark.parametrize("paging", [OFFSET, CURSOR], ids=["offset", "cursor"])
@pytest.mark.parametrize("now", [list(range(1, 33)), [99, *range(33)], [*range(7), *range(8, 33)]])
def test_where_rows_have_moved_all_are_asked_for_anew(read: Read, paging: Any, now: Ids) -> None:
    followed = chain(paging=paging)
    read(School(list(range(33)), dies_at=5).transport, followed)
    pages, _ = read(School(now).transport, followed)
    assert not any(page.resumed for page in pages)
    assert bodies(pages) == bodies(read(School(now).transport, chain(paging=paging, resource="other"))[0])


def test_a_total_that_has_changed_is_a_move_though_the_last_page_is_the_same(read: Read) -> None:
    followed = chain(paging=OFFSET)
    read(School(list(range(33)), dies_at=4).transport, followed)
    pages, end = read(School(list(range(34))).transport, followed)
    assert not any(page.resumed for page in pages)
    assert isinstance(end, ChainEnd) and end.totals == (34, 34)


def test_a_cursor_that_has_run_out_begins_anew(read: Read) -> None:
    followed = chain(paging=CURSOR)
    read(School(list(range(12)), dies_at=3).transport, followed)
    fresh = School(list(range(12)))
    second = Script(answer({"error": "gone"}, status=410), fresh._answer)
    pages, end = read(second, followed)
    assert isinstance(end, ChainEnd) and end.proof is Proof.KEYSET
    assert len(pages) == 3 and not any(page.resumed for page in pages)


def test_what_was_dropped_does_not_come_back_in_a_third_read(read: Read) -> None:
    followed = chain(paging=CURSOR)
    read(School(list(range(33)), dies_at=6).transport, followed)
    read(School(list(range(1, 33)), dies_at=4).transport, followed)
    third = School(list(range(1, 33)))
    pages, _ = read(third.transport, followed)
    assert bodies(pages) == bodies(read(School(list(range(1, 33))).transport, chain(paging=CURSOR, resource="x"))[0])


def test_a_list_of_its_own_that_was_read_to_its_end_is_looked_at_once_more(read: Read) -> None:
    followed = chain(paging=CURSOR)
    read(School(list(range(12))).transport, followed)
    second = School(list(range(12)))
    pages, _ = read(second.transport, followed)
    assert second.asked == [10] and [page.resumed for page in pages] == [True, True, False]


@pytest.mark.parametrize("ids", [list(range(12)), []])
def test_a_childs_list_that_was_read_to_its_end_is_taken_as_it_is(read: Read, ids: Ids) -> None:
    followed = chain(paging=CURSOR, taken_as_ended=True)
    before, _ = read(School(ids).transport, followed)
    second = School(ids)
    pages, end = read(second.transport, followed)
    assert second.asked == [] and bodies(pages) == bodies(before)
    assert isinstance(end, ChainEnd) and all(page.resumed for page in pages)


def test_an_end_that_was_seen_then_is_not_the_end_now(read: Read) -> None:
    followed = chain(paging=TOTALLESS)
    read(School(list(range(10)), totals=False).transport, followed)
    pages, _ = read(School(list(range(13)), totals=False).transport, followed)
    assert sum(page.facts.rows for page in pages) == 13


def test_the_same_request_twice_has_two_answers_in_their_order(read: Read) -> None:
    empty, rows = answer({"data": [], "next": 5}), answer({"data": [{"id": 1}], "next": None})
    followed = chain(paging=CURSOR, taken_as_ended=True)
    before, _ = read(Script(empty, rows), followed)
    second = Script(lost())
    assert bodies(read(second, followed)[0]) == bodies(before) and second.sent == []


def test_paging_that_was_guessed_is_guessed_from_the_first_page_again(read: Read) -> None:
    def linked(request: PreparedRequest) -> Answer:
        page = int(query(request).get("page", 1))
        link = {} if page == 4 else {"Link": f'<https://api.example.com/users?page={page + 1}>; rel="next"'}
        return answer([{"id": page}], headers=link)

    followed = chain(paging=None, selector=None)
    read(Script(linked, linked, lost()), followed)
    second = Script(linked)
    pages, _ = read(second, followed)
    assert [page.resumed for page in pages] == [True, False, False, False]
    assert [query(each)["page"] for each in second.sent] == ["2", "3", "4"]


def test_answers_that_code_of_the_users_acts_on_are_not_kept(read: Read) -> None:
    act = ResponseAction(status=200, hooks=(lambda response: None,))
    followed = chain(paging=CURSOR, actions=(act,))
    read(School(list(range(12))).transport, followed)
    second = School(list(range(12)))
    read(second.transport, followed)
    assert second.asked == [0, 5, 10]


def test_a_journal_that_cannot_be_written_stops_the_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(tables, "insert", full)
    pages, error = read(School(list(range(12))).transport, chain(paging=CURSOR))
    assert pages == [] and isinstance(error, StoppedError)


def odd(number: int) -> Script:
    """Three pages by cursor; the header of one is no text."""
    school = School(list(range(12)))

    def reply(request: PreparedRequest) -> Answer:
        page = school._answer(request)
        assert isinstance(page, Answer)
        headers = (("Content-Disposition", "Sch\udcfcler.json"),) if len(transport.sent) == number else ()
        return replace(page, headers=headers)

    transport = Script(reply)
    return transport


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_page_that_cannot_be_written_down_goes_on_and_is_told(read: Read, number: int) -> None:
    followed = chain(paging=CURSOR, taken_as_ended=True)
    pages, end = read(odd(number), followed)
    assert isinstance(end, ChainEnd) and sum(page.facts.rows for page in pages) == 12
    assert [page.number for page in pages if page.kept is None] == [number]
    assert end.note == "1 page could not be kept in the journal (TypeError)"


def test_a_list_with_a_page_that_is_not_kept_is_looked_at_again(read: Read) -> None:
    followed = chain(paging=CURSOR, taken_as_ended=True)
    read(odd(2), followed)
    second = School(list(range(1, 13)))
    pages, _ = read(second.transport, followed)
    assert not any(page.resumed for page in pages)
    assert bodies(pages) == bodies(read(School(list(range(1, 13))).transport, chain(paging=CURSOR, resource="x"))[0])


@pytest.mark.parametrize("followed", [chain(paging=CURSOR, taken_as_ended=True), chain(paging=CURSOR)])
def test_a_repair_that_broke_off_begins_anew(read: Read, followed: Chain) -> None:
    """The list has ended, so that nobody would look whether rows have moved between its old and its new pages."""
    repair = replace(followed, number=2, is_repair=True)
    read(School(list(range(20))).transport, followed)
    read(School(list(range(20)), dies_at=3).transport, repair)
    now = [*range(3), *range(4, 20), 99]
    read(School(now).transport, followed)
    third = School(now)
    pages, _ = read(third.transport, repair)
    assert third.asked == [0, 5, 10, 15] and not any(page.resumed for page in pages)
    assert bodies(pages) == bodies(read(School(now).transport, chain(paging=CURSOR, resource="other"))[0])


def test_a_repair_does_not_change_what_is_kept_of_the_first_pass(read: Read) -> None:
    followed = chain(paging=CURSOR, taken_as_ended=True)
    before, _ = read(School(list(range(12))).transport, followed)
    read(School(list(range(1, 13))).transport, replace(followed, is_repair=True))
    again = School([])
    pages, _ = read(again.transport, followed)
    assert again.asked == [] and bodies(pages) == bodies(before)
