"""Offset pages that overlap by one row: what moves between two requests is seen, and mended."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from requests import PreparedRequest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch.chain import Chain
from homeroom.ledger import ChainCount, Verdict, judge_chain
from homeroom.values import Answer, Proof, Status, SyncSettings

from .scripted import answer, query, rows, settings
from .trips import HANDS, LATENCY_S, Slow, Trip, by_offset, listed, travel

ALIGNED = "the server gives no page from an offset that is not a multiple of the limit"


@dataclass
class Moving:
    """A list in its order, that changes before the answer to some requests, counted from 1."""

    order: list[int]
    changes: Mapping[int, Sequence[Callable[["Moving"], None]]] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    asked: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, request: PreparedRequest) -> Answer:
        self.asked += 1
        for change in self.changes.get(self.asked, ()):
            change(self)
        at, size = int(query(request)["offset"]), int(query(request)["limit"])
        return self.page(self.order[at : at + size])

    def page(self, ids: Sequence[int]) -> Answer:
        return answer({"data": [{"id": each, "version": self.versions.get(each, 0)} for each in ids], **self.facts})


def insert(at: int, row: int) -> Callable[[Moving], None]:
    return lambda server: server.order.insert(at, row)


def delete(at: int) -> Callable[[Moving], None]:
    return lambda server: server.order.__delitem__(at)


def move(at: int, to: int) -> Callable[[Moving], None]:
    return lambda server: server.order.insert(to, server.order.pop(at))


def change(row: int) -> Callable[[Moving], None]:
    return lambda server: server.versions.__setitem__(row, server.versions.get(row, 0) + 1)


def keyed(limit: int = 10) -> Chain:
    return replace(by_offset(limit), key=("id",))


def hands(concurrency: int = 1, **sync: Any) -> SyncSettings:
    return replace(settings(concurrency), **sync)


def judged(trip: Trip) -> Verdict:
    assert trip.end is not None
    return judge_chain(trip.end, ChainCount(len(trip.ids), len(set(trip.ids))))


# A list that keeps still


@pytest.mark.parametrize("count", [2, 7, 10, 11, 19, 20, 28, 307])
@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("cap", [None, 7, 2])
def test_pages_that_meet_prove_a_read_without_a_total(count: int, concurrency: int, cap: int | None) -> None:
    trip = travel(Slow(listed(count, cap=cap)), by_offset(), sync=settings(concurrency))
    assert trip.ids == list(range(count)) and trip.held == 0
    assert judged(trip) == Verdict(Status.COMPLETE, Proof.CONTINUITY, trip.note)


def test_each_page_but_the_first_is_asked_for_from_one_row_earlier_with_the_same_limit() -> None:
    trip = travel(listed(30), by_offset(), sync=hands())
    assert trip.asked("offset")[:4] == [0, 9, 18, 27] and set(trip.asked("limit")) == {10}


def test_a_long_list_costs_one_request_more_in_a_hundred() -> None:
    trip = travel(Slow(listed(40_000)), by_offset(100))
    assert trip.ids == list(range(40_000)) and len(trip.transport.sent) <= 400 * 100 / 99 + HANDS + 2
    assert trip.seconds <= 1.4 * 400 * LATENCY_S / HANDS


def test_a_single_row_proves_nothing() -> None:
    assert judged(travel(listed(1), by_offset())).status is Status.UNPROVED


@pytest.mark.parametrize("status", [404, 410, 416])
@pytest.mark.parametrize("count", [95, 100, 10])
def test_the_last_row_found_again_is_the_end_where_the_server_refuses_what_lies_behind(count: int, status: int) -> None:
    trip = travel(Slow(listed(count, past=status)), by_offset())
    assert trip.ids == list(range(count)) and judged(trip) == Verdict(Status.COMPLETE, Proof.CONTINUITY)


@pytest.mark.parametrize("generous", [3, 25])
def test_a_server_with_a_page_size_of_its_own_is_read_whole(generous: int) -> None:
    def reply(request: PreparedRequest) -> Answer:
        at = int(query(request)["offset"])
        return rows(*range(at, min(at + generous, 200)))

    trip = travel(Slow(reply), by_offset())
    assert sorted(set(trip.ids)) == list(range(200))


# What is asked for


def test_never_asks_for_no_row_twice() -> None:
    trip = travel(listed(95), by_offset(), sync=hands(overlap="never"))
    assert trip.asked("offset")[:3] == [0, 10, 20] and judged(trip).status is Status.UNPROVED


def test_a_total_is_proof_enough_unless_both_are_asked_for() -> None:
    assert travel(listed(95, total=True), by_offset(), sync=hands()).asked("offset")[:3] == [0, 10, 20]
    both = travel(listed(95, total=True), by_offset(), sync=hands(overlap="always"))
    assert both.asked("offset")[:3] == [0, 9, 18] and both.ids == list(range(95))
    assert both.end is not None and both.end.proof is Proof.CONTINUITY and judged(both).proof is Proof.COUNT


def test_a_total_alone_is_not_enough_where_both_are_asked_for() -> None:
    def reply(request: PreparedRequest) -> Answer:
        at = int(query(request)["offset"])
        return answer({}, 400) if at % 10 else listed(95, total=True)(request)

    trip = travel(reply, by_offset(), sync=hands(overlap="always"))
    assert trip.ids == list(range(95)) and ALIGNED in trip.note
    assert (judged(trip).status, judged(trip).proof) == (Status.UNPROVED, Proof.END)


@pytest.mark.parametrize("followed", [by_offset(maximum=60), by_offset(start=10), by_offset(1)])
def test_a_part_of_a_list_and_pages_of_one_row_do_not_overlap(followed: Chain) -> None:
    trip = travel(listed(95), followed, sync=hands())
    assert len(trip.ids) == len(set(trip.ids)) and judged(trip).proof is Proof.END
    assert all(offset % followed.paging.limit == 0 for offset in trip.asked("offset")[:5])  # type: ignore[union-attr]


def test_rows_that_are_searched_for_do_not_overlap() -> None:
    trip = travel(listed(95), replace(by_offset(), selector=json_path("$..data[*]")), sync=hands())
    assert trip.ids == list(range(95)) and trip.asked("offset")[:3] == [0, 10, 20]


# A list that moves


@pytest.mark.parametrize("key", [("id",), ()])
@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ([delete(3)], set()),
        ([delete(9)], set()),
        ([insert(0, 1000)], set()),
        ([delete(0), insert(4, 1000), delete(2)], set()),
        ([move(80, 2)], set()),
        ([move(2, 80)], set()),
    ],
    ids=["deleted", "the place itself", "inserted", "several", "moved up", "moved down"],
)
def test_what_moves_in_the_part_that_was_read_costs_no_row(
    changes: Sequence[Callable[[Moving], None]], missing: set[int], key: tuple[str, ...]
) -> None:
    server = Moving(list(range(95)), {4: changes})
    trip = travel(server, replace(by_offset(), key=key), sync=hands())
    assert {*server.order} <= {*trip.ids} and len(trip.ids) == len({*trip.ids})
    assert judged(trip).status is Status.COMPLETE and trip.held == 0
    assert "rows moved while they were read; read again once from where they had not" in trip.note


def test_a_list_that_only_grows_at_its_end_needs_no_mending() -> None:
    server = Moving(list(range(50)), {number: [insert(10_000, 100 + number)] for number in (2, 4, 6)})
    trip = travel(server, keyed(), sync=hands())
    assert trip.ids == server.order and trip.note == "" and judged(trip).proof is Proof.CONTINUITY


def test_only_what_lies_behind_the_move_is_read_again() -> None:
    server = Moving(list(range(2000)), {16: [delete(100)]})
    trip = travel(server, keyed(), sync=hands())
    asked = list(zip(trip.asked("offset"), trip.asked("limit"), strict=True))[16:]
    assert min(offset for offset, limit in asked if limit == 10) == 99
    assert sum(limit == 1 for _, limit in asked) <= 5
    assert trip.ids == list(range(2000)) and judged(trip).status is Status.COMPLETE


def test_a_list_that_shrinks_behind_its_last_page_is_looked_at_again() -> None:
    server = Moving(list(range(28)), {4: [delete(5)]})
    trip = travel(server, keyed(), sync=hands())
    assert {*server.order} <= {*trip.ids} and judged(trip).status is Status.COMPLETE


def test_a_row_that_changes_where_pages_meet_is_the_same_row_by_its_key() -> None:
    kept = travel(Moving(list(range(95)), {3: [change(18)]}), keyed(), sync=hands())
    assert kept.note == "" and kept.ids == list(range(95))
    without = travel(Moving(list(range(95)), {3: [change(18)]}), by_offset(), sync=hands())
    assert "rows moved" in without.note


def test_a_list_that_never_keeps_still_is_incomplete_and_the_note_names_the_place() -> None:
    server = Moving(list(range(95)), {number: [insert(0, 1000 + number)] for number in range(2, 60)})
    trip = travel(server, keyed(), sync=hands(repair_passes=2))
    said = judged(trip)
    assert said.status is Status.INCOMPLETE and {*range(95)} <= {*trip.ids}
    assert "rows moved at offset 9 while they were read" in said.note
    assert "read again 2 times (sync.repair_passes: 2)" in said.note


def test_without_passes_a_break_is_told_and_the_rest_is_read() -> None:
    trip = travel(Moving(list(range(95)), {3: [delete(0), delete(0)]}), keyed(), sync=hands(repair_passes=0))
    assert judged(trip).status is Status.INCOMPLETE and {*trip.ids} == {*range(95)} - {19}


def test_a_key_that_comes_twice_though_all_pages_meet_is_a_doubt() -> None:
    trip = travel(listed(30), by_offset())
    assert trip.end is not None
    assert judge_chain(trip.end, ChainCount(31, 30)).status is Status.UNPROVED


@dataclass
class Late(Moving):
    """Before the page at 9 is answered, a row of it moves down and a new one comes in its place."""

    def __call__(self, request: PreparedRequest) -> Answer:
        if query(request)["offset"] == "9":
            self.order.insert(40, self.order.pop(12))
            self.order.insert(11, 999)
        return super().__call__(request)


def test_what_cancels_out_between_pages_that_were_read_the_other_way_round_cannot_be_seen() -> None:
    """A blind spot that docs/guarantees.md tells of."""
    late = Slow(Late(list(range(60))), lambda request: LATENCY_S * (9 if query(request)["offset"] == "9" else 1))
    trip = travel(late, keyed())
    assert {*range(60)} - {*trip.ids} == {12} and judged(trip).status is Status.COMPLETE


# Servers that know no such offsets


def refusing(status: int) -> Callable[[PreparedRequest], Answer]:
    return lambda request: answer({}, status) if int(query(request)["offset"]) % 10 else listed(95)(request)


def rounding(up: bool) -> Callable[[PreparedRequest], Answer]:
    def reply(request: PreparedRequest) -> Answer:
        at, size = int(query(request)["offset"]), int(query(request)["limit"])
        start = (at + (size - 1 if up else 0)) // size * size
        return rows(*range(start, min(start + size, 95)))

    return reply


@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize("reply", [refusing(400), refusing(422), rounding(up=True), rounding(up=False)])
def test_a_server_that_takes_no_unaligned_offset_is_read_aligned_and_unproved(reply: Any, concurrency: int) -> None:
    trip = travel(Slow(reply), by_offset(), sync=settings(concurrency))
    assert trip.error is None and sorted({*trip.ids}) == list(range(95)) and trip.held == 0
    assert judged(trip).status is Status.UNPROVED and ALIGNED in trip.note


def test_a_short_list_of_a_server_that_refuses_its_rest_is_read() -> None:
    trip = travel(
        Slow(lambda request: answer({}, 400) if query(request)["offset"] == "6" else listed(7)(request)), by_offset()
    )
    assert trip.error is None and trip.ids == list(range(7)) and judged(trip).status is Status.UNPROVED


# Any change between any two requests


def drifting(dice: random.Random) -> tuple[Moving, set[int], set[int]]:
    """A list with one kind of change; the rows that stayed all the while, and all that ever were."""
    count = dice.randrange(20, 300)
    server = Moving(list(range(count)))
    new = iter(range(10_000, 20_000))
    gone: set[int] = set()

    def place() -> int:
        return dice.randrange(len(server.order))

    def remove(server: Moving) -> None:
        gone.add(server.order.pop(place()))

    def add(server: Moving) -> None:
        server.order.insert(place(), next(new))

    def shift(server: Moving) -> None:
        row = server.order.pop(place())
        server.order.insert(place(), row)
        server.versions[row] = 1

    kind = dice.choice(["insert", "delete", "both", "move", "many"])
    acts = {"insert": [add], "delete": [remove], "both": [remove, add], "move": [shift]}
    if kind == "many":
        server.changes = {n: [dice.choice([add, remove])] for n in dice.sample(range(2, 40), 4)}
    else:
        server.changes = {dice.randrange(2, 4 + count // 10): acts[kind]}
    return server, gone, {*range(count)}


def read_while_it_drifts(seed: int) -> tuple[Verdict, bool, bool]:
    """What is said of a read; whether a row is wrong, and whether anything was mended or not met."""
    dice = random.Random(seed)
    server, gone, before = drifting(dice)
    latency = dice.choice([0.0, 0.05, 1.0])
    followed = replace(by_offset(dice.choice([5, 10, 20])), key=dice.choice([("id",), ()]))
    trip = travel(
        Slow(server, lambda _: 0.1 + latency * dice.random()), followed, sync=settings(dice.choice([1, 2, 4, 16]))
    )
    assert trip.error is None and trip.held == 0 and trip.tasks_left == 0
    pairs = [(row["id"], row["version"]) for page in trip.pages for row in _rows(page)]
    wrong = not (before - gone <= {*trip.ids}) or len(pairs) != len({*pairs})
    assert trip.end is not None
    return judged(trip), wrong, trip.end.passes > 0 or trip.end.proof is not Proof.CONTINUITY


def _rows(page: Any) -> list[Any]:
    from homeroom.decode import decode_rows

    return decode_rows(page)


def test_no_read_of_a_list_that_moves_is_complete_and_wrong_and_most_are_mended() -> None:
    reads = {seed: read_while_it_drifts(seed) for seed in range(300)}
    assert [seed for seed, (said, wrong, _) in reads.items() if wrong and said.status is Status.COMPLETE] == []
    torn = [said for said, _, was_torn in reads.values() if was_torn]
    assert len(torn) >= 60
    assert sum(said.status is Status.COMPLETE for said in torn) >= 0.6 * len(torn)
