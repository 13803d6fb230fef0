"""What a read proves: the table of statuses and proofs in the design, row by row."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pyarrow as pa
import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.events import PageRead, RequestSent, ResourceStarted, RetryScheduled, Waited
from homeroom.ledger import ChainCount, Ledger, ResourceLedger, Verdict, judge_chain, worst
from homeroom.values import ChainEnd, Page, PageFacts, Proof, ResourceReport, Status

COMPLETE, UNPROVED, INCOMPLETE = Status.COMPLETE, Status.UNPROVED, Status.INCOMPLETE
FAILED, SKIPPED = Status.FAILED, Status.SKIPPED
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def minutes() -> Iterator[datetime]:
    """Noon, then a minute later each time."""
    return (NOON + timedelta(minutes=number) for number in count())


def ledger(**parents: str | None) -> Ledger:
    time = minutes()
    return Ledger(parents, lambda: next(time))


def judged(
    proof: Proof = Proof.END,
    received: int = 10,
    distinct: int | None = 10,
    totals: tuple[int | None, int | None] = (None, None),
    note: str = "",
    broken: bool = False,
    passes: int = 0,
    unproved: bool = False,
) -> Verdict:
    return judge_chain(ChainEnd(1, proof, totals, note, broken, passes, unproved), ChainCount(received, distinct))


def enter(entry: ResourceLedger, *keys: int, chain: int = 1, keyed: bool = True) -> None:
    page = Page(entry.resource, chain, 1, "GET /", b"", PageFacts(len(keys)), json_path("$"), NOON)
    entry.page(page, len(keys), keys if keyed else None)


def end(entry: ResourceLedger, total: int | None = None, chain: int = 1, proof: Proof = Proof.END) -> Verdict:
    return entry.chain_end(ChainEnd(chain, proof, (total, total)))


def verdict(book: Ledger, name: str) -> tuple[Status, Proof | None]:
    said = book.verdicts(list(book.entries))[name]
    return said.status, said.proof


def report(entry: ResourceLedger) -> ResourceReport:
    return entry.report(entry.resource, entry.verdict(None))


@pytest.mark.parametrize("proof", list(Proof))
def test_a_total_that_equals_the_keys_proves_the_read_by_count(proof: Proof) -> None:
    assert judged(proof, totals=(10, 10)) == Verdict(COMPLETE, Proof.COUNT)


@pytest.mark.parametrize("proof", [Proof.CONTINUITY, Proof.KEYSET, Proof.DECLARED])
def test_a_proof_without_a_total_is_enough(proof: Proof) -> None:
    assert judged(proof) == Verdict(COMPLETE, proof)


def test_an_end_signal_alone_proves_nothing() -> None:
    assert judged(Proof.END) == Verdict(UNPROVED, Proof.END)


def test_equal_counts_prove_nothing_where_rows_have_no_key() -> None:
    assert judged(Proof.END, distinct=None, totals=(10, 10)) == Verdict(UNPROVED, Proof.END)


@pytest.mark.parametrize("proof", list(Proof))
@pytest.mark.parametrize("distinct", [10, None])
def test_fewer_rows_than_the_total_are_missing_whatever_else_is_proved(proof: Proof, distinct: int | None) -> None:
    said = judged(proof, distinct=distinct, totals=(11, 11))
    assert said == Verdict(INCOMPLETE, None, "the API says 11 rows, 10 came", "rows-missing")


@pytest.mark.parametrize("proof", list(Proof))
def test_more_rows_than_the_total_make_it_and_any_proof_worthless(proof: Proof) -> None:
    said = judged(proof, totals=(9, 9))
    assert (said.status, said.proof) == (UNPROVED, Proof.END) and "10 rows came" in said.note


def test_a_total_that_changed_meanwhile_proves_nothing() -> None:
    said = judged(Proof.KEYSET, totals=(12, 10))
    assert (said.status, said.proof) == (UNPROVED, Proof.END) and "was 12, then 10" in said.note


def test_rows_that_came_twice_count_once_against_the_total() -> None:
    assert judged(received=10, distinct=9, totals=(10, 10)).status is INCOMPLETE
    assert judged(received=11, distinct=10, totals=(10, 10)) == Verdict(
        COMPLETE, Proof.COUNT, "1 row came twice, the later one counts"
    )


def test_rows_that_came_twice_are_told_without_a_total_too() -> None:
    assert "2 rows came twice" in judged(received=12).note
    assert "2 rows came twice" in judged(Proof.KEYSET, received=12).note


def test_keys_that_came_twice_though_pages_met_mean_that_rows_moved() -> None:
    said = judged(Proof.CONTINUITY, received=12)
    assert (said.status, said.proof) == (UNPROVED, Proof.END) and "2 rows came twice though pages met" in said.note


def test_keys_that_came_twice_along_a_cursor_make_it_a_place_that_rows_move_over() -> None:
    entry = ledger(users=None).entries["users"]
    enter(entry, 1, 2)
    enter(entry, 1, 3)
    assert end(entry, proof=Proof.KEYSET).status is Status.UNPROVED


@pytest.mark.parametrize("as_keys", [list, pa.array])
def test_pages_that_begin_with_the_row_before_are_what_some_cursors_give(as_keys: Callable[[list[int]], Any]) -> None:
    entry = ledger(users=None).entries["users"]
    for ids in ([1, 2], [2, 3], [3]):
        page = Page(entry.resource, 1, 1, "GET /", b"", PageFacts(len(ids)), json_path("$"), NOON)
        entry.page(page, len(ids), as_keys(ids))
    assert end(entry, proof=Proof.KEYSET) == Verdict(
        Status.COMPLETE, Proof.KEYSET, "2 rows came twice, the later one counts"
    )


def test_keys_that_came_twice_after_a_second_reading_mean_nothing() -> None:
    assert judged(Proof.CONTINUITY, received=12, passes=1).status is COMPLETE


def test_a_total_cannot_stand_for_a_proof_that_the_config_asks_for_beside_it() -> None:
    assert judged(totals=(10, 10), note="why", unproved=True) == Verdict(UNPROVED, Proof.END, "why")


def test_a_broken_chain_is_incomplete_whatever_the_counts_say() -> None:
    said = judged(Proof.KEYSET, totals=(10, 10), note="page 3 leads back", broken=True)
    assert said == Verdict(INCOMPLETE, None, "page 3 leads back", "rows-missing")


def test_the_end_of_a_chain_may_have_a_note() -> None:
    assert judged(note="guessed").note == "guessed"
    assert judged(note="guessed", totals=(12, 12)).note == "the API says 12 rows, 10 came; guessed"


def test_the_worst_chain_speaks_for_all() -> None:
    said = worst([Verdict(COMPLETE, Proof.COUNT), Verdict(INCOMPLETE, None, "2 missing"), Verdict(UNPROVED, Proof.END)])
    assert said == Verdict(INCOMPLETE, None, "2 missing")


def test_among_equals_the_weakest_proof_speaks() -> None:
    assert worst([Verdict(COMPLETE, Proof.COUNT), Verdict(COMPLETE, Proof.KEYSET)]).proof is Proof.KEYSET


def test_the_note_says_how_many_more_are_alike() -> None:
    assert worst([Verdict(INCOMPLETE, None, "1 missing")] * 3).note == "1 missing (and 2 more parents alike)"


def test_an_empty_resource_with_a_total_of_zero_is_proved_by_count() -> None:
    book = ledger(users=None)
    assert end(book.begin("users"), total=0) == Verdict(COMPLETE, Proof.COUNT)
    assert report(book.entries["users"]).rows_distinct == 0


def test_what_was_not_begun_is_skipped() -> None:
    assert verdict(ledger(users=None), "users") == (SKIPPED, None)


def test_only_what_is_selected_or_was_begun_is_spoken_of() -> None:
    book = ledger(users=None, courses=None, terms=None)
    book.begin("courses")
    assert set(book.verdicts(["users"])) == {"users", "courses"}


def test_an_error_is_a_failure_whatever_came_before() -> None:
    entry = ledger(users=None).begin("users")
    end(entry, total=0)
    entry.fail(ValueError("no key"))
    assert entry.verdict(None) == Verdict(FAILED, None, "no key", "own-code-failed")


def test_a_reader_that_wants_no_more_leaves_it_incomplete_and_the_first_reason_stays() -> None:
    entry = ledger(users=None).begin("users")
    entry.stop("stopped at 5 rows as asked")
    entry.stop("its reader wanted no more pages")
    assert entry.verdict(None) == Verdict(INCOMPLETE, None, "stopped at 5 rows as asked")


def test_a_table_that_is_kept_makes_it_incomplete() -> None:
    entry = ledger(users=None).begin("users")
    end(entry, total=0)
    entry.keep_table("0 rows came")
    assert entry.verdict(None) == Verdict(INCOMPLETE, None, "0 rows came", "deletes-refused")


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (Verdict(COMPLETE, Proof.KEYSET), (COMPLETE, Proof.COUNT)),
        (Verdict(UNPROVED, Proof.END), (UNPROVED, Proof.END)),
        (Verdict(INCOMPLETE, None), (INCOMPLETE, None)),
        (Verdict(FAILED, None), (SKIPPED, None)),
        (Verdict(SKIPPED, None), (SKIPPED, None)),
    ],
)
def test_a_child_is_never_better_than_its_parent(parent: Verdict, child: tuple[Status, Proof | None]) -> None:
    entry = ledger(courses=None, users="courses").entries["users"]
    enter(entry, 1)
    end(entry, total=1)
    said = entry.verdict(parent)
    assert (said.status, said.proof) == child
    assert parent.status is COMPLETE or f"its parent courses is {parent.status}" in said.note


def test_a_child_may_be_worse_than_its_parent() -> None:
    entry = ledger(courses=None, users="courses").entries["users"]
    end(entry, total=5)
    assert entry.verdict(Verdict(UNPROVED, Proof.END)).status is INCOMPLETE


def test_one_bad_parent_row_speaks_for_the_whole_child() -> None:
    book = ledger(courses=None, users="courses")
    end(book.begin("courses"), total=0)
    entry = book.entries["users"]
    enter(entry, 1, chain=1)
    end(entry, total=1, chain=1)
    enter(entry, 2, chain=2)
    end(entry, total=3, chain=2)
    assert verdict(book, "users") == (INCOMPLETE, None)


def test_a_child_without_parent_rows_is_complete() -> None:
    book = ledger(courses=None, users="courses", tags="users")
    end(book.begin("courses"), total=0)
    assert verdict(book, "users") == verdict(book, "tags") == (COMPLETE, Proof.COUNT)


def test_the_same_key_under_two_parents_is_counted_for_each_and_is_one_row_in_all() -> None:
    entry = ledger(courses=None, users="courses").entries["users"]
    for chain in (1, 2):
        enter(entry, 7, 8, chain=chain)
        assert end(entry, total=2, chain=chain) == Verdict(COMPLETE, Proof.COUNT)
    told = report(entry)
    assert (told.rows_received, told.rows_distinct, told.api_total) == (4, 2, 4)


def test_pages_of_chains_side_by_side_are_not_mixed_up() -> None:
    entry = ledger(courses=None, users="courses").entries["users"]
    enter(entry, 1, chain=1)
    enter(entry, 2, 3, chain=2)
    assert end(entry, total=1, chain=1).status is end(entry, total=2, chain=2).status is COMPLETE


def test_distinct_rows_are_unknown_without_a_key() -> None:
    entry = ledger(users=None).begin("users")
    enter(entry, 1, 2, keyed=False)
    end(entry)
    assert report(entry).rows_distinct is None and report(entry).rows_received == 2


def test_distinct_rows_are_known_of_a_read_that_was_stopped() -> None:
    entry = ledger(users=None).begin("users")
    enter(entry, 1, 2, 2)
    entry.stop("enough")
    assert report(entry).rows_distinct == 2


def test_the_total_is_unknown_where_one_chain_has_none() -> None:
    entry = ledger(courses=None, users="courses").entries["users"]
    end(entry, total=5, chain=1)
    end(entry, total=None, chain=2)
    assert report(entry).api_total is None


def test_requests_retries_and_waits_are_counted_for_their_resource() -> None:
    book = ledger(users=None, courses=None)
    for event in (
        RequestSent("users"),
        RetryScheduled("users", 1, 1.0, "429", True),  # its host pauses; what was waited is told below
        Waited("users", 1.5),
        RequestSent("users"),
        RetryScheduled("users", 2, 2.0, "503", False),
        PageRead("users", 5, 1000, None),
        RequestSent("courses"),
        RequestSent("elsewhere"),
        ResourceStarted("users"),
    ):
        book.on_event(event)
    told = report(book.entries["users"])
    assert (told.requests, told.retries, told.throttled, told.waited_s, told.bytes) == (2, 2, 1, 3.5, 1000)


def test_a_report_says_when_it_began_when_it_ended_and_how_old_the_oldest_page_is() -> None:
    entry = ledger(users=None).begin("users")
    enter(entry, 1)
    enter(entry, 2)
    end(entry)
    told = report(entry)
    assert told.started_at == NOON and told.finished_at == NOON + timedelta(minutes=1)
    assert told.oldest_page_at == NOON and told.pages == 2


def test_a_new_read_starts_with_a_blank_page_for_the_whole_family_and_no_one_else() -> None:
    book = ledger(courses=None, users="courses", tags="users", terms=None)
    for entry in book.entries.values():
        enter(entry, 1)
    book.begin("courses")
    assert {name: entry.rows_received for name, entry in book.entries.items()} == {
        "courses": 0,
        "users": 0,
        "tags": 0,
        "terms": 1,
    }


def test_a_family_is_a_resource_and_all_that_descend_from_it() -> None:
    book = ledger(courses=None, users="courses", tags="users", terms=None)
    assert [entry.resource for entry in book.family("courses")] == ["courses", "users", "tags"]
    assert [entry.resource for entry in book.family("tags")] == ["tags"]


def test_a_parent_that_is_not_ours_counts_as_none() -> None:
    book = ledger(users="a_dlt_resource")
    end(book.begin("users"), total=0)
    assert verdict(book, "users") == (COMPLETE, Proof.COUNT)
