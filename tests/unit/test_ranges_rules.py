"""The rules by which a read with random access is planned, one by one."""

import pytest

from homeroom.ranges import Bounds, Kind, RangePlan, Stretch
from homeroom.ranges.plan import SAMPLE
from homeroom.values import PageFacts

from .range_reader import Rows, ending_with_404, generous, holds, read, refusing_odd_offsets


def test_the_first_request_goes_out_alone() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    assert plan.take() == Stretch(0, 10) and plan.take() is None


def test_each_full_page_opens_the_window_by_one_more() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    flights = []
    for _ in range(4):
        flight = []
        while (stretch := plan.take()) is not None:
            flight.append(stretch)
        flights.append(len(flight))
        for stretch in flight:
            plan.arrived(stretch, PageFacts(10))
    assert flights == [1, 2, 4, 8]


def test_a_short_list_costs_one_request_more() -> None:
    found = read(holds(7), 10, window=16)
    assert found.spans == [(0, 10), (7, 10)]


def test_with_a_total_everything_is_under_way_after_the_first_answer() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=1000))
    assert len(list(iter(plan.take, None))) == 99


def test_a_short_page_is_not_an_end() -> None:
    found = read(holds(100, lambda position: 4 if position == 20 else 10), 10, window=1)
    assert found.rows == list(range(100))


def test_the_rest_of_a_short_page_goes_first_and_has_exactly_the_length_that_is_missing() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=100))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(third, PageFacts(10, total=100))
    plan.arrived(second, PageFacts(4, total=100))
    assert plan.take() == Stretch(14, 6, Kind.FILL, 10) and plan.take() == Stretch(30, 10)


def test_a_rest_that_holds_rows_lowers_the_step() -> None:
    found = read(holds(100, lambda position: 4), 10, window=4)
    assert found.plan.clamped and found.plan.step == 4
    assert [stretch.length for stretch in found.asked if stretch.kind is Kind.NEXT][1:3] == [4, 4]


def test_a_page_short_for_another_reason_lowers_no_step() -> None:
    found = read(holds(100, lambda position: 4 if position == 20 else 10), 10, window=4)
    assert not found.plan.clamped and found.plan.step == 10


def test_the_last_page_is_no_clamp() -> None:
    found = read(holds(97), 10, window=4)
    assert not found.plan.clamped and found.rows == list(range(97))


def test_a_clamp_in_the_middle_of_a_window_sends_nothing_twice() -> None:
    found = read(holds(1600, lambda position: 100 if position < 800 else 40), 100, window=16)
    assert found.rows == list(range(1600)) and found.plan.clamped
    assert len(set(found.spans)) == len(found.spans)


def test_a_server_that_gives_more_is_read_in_its_own_steps() -> None:
    found = read(generous(2, 1000), 100, window=4)
    assert found.plan.step == 200 and found.rows == list(range(1000))


def test_an_empty_page_with_rows_behind_it_is_asked_for_again_once() -> None:
    seen: list[int] = []

    def server(start: int, length: int) -> Rows:
        seen.append(start)
        return [] if start == 50 and seen.count(50) == 1 else holds(200)(start, length)

    found = read(server, 10, window=4, total=200)
    assert found.rows == list(range(200)) and seen.count(50) == 2 and found.plan.holes == 0


def test_a_page_that_stays_empty_is_counted_as_a_hole() -> None:
    found = read(lambda start, length: [] if start == 50 else holds(200)(start, length), 10, window=4, total=200)
    assert found.rows == [row for row in range(200) if not 50 <= row < 60]
    assert found.plan.holes == 1 and found.spans.count((50, 10)) == 2


def test_an_empty_page_before_the_announced_end_is_asked_for_again() -> None:
    found = read(holds(50), 10, window=1, total=70)
    assert found.plan.misses_announced and found.kinds[-1] is Kind.AGAIN and found.rows == list(range(50))


def test_a_full_last_page_is_worth_one_request_beyond_the_announced_end() -> None:
    found = read(holds(50), 10, total=50)
    assert found.spans[-1] == (50, 10) and found.kinds.count(Kind.PROBE) == 1 == found.kinds[-1:].count(Kind.PROBE)


def test_a_short_last_page_at_the_announced_end_is_the_end() -> None:
    found = read(holds(47), 10, total=47)
    assert found.spans == [(start, 10) for start in range(0, 50, 10)]


def test_a_probe_that_brings_rows_disproves_the_total_for_good() -> None:
    found = read(holds(200), 10, total=50)
    assert found.rows == list(range(200)) and found.kinds.count(Kind.PROBE) == 1


def test_a_probe_that_brings_the_last_page_again_is_the_end() -> None:
    def server(start: int, length: int) -> Rows:
        return holds(50)(min(start, 40), length)

    found = read(server, 10, total=50)
    assert found.rows == list(range(50)) and found.kinds[-1] is Kind.PROBE


@pytest.mark.parametrize("window", [4, 16])
def test_a_gap_wider_than_the_window_is_looked_for_far_behind_it(window: int) -> None:
    gap = range(2000, 2000 + 100 * window + 200)
    found = read(
        lambda start, length: [row for row in range(start, min(start + length, 10_000)) if row not in gap],
        100,
        window=window,
    )
    assert found.rows == [row for row in range(10_000) if row not in gap]
    assert found.kinds.count(Kind.FAR) == 1


def test_the_far_look_at_an_honest_end_is_one_empty_request() -> None:
    found = read(holds(1000), 100, window=4)
    assert found.kinds.count(Kind.FAR) == 1 and found.spans[-1] == (2000, 100)


@pytest.mark.parametrize(("window", "total"), [(4, 1000), (1, None)])
def test_nobody_looks_far_where_a_total_ends_the_read_or_pages_go_out_one_by_one(
    window: int, total: int | None
) -> None:
    assert Kind.FAR not in read(holds(1000), 100, window=window, total=total).kinds


def test_the_maximum_is_not_crossed() -> None:
    found = read(holds(1000), 10, maximum=60, window=16)
    assert found.rows == list(range(60)) and found.plan.at_maximum
    assert all(start < 60 for start, _ in found.spans)


def test_a_read_that_ends_before_its_maximum_says_so() -> None:
    assert not read(holds(55), 10, maximum=100).plan.at_maximum


def test_where_an_empty_page_is_no_end_all_is_read_to_the_maximum() -> None:
    server = holds(1000)
    found = read(
        lambda start, length: [] if start == 20 else server(start, length), 10, maximum=100, stops_when_empty=False
    )
    assert found.rows == [row for row in range(100) if not 20 <= row < 30] and len(found.asked) == 10


def test_a_read_may_start_in_the_middle() -> None:
    assert read(holds(100), 10, start=30, total=100).rows == list(range(30, 100))


@pytest.mark.parametrize("window", [1, 4, 16])
def test_a_refusal_beyond_the_last_page_is_an_end_that_is_named(window: int) -> None:
    found = read(ending_with_404(100), 10, window=window)
    assert found.failed is None and found.rows == list(range(100)) and found.plan.refused_end == 100


def test_a_refused_first_page_is_no_end() -> None:
    found = read(lambda start, length: None)
    assert found.failed == Stretch(0, 10) and found.plan.refused_end is None


def test_a_refusal_with_rows_behind_it_is_no_end() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, total=100))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(third, PageFacts(10))
    assert not plan.refused(second)


def test_a_refused_rest_behind_the_last_row_says_nothing_of_offsets() -> None:
    found = read(ending_with_404(93), 10, window=4)
    assert found.kinds.count(Kind.FILL) == 1 and not found.plan.aligned and found.rows == list(range(93))


def test_a_total_too_low_behind_a_short_page_leaves_no_gap() -> None:
    found = read(holds(318, lambda position: 50 if position < 100 else 22), 50, total=159, window=4)
    assert found.rows == list(range(318)) and found.kinds.count(Kind.PROBE) == 1


def test_a_server_that_refuses_odd_offsets_is_no_longer_asked_for_the_rest_of_pages() -> None:
    def server(start: int, length: int) -> Rows | None:
        """Every page is three rows short."""
        rows = refusing_odd_offsets(995)(start, length)
        return rows and rows[3:]

    found = read(server, 10, window=4)
    assert found.plan.aligned and found.kinds.count(Kind.FILL) <= 4
    assert found.rows == [row for row in range(995) if row % 10 > 2]


def test_where_rows_are_left_out_after_cutting_only_one_short_page_in_some_is_looked_at() -> None:
    def server(start: int, length: int) -> Rows:
        return [row for row in range(start, min(start + length, 6000)) if row % 10]

    def refilled(start: int, length: int) -> Rows:
        """As such servers do: the rest begins at a row that was sent before."""
        return server(start, length) if start % 100 == 0 else server(start // 100 * 100, 100)

    found = read(refilled, 100, window=1, total=6000)
    assert found.plan.filtered and found.rows == [row for row in range(6000) if row % 10]
    assert found.kinds.count(Kind.FILL) <= 60 // SAMPLE + 2


def test_a_flag_ends_the_read_at_its_page() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    for rows, more in ((10, True), (10, False)):
        stretch = plan.take()
        assert stretch is not None
        plan.arrived(stretch, PageFacts(rows, has_more=more))
        for late in plan.under_way.copy():
            plan.arrived(late, PageFacts(0, has_more=False))
    assert plan.take() is None and plan.top == 20


def test_a_flag_is_not_believed_against_rows_beyond_it() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None
    plan.arrived(first, PageFacts(10, has_more=True))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None
    plan.arrived(second, PageFacts(10, has_more=False))
    plan.arrived(third, PageFacts(10, has_more=True))
    assert plan.take() == Stretch(30, 10)


def test_pages_below_the_lowest_stretch_under_way_are_settled() -> None:
    plan = RangePlan(Bounds(0, 10, True, 16))
    first = plan.take()
    assert first is not None and plan.settled == 0
    plan.arrived(first, PageFacts(10))
    second, third = plan.take(), plan.take()
    assert second is not None and third is not None and plan.settled == 10
    plan.arrived(third, PageFacts(10))
    assert plan.settled == 10 == plan.lowest
    plan.arrived(second, PageFacts(4))
    assert plan.settled == 14 and plan.is_filling(10)


def test_no_more_than_the_window_is_under_way_while_no_end_is_known() -> None:
    assert read(holds(5000), 10, window=4, hands=100).most_under_way == 4
