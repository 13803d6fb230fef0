"""What is seen of a run while it goes on: events added up, and laid out for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from homeroom.cli.screen import overall, screen
from homeroom.cli.tally import Line, Stand, Tally, View
from homeroom.events import (
    Event,
    HeldBack,
    ListRead,
    ListsAsked,
    PageRead,
    ReadPlanned,
    RequestSent,
    ResourceFinished,
    ResourceStarted,
    RetryScheduled,
    StageStarted,
)


class Seen:
    """A tally with a clock that only the test moves."""

    def __init__(self, *events: Event) -> None:
        self.at = 100.0
        self.tally = Tally(lambda: self.at)
        self.tell(*events)

    def tell(self, *events: Event, each_s: float = 0.0) -> None:
        for event in events:
            self.at += each_s
            self.tally.on_event(event)

    def line(self, resource: str = "people") -> Line:
        return next(line for line in self.tally.view().lines if line.resource == resource)

    def shown(self, width: int = 100, height: int = 24) -> list[str]:
        return [line.text for line in screen(self.tally.view(), width, height)]


def pages(number: int, rows: int = 100, total: int | None = 5200, resource: str = "people") -> list[Event]:
    return [PageRead(resource, rows, 9, total)] * number


def being_read(number: int = 23) -> Seen:
    """A list of 5,200 people, of which a page comes each tenth of a second."""
    seen = Seen(ResourceStarted("people"), ListsAsked("people", 1))
    seen.tell(*pages(number), each_s=0.1)
    return seen


# Added up


def test_rows_and_pages_are_told_of_how_many() -> None:
    line = being_read().line()
    assert (line.rows, line.of_rows, line.pages, line.of_pages) == (2300, 5200, 23, 52)


def test_without_a_total_nobody_says_of_how_many() -> None:
    seen = Seen(ListsAsked("people", 1))
    seen.tell(*pages(40, total=None), each_s=0.1)
    line = seen.line()
    assert (line.rows, line.of_rows, line.of_pages, line.left_s) == (4000, None, None, None)


def test_a_total_that_more_rows_have_come_than_is_not_told() -> None:
    line = Seen(ListsAsked("people", 1), *pages(3, total=250)).line()
    assert (line.rows, line.of_rows, line.of_pages) == (300, None, None)


def test_a_limit_is_what_the_read_comes_to() -> None:
    line = Seen(ListsAsked("people", 1, most_rows=500), *pages(1)).line()
    assert (line.of_rows, line.of_pages) == (500, 5)


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    seen = being_read(52)
    assert seen.line().rate == pytest.approx(1000, rel=0.05)
    seen.tell(*pages(20), each_s=1.0)
    assert seen.line().rate == pytest.approx(100, rel=0.1)


def test_no_rate_is_told_of_the_first_second() -> None:
    assert being_read(5).line().rate is None


def test_the_time_left_is_what_is_missing_at_that_rate() -> None:
    seen = being_read(32)
    assert seen.line().left_s == pytest.approx(2.0, rel=0.05)


def test_no_time_left_is_told_before_three_seconds_have_passed() -> None:
    assert being_read(29).line().left_s is None and being_read(32).line().left_s is not None


def test_no_time_left_is_told_of_a_read_that_is_not_to_the_end() -> None:
    seen = Seen(ResourceStarted("people"))  # as in homeroom check: a page or two
    seen.tell(*pages(40), each_s=0.1)
    assert (seen.line().of_rows, seen.line().left_s) == (5200, None)


def test_a_list_that_is_read_again_has_no_end_in_sight() -> None:
    seen = being_read(52)
    seen.tell(ListRead("people"), ListsAsked("people", 1, again=True), *pages(1))
    assert (seen.line().stand, seen.line().left_s, seen.line().of_rows) == (Stand.READING, None, None)


def test_a_spent_quota_is_told_of_all_that_ask_that_host() -> None:
    seen = Seen(RequestSent("people"), RequestSent("terms"), HeldBack(("people", "terms"), 12.0))
    seen.at += 4
    assert (seen.line("people").quota_s, seen.line("terms").quota_s) == (8.0, 8.0)
    assert seen.tally.view().quota_s == 8.0


def test_a_wait_is_over_with_the_next_request() -> None:
    seen = Seen(RequestSent("people"), HeldBack(("people",), 12.0))
    seen.at += 4
    seen.tell(RequestSent("people"))
    assert (seen.line().quota_s, seen.tally.view().quota_s) == (None, None)


def test_the_run_waits_only_where_all_that_is_under_way_waits() -> None:
    seen = Seen(RequestSent("people"), RequestSent("elsewhere"), HeldBack(("people",), 12.0))
    assert (seen.line("people").quota_s, seen.tally.view().quota_s) == (12.0, None)


def test_while_nothing_is_sent_neither_rate_nor_time_left_is_told() -> None:
    seen = being_read(32)
    seen.tell(RetryScheduled("people", 1, 12.0, "429", True))
    assert (seen.line().quota_s, seen.line().rate, seen.line().left_s) == (12.0, None, None)


def test_another_failure_is_no_quota() -> None:
    seen = being_read()
    seen.tell(RetryScheduled("people", 1, 1.2, "timeout (api.example.com: no answer)", False))
    line = seen.line()
    assert (line.quota_s, line.again_s, line.again_after, line.retries) == (None, pytest.approx(1.2), "timeout", 1)
    seen.at += 2
    assert (seen.line().again_s, seen.line().retries) == (None, 1)


def child_of(parent_total: int | None) -> Seen:
    """A list of two for each of the parents that have come so far, 40 of them, and the half of these lists read."""
    seen = Seen(ReadPlanned((("people", None), ("marks", "people"))), ListsAsked("people", 1))
    seen.tell(*pages(4, rows=10, total=parent_total))
    seen.tell(ListsAsked("marks", 40))
    for _ in range(20):
        seen.tell(PageRead("marks", 2, 9, 2), ListRead("marks"), each_s=0.2)
    return seen


def test_of_a_child_the_parents_are_counted() -> None:
    line = child_of(100).line("marks")
    assert (line.lists, line.of_lists, line.of_parent, line.of_rows, line.rows) == (20, 100, True, None, 40)
    assert line.left_s == pytest.approx(32.0, rel=0.1)  # 80 more, five in two seconds


def test_of_how_many_parents_is_not_told_before_anybody_knows() -> None:
    seen = child_of(None)
    assert (seen.line("marks").of_lists, seen.line("marks").left_s) == (None, None)
    seen.tell(ListRead("people"))
    assert seen.line("marks").of_lists == 40


def test_a_child_that_has_caught_up_with_its_parent_is_still_being_read() -> None:
    seen = child_of(100)
    seen.tell(*[ListRead("marks")] * 20)
    assert seen.line("marks").stand is Stand.READING
    seen.tell(ListRead("people"))
    assert seen.line("marks").stand is Stand.READ


def test_what_is_planned_is_to_come_and_what_is_judged_is_done() -> None:
    seen = Seen(ReadPlanned((("people", None), ("terms", None))), ResourceFinished("terms", "complete", 3, ""))
    assert (seen.line("people").stand, seen.line("terms").stand) == (Stand.TO_COME, Stand.DONE)


def test_a_thousand_pages_leave_no_trace_but_sums() -> None:
    seen = being_read(1)
    seen.tell(*pages(1000), each_s=0.5)
    speed = seen.tally._reads["people"]._rows_speed
    assert len(speed._seconds) <= 10


# On a screen


def test_a_line_says_all_there_is_room_for() -> None:
    seen = being_read(32)
    seen.tell(RetryScheduled("people", 1, 0.1, "503", False))
    seen.at += 0.5
    (line, last) = seen.shown(width=120)
    told = "people ━━━━━━━━━━╌╌╌╌╌╌ 3,200/5,200 rows 32/52 pages 889/s 2 s left 1 retry"
    assert " ".join(line.split()) == told
    assert last == "0:03 · 3,200 rows · 0 requests"


def test_sixty_columns_keep_the_rows_and_the_wait() -> None:
    seen = being_read()
    seen.tell(StageStarted("read"), RequestSent("people"), HeldBack(("people",), 12.0))
    line, last = seen.shown(width=60)
    assert line == "people  2,300/5,200 rows  waiting for quota, 12 s"
    assert last == "0:02 · waiting for quota, 12 s · 2,300 rows · 1 request"


def test_columns_do_not_come_and_go_with_what_is_waited_for() -> None:
    seen = being_read(40)
    before = seen.shown(width=80)[0]
    seen.tell(HeldBack(("people",), 12.0))
    after = seen.shown(width=80)[0]
    assert before.index("40/52") == after.index("40/52")


def many(done: int, reading: int, to_come: int, failed: int = 0) -> Seen:
    names = [f"r{number:02}" for number in range(done + failed + reading + to_come)]
    events: list[Event] = [ReadPlanned(tuple((name, None) for name in names))]
    events += [ResourceFinished(name, "complete", 7, "") for name in names[:done]]
    events += [ResourceFinished(name, "failed", 0, "no") for name in names[done : done + failed]]
    events += [PageRead(name, 1, 9, 5) for name in names[done + failed : done + failed + reading]]
    return Seen(StageStarted("read"), *events)


def test_where_all_fit_all_are_shown() -> None:
    lines = many(3, 3, 3).shown(height=10)
    assert [line[:3] for line in lines] == [f"r{number:02}" for number in range(9)] + ["0:0"]


def test_of_many_those_that_are_done_are_one_line() -> None:
    lines = many(12, 8, 5).shown(height=20)
    assert lines[0] == "12 of 25 done"
    assert [line[:3] for line in lines[1:-1]] == [f"r{number:02}" for number in range(12, 25)]


def test_then_those_to_come_are_one_line() -> None:
    lines = many(12, 8, 20).shown(height=15)
    assert (lines[0], lines[-2]) == ("12 of 40 done", "20 to come")
    assert [line[:3] for line in lines[1:-2]] == [f"r{number:02}" for number in range(12, 20)]


def test_then_the_rest_of_those_under_way_are_one_line() -> None:
    lines = many(2, 30, 8).shown(height=10)
    assert lines[0] == "2 of 40 done" and lines[-3:-1] == ["and 24 more", "8 to come"]
    assert len(lines) == 10


def test_what_failed_stays_in_sight() -> None:
    lines = many(20, 4, 0, failed=1).shown(height=10)
    assert lines[0] == "21 of 25 done (1 failed)"
    assert lines[1].startswith("r20") and lines[1].endswith("failed")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("height", [1, 2, 3, 5, 10, 50])
def test_it_is_never_higher_or_wider_than_the_screen(width: int, height: int) -> None:
    for numbers in ((0, 0, 0), (3, 3, 3), (30, 30, 30), (0, 60, 0), (60, 0, 1)):
        lines = many(*numbers, failed=2).shown(width, height)
        assert len(lines) <= height and max(map(len, lines)) <= width


def test_every_stage_has_words() -> None:
    told = [overall(View((), stage, 0.0, 3725.0, 0)).split(" · ")[1] for stage in stages()]
    assert told == ["starting", "reading", "loading", "counting rows", "making the tables of the model"]


def stages() -> Iterable[str]:
    return ("", "read", "load", "report", "model")


def test_hours_are_told() -> None:
    assert overall(View((), "read", 0.0, 3725.0, 1)) == "1:02:05 · reading · 0 rows · 1 request"
