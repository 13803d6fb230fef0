"""What an API says of its end, where that is not so: totals and flags of one page, empty pages, cursors that go on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from scripted import Script, answer, chain, query, read, rows

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch import Chain
from homeroom.ledger import ChainCount, Verdict, judge_chain
from homeroom.paginate import Cursor, JsonLink, Offset, PageNumber, Paging
from homeroom.values import Answer, Proof, Status

Facts = Callable[[list[int], int], dict[str, Any]]


def keyed(paging: Paging, **changed: Any) -> Chain:
    return chain(paging=paging, key=("id",), **changed)


def judged(script: Script, followed: Chain) -> tuple[list[int], Verdict]:
    """The ids that came, and what may be said of the read."""
    pages, end = read(script, followed)
    ids = [row["id"] for page in pages for row in answer_rows(page.body)]
    return ids, judge_chain(end, ChainCount(len(ids), len(set(ids))))


def answer_rows(body: bytes) -> list[dict[str, Any]]:
    found = json.loads(body or b"null") or {}
    return found.get("data") or []


def server(count: int, cap: int, told: Facts) -> Script:
    """Offset pages of at most `cap` rows; `told` of a page's rows and offset is what it says beside them."""

    def act(request: Any) -> Answer:
        start, limit = int(query(request)["offset"]), min(int(query(request)["limit"]), cap)
        page = list(range(count))[start : start + limit]
        return rows(*page, **told(page, start))

    return Script(act)


def numbered(count: int, told: Callable[[int], Answer | None], **facts: Any) -> Script:
    """Numbered pages of 100 rows; `told` of a number may be another answer."""

    def act(request: Any) -> Answer:
        number = int(query(request)["page"])
        return told(number) or rows(*range(100 * number - 100, min(100 * number, count)), **facts)

    return Script(act)


TOTAL = json_path("total")


# A total or a flag that is about one page


def test_a_total_of_one_clamped_page_hides_no_rows() -> None:
    ids, verdict = judged(server(1000, 100, lambda page, _: {"total": len(page)}), keyed(Offset(200, total=TOTAL)))
    assert ids == list(range(1000))
    assert verdict.status is Status.UNPROVED


def test_a_flag_of_one_clamped_page_hides_no_rows() -> None:
    paging = Offset(200, has_more=json_path("more"))
    ids, verdict = judged(server(1000, 100, lambda page, _: {"more": len(page) == 200}), keyed(paging))
    assert set(ids) == set(range(1000))
    assert verdict.status is not Status.INCOMPLETE


def test_a_page_shorter_than_any_clamp_is_the_end_that_its_total_says() -> None:
    script = server(37, 200, lambda page, _: {"total": 37})
    _, verdict = judged(script, keyed(Offset(200, total=TOTAL)))
    assert (len(script.sent), verdict.proof) == (1, Proof.COUNT)


def test_a_round_list_costs_one_request_more_and_is_proved() -> None:
    script = server(100, 200, lambda page, _: {"total": 100})
    _, verdict = judged(script, keyed(Offset(200, total=TOTAL)))
    assert (len(script.sent), verdict.proof) == (2, Proof.COUNT)


# A total that is too high, or counts something else


def test_a_total_far_too_high_ends_in_time_and_is_told() -> None:
    script = server(1000, 100, lambda page, _: {"total": 200_000})
    ids, verdict = judged(script, keyed(Offset(100, total=TOTAL)))
    assert ids == list(range(1000))
    assert verdict.status is Status.INCOMPLETE
    assert len(script.sent) < 150


def test_empty_pages_below_a_total_are_passed_by() -> None:
    gap = range(1000, 6000)
    script = server(7000, 100, lambda page, _: {"total": 7000})
    plain = script._replies[0]

    def with_gap(request: Any) -> Answer:
        return rows(total=7000) if int(query(request)["offset"]) in gap else plain(request)  # type: ignore[operator,return-value]

    ids, _ = judged(Script(with_gap), keyed(Offset(100, total=TOTAL)))
    assert ids == [*range(1000), *range(6000, 7000)]


@pytest.mark.parametrize("beyond", [None, answer({"message": "no such page"}, 404)], ids=["empty", "404"])
def test_a_total_of_rows_beside_page_numbers_is_known_for_what_it_is(beyond: Answer | None) -> None:
    script = numbered(5230, lambda number: beyond if number > 53 else None, total=5230)
    ids, verdict = judged(script, keyed(PageNumber(base=1, start=1, total=TOTAL)))
    assert ids == list(range(5230))
    assert (verdict.status, verdict.proof) == (Status.COMPLETE, Proof.COUNT)
    assert len(script.sent) < 100


def test_a_total_of_rows_that_is_not_met_proves_nothing() -> None:
    script = numbered(5230, lambda number: None, total=5231)
    ids, verdict = judged(script, keyed(PageNumber(base=1, start=1, total=TOTAL)))
    assert ids == list(range(5230))
    assert verdict.status is not Status.COMPLETE
    assert len(script.sent) < 250


def test_a_page_number_that_the_api_does_not_know_is_found_in_spite_of_a_total() -> None:
    script = Script(rows(*range(100), total=260))
    ids, verdict = judged(script, keyed(PageNumber(base=1, start=1, total=TOTAL)))
    assert ids == list(range(100))
    assert verdict.status is Status.INCOMPLETE
    assert "page 2 is page 1 once more" in verdict.note
    assert len(script.sent) < 30


# Pages that are empty once


@pytest.mark.parametrize("blank", [rows(total=0), answer({"data": []}), answer({}), answer(b"", 204)])
def test_a_list_that_is_empty_at_first_is_asked_for_once_more(blank: Answer) -> None:
    script = Script(blank, rows(1, 2))
    ids, _ = judged(script, keyed(JsonLink(json_path("next"))))
    assert ids == [1, 2]


def test_an_offset_list_that_is_empty_at_first_is_asked_for_once_more() -> None:
    full = server(1000, 100, lambda page, _: {"total": 1000})._replies[0]
    ids, verdict = judged(Script(rows(total=0), full), keyed(Offset(100, total=TOTAL)))
    assert ids == list(range(1000))
    assert verdict.proof is Proof.COUNT


def test_a_list_that_is_often_empty_is_asked_for_once() -> None:
    script = Script(rows(total=0))
    judged(script, keyed(Offset(100, total=TOTAL), may_be_empty=True))
    assert len(script.sent) == 1


@pytest.mark.parametrize("blank", [answer({}), answer({"data": []}), answer(b"null"), answer(b"", 204)])
def test_a_page_that_a_cursor_led_to_is_no_end_by_being_empty_once(blank: Answer) -> None:
    script = Script(answer({"data": [{"id": 1}], "next": "c2"}), blank, rows(2))
    ids, verdict = judged(script, keyed(Cursor(json_path("next"))))
    assert ids == [1, 2]
    assert verdict.proof is Proof.KEYSET


def test_a_cursor_may_end_with_an_empty_page() -> None:
    script = Script(answer({"data": [{"id": 1}], "next": "c2"}), answer({"data": []}))
    ids, verdict = judged(script, keyed(Cursor(json_path("next"))))
    assert (ids, verdict.status, verdict.note) == ([1], Status.COMPLETE, "")
    assert len(script.sent) == 3


def test_new_cursors_without_rows_have_an_end() -> None:
    asked: list[int] = []

    def on_and_on(request: Any) -> Answer:
        asked.append(1)
        return answer({"data": [], "next": f"c{len(asked)}"})

    ids, verdict = judged(Script(on_and_on), keyed(Cursor(json_path("next"))))
    assert ids == []
    assert verdict.status is Status.INCOMPLETE
    assert "100 pages in a row" in verdict.note
    assert len(asked) < 250


# Keys that come twice in a keyset


def test_keys_that_came_twice_make_a_cursor_doubtful() -> None:
    verdict = judge_chain(read(Script(rows(1)), keyed(JsonLink(json_path("next"))))[1], ChainCount(5, 4))
    assert verdict.status is Status.UNPROVED
    assert "1 rows came twice" in verdict.note


def test_a_cursor_that_takes_in_the_last_row_again_is_as_good_as_any() -> None:
    verdict = judge_chain(read(Script(rows(1)), keyed(JsonLink(json_path("next"))))[1], ChainCount(5, 4, met=1))
    assert (verdict.status, verdict.proof) == (Status.COMPLETE, Proof.KEYSET)
