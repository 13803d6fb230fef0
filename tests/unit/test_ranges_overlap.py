"""A plan whose requests overlap by one row: what is asked, and what is made of a clamp."""

import random
from collections.abc import Callable

import pytest

from homeroom.ranges import Bounds, Kind, RangePlan, Stretch
from homeroom.values import PageFacts


def overlapping(rows: int = 10, limit: int = 10) -> RangePlan:
    """A plan after its first page."""
    plan = RangePlan(Bounds(0, limit, True, 16))
    first = plan.take()
    assert first is not None
    plan.overlap_by_one()
    plan.arrived(first, PageFacts(rows))
    return plan


def test_a_stretch_is_of_new_rows_and_its_request_begins_one_row_early() -> None:
    plan = overlapping()
    stretch = plan.take()
    assert stretch == Stretch(10, 9) and plan.lead_of(stretch) == 1
    assert plan.lead_of(Stretch(0, 9)) == 0


def test_the_rest_of_a_short_page_tells_a_clamp_by_the_rows_that_came_with_it() -> None:
    plan = overlapping(rows=4)
    rest = plan.take()
    assert rest == Stretch(4, 9, Kind.FILL, 0)
    plan.arrived(rest, PageFacts(3))  # four rows, one of them the lead
    assert plan.clamped and plan.step == 3


def test_a_rest_of_a_single_row_never_lowers_the_step_to_nothing() -> None:
    plan = overlapping(rows=2)
    rest = plan.take()
    assert rest is not None
    plan.arrived(rest, PageFacts(1))
    assert plan.step == 1


def test_a_rewound_plan_asks_on_from_there_and_forgets_what_lay_beyond() -> None:
    plan = overlapping()
    for _ in range(4):
        while (stretch := plan.take()) is not None:
            plan.arrived(stretch, PageFacts(9 if stretch.start < 80 else 0))
    plan.rewind(28)
    assert plan.top == 28 and plan.under_way == set() and plan.lowest is None
    assert plan.take() == Stretch(28, 9) and plan.take() == Stretch(37, 9)


def test_a_plan_that_reads_aligned_again_has_its_step_back() -> None:
    plan = overlapping()
    plan.read_aligned()
    plan.rewind(10)
    stretch = plan.take()
    assert stretch == Stretch(10, 10) and plan.lead_of(stretch) == 0


def read(count: int, limit: int, cap: Callable[[int], int], dice: random.Random) -> list[int]:
    """All rows that a server gives, each request one row early, at most `cap` of its offset."""
    plan, found, under_way = RangePlan(Bounds(0, limit, True, 4)), list[int](), list[Stretch]()
    for _ in range(10_000):
        while len(under_way) < 4 and (stretch := plan.take()) is not None:
            under_way.append(stretch)
        if not under_way:
            return found
        stretch = under_way.pop(dice.randrange(len(under_way)))
        lead = plan.lead_of(stretch)
        size = min(stretch.length + lead, limit, cap(stretch.start - lead))
        page = list(range(stretch.start - lead, count))[:size]
        if stretch.start == 0 and len(page) > 1:
            plan.overlap_by_one()
        plan.arrived(stretch, PageFacts(len(new := page[lead:])))
        found += new
    raise AssertionError("the plan does not end")


@pytest.mark.parametrize("seed", range(200))
def test_every_row_comes_once_whatever_the_clamp(seed: int) -> None:
    dice = random.Random(seed)
    count, limit, cap = dice.randrange(0, 400), dice.choice([2, 3, 10, 50]), dice.choice([2, 3, 7, 10, 100])
    late = dice.choice([0, count // 2])
    assert sorted(read(count, limit, lambda at: cap if at >= late else 100, dice)) == list(range(count))
