"""The arithmetic of a plan: what is sure, what is likely, how long it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.paginate import Cursor, Offset, PageNumber, SinglePage
from homeroom.plan_run.count import Count, at_least, exact
from homeroom.plan_run.quota import Quota, quota_of
from homeroom.plan_run.reach import MOST_PLAYED, Began, reach_of
from homeroom.plan_run.timing import Budget, Pull, Spell, time_of
from homeroom.values import PageFacts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (exact(5200), "5,200"),
        (Count(400, None, 5200), "~ 5,200"),
        (Count(3, 4, 3), "3 or 4"),
        (Count(101, 200), "≤ 200"),
        (at_least(100), "≥ 100"),
        (at_least(0), "unknown"),
    ],
)
def test_a_count_says_what_is_known_of_it(count: Count, told: str) -> None:
    assert str(count) == told


def test_what_is_added_is_no_surer_than_its_parts() -> None:
    assert exact(2) + exact(3) == exact(5)
    assert exact(2) + Count(1, 2, 1) == Count(3, 4, 3)
    assert exact(2) + Count(10, None, 40) == Count(12, None, 42)
    assert Count(1, 9, 5) + at_least(7) == at_least(8)


def _began(paging: object, rows: int, *, total: int | None, limit: int = 100, **more: object) -> Began:
    first = PageFacts(rows, total=total, row_total=total if isinstance(paging, Offset) else None)
    began = Began(paging, first, True, 1, limit, isinstance(paging, Offset | PageNumber), True, "auto", 16)  # type: ignore[arg-type]
    return replace(began, **more)  # type: ignore[arg-type]


def test_a_full_last_page_costs_one_request_more() -> None:
    assert reach_of(_began(Offset(100), 100, total=5150)).requests == exact(52)
    assert reach_of(_began(Offset(100), 100, total=5200)).requests == exact(53)


def test_a_clamp_is_reckoned_with() -> None:
    reach = reach_of(_began(Offset(100), 50, total=5200))
    assert reach.rows == exact(5200)
    assert 104 <= reach.requests.low <= 106
    assert reach.requests.is_exact


@pytest.mark.parametrize("rows", [1_000_000, 1_000_050])
def test_a_long_read_is_reckoned_as_it_would_be_played(rows: int) -> None:
    pages = -(-rows // 100)
    assert pages > MOST_PLAYED
    assert reach_of(_began(Offset(100), 100, total=rows)).requests == exact(pages + (rows % 100 == 0))


def test_without_a_total_nothing_is_made_up() -> None:
    reach = reach_of(_began(Offset(100), 100, total=None))
    assert (reach.rows, reach.requests.high, reach.requests.best) == (at_least(100), None, None)
    assert reach.requests.low >= 2
    assert reach_of(_began(Cursor(json_path("next")), 100, total=None)).requests == at_least(2)


def test_pages_tell_rows_only_up_to_a_page() -> None:
    paging = PageNumber(base=1, start=1, total=json_path("total_pages"))
    reach = reach_of(_began(paging, 100, total=52))
    assert (reach.rows, reach.requests) == (Count(5101, 5200), Count(52, 53, 52))


def test_a_total_of_pages_may_be_one_of_rows() -> None:
    paging = PageNumber(base=1, start=1, total=json_path("total"))
    reach = reach_of(_began(paging, 100, total=250))
    assert (reach.rows, reach.requests) == (Count(250, 25_000), Count(3, 251))


def test_an_empty_list_is_asked_for_twice() -> None:
    empty = _began(SinglePage(), 0, total=None, has_more=False)
    assert reach_of(empty).requests == exact(2)
    assert reach_of(replace(empty, doubts=False)).requests == exact(1)


def test_random_access_is_as_wide_as_the_concurrency() -> None:
    wide = time_of([Pull(exact(161), 0.5, 16)], Budget(16))
    chain = time_of([Pull(exact(161), 0.5, 1)], Budget(16))
    assert (wide, chain) == (Spell(5.5), Spell(80.5))


def test_chains_run_side_by_side_and_the_slots_are_shared() -> None:
    assert time_of([Pull(exact(20), 0.5, 1), Pull(exact(10), 0.5, 1)], Budget(16)) == Spell(10.0)
    assert time_of([Pull(exact(320), 0.5, 16), Pull(exact(320), 0.5, 16)], Budget(16)) == Spell(20.0)


def test_a_rate_adds_up_over_resources() -> None:
    assert time_of([Pull(exact(51), 0.01, 16), Pull(exact(50), 0.01, 16)], Budget(16, rate=10)) == Spell(10.0)


def test_a_time_is_a_bound_where_the_number_of_requests_is_one() -> None:
    assert str(time_of([Pull(at_least(400), 1.0, 1)], Budget(16))) == "≥ 7 min"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "< 1 s"), (12, "~ 12 s"), (240, "~ 4 min"), (7800, "~ 2 h 10 min"), (3 * 86400, "~ 3 days")],
)
def test_times_are_told_as_a_person_would(seconds: float, told: str) -> None:
    assert str(Spell(seconds)) == told


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        (
            {"X-RateLimit-Limit": "700", "X-RateLimit-Remaining": "680", "X-RateLimit-Reset": "3540"},
            Quota(680, 3540, 700),
        ),
        (
            {"RateLimit": '"hour";r=50;t=30', "RateLimit-Policy": '"hour";q=100;w=60'},
            Quota(50, 30, 100, 60),
        ),
        (
            {"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "9", "RateLimit-Reset": "7"},
            Quota(9, 7, 100, 60),
        ),
        ({"X-Rate-Limit-Remaining": "600.5", "X-Request-Cost": "1.5"}, Quota(600.5, cost=1.5, credit=True)),
        ({"Content-Type": "application/json"}, None),
    ],
)
def test_what_a_host_says_of_its_quota_is_understood(headers: dict[str, str], quota: Quota | None) -> None:
    assert quota_of(tuple(headers.items()), NOW) == quota


def test_a_quota_is_waited_for_window_after_window() -> None:
    quota = Quota(50, 30, 100, 60)
    assert [quota.seconds(n) for n in (50, 51, 150, 151, 250, 251)] == [
        (0, True),
        (30, True),
        (30, True),
        (90, True),
        (90, True),
        (150, True),
    ]


def test_where_no_window_is_told_the_time_is_a_bound() -> None:
    assert Quota(50, 30, 100).seconds(151) == (60, False)
    assert Quota(50).seconds(51) == (0, False)


def test_points_come_back_by_the_second() -> None:
    assert Quota(100, cost=2, credit=True).seconds(550) == (100, True)
    assert Quota(100, credit=True).seconds(550) == (0, False)
