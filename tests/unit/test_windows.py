"""A span of time in windows."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.windows import MOST_WINDOWS, Window, alike, cut, moment

NOW = datetime(2024, 9, 1, 12, 30, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("start", "end", "windows"),
    [
        ("2024-08-01", "2024-08-15", [("2024-08-01", "2024-08-08"), ("2024-08-07", "2024-08-15")]),
        (
            "2024-08-20T00:00:00Z",
            None,
            [("2024-08-20T00:00:00Z", "2024-08-27T00:00:00Z"), ("2024-08-26T23:59:59Z", None)],
        ),
        (
            "2024-08-20T08:00:00.000+02:00",
            "2024-08-28T08:00:00.000+02:00",
            [
                ("2024-08-20T08:00:00.000+02:00", "2024-08-27T08:00:00.000+02:00"),
                ("2024-08-27T07:59:59.000+02:00", "2024-08-28T08:00:00.000+02:00"),
            ],
        ),
        ("2024-08-31 10:00:00", None, [("2024-08-31 10:00:00", None)]),
        (1724112000, 1724803200, [(1724112000, 1724716800), (1724716799, 1724803200)]),
        (1724112000000, 1724803200000, [(1724112000000, 1724716800000), (1724716799000, 1724803200000)]),
        (date(2024, 8, 25), None, [(date(2024, 8, 25), date(2024, 9, 1)), (date(2024, 8, 31), None)]),
        ("2030-01-01", None, [("2030-01-01", None)]),
        ("2024-08-10", "2024-08-01", [("2024-08-10", "2024-08-01")]),
    ],
)
def test_a_span_is_cut_in_its_own_form(start: Any, end: Any, windows: list[tuple[Any, Any]]) -> None:
    assert cut(start, end, NOW, WEEK) == [Window(*each) for each in windows]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2024, 1, 1)).map(lambda when: when.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=900)),
    st.timedeltas(timedelta(hours=8), timedelta(days=400)),
    st.sampled_from(["text", "number", "object"]),
)
def test_every_moment_of_a_span_lies_in_a_window_and_neighbours_share_one(
    first: datetime, length: timedelta, step: timedelta, form: str
) -> None:
    first = first.replace(tzinfo=UTC)
    last = first + timedelta(seconds=int(length.total_seconds()))
    pattern = {"text": "2000-01-01T00:00:00Z", "number": 1, "object": first}[form]
    windows = cut(alike(pattern, first), alike(pattern, last), NOW, step)
    assert (moment(windows[0].start), moment(windows[-1].end)) == (first, last)
    for earlier, later in pairwise(windows):
        assert moment(earlier.start) < moment(later.start) < moment(earlier.end) <= moment(later.end)


@pytest.mark.parametrize(
    ("start", "step", "says"),
    [
        ("2024-08-01", timedelta(days=1), "longer than a day"),
        ("2024-08-01T00:00:00Z", timedelta(seconds=1), "longer than a second"),
        ("1990-01-01T00:00:00Z", timedelta(minutes=1), f"more than {MOST_WINDOWS:,} windows"),
        ("last week", WEEK, "last week"),
        (None, WEEK, "NoneType is no time"),
        (True, WEEK, "bool is no time"),
    ],
)
def test_what_cannot_be_cut_is_said(start: Any, step: timedelta, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        cut(start, None, NOW, step)


@pytest.mark.parametrize(
    ("end", "is_over"),
    [
        (alike("2024-08-01T00:00:00Z", NOW - timedelta(seconds=1)), True),
        (alike("2024-08-01T00:00:00Z", NOW), False),
        (alike("2024-08-01T00:00:00Z", NOW + WEEK), False),
        (alike("2024-08-01", NOW - timedelta(days=1)), True),
        (alike("2024-08-01", NOW), False),
        (None, False),
    ],
)
def test_a_window_is_over_when_nothing_new_can_fall_into_it(end: Any, is_over: bool) -> None:
    """A date stands for the whole day: an API may take in the end."""
    assert Window("2024-08-01", end).is_over(NOW) is is_over
