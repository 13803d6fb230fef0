"""When the next request may be sent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.limits.pace import SETTLED, SPACING_S, Pace

from .pace_servers import Bucket, Drive


def test_the_first_request_goes_at_once() -> None:
    assert Pace().opens_at(5.0) == 5.0


def test_a_host_that_is_not_known_is_asked_every_2_ms() -> None:
    pace, at = Pace(), 100.0
    for _ in range(100):
        at = pace.opens_at(at)
        pace.sent(at)
    # Five at once, to make up for late timers, then evenly.
    assert at == pytest.approx(100.0 + (99 - 5) * SPACING_S, abs=2 * SPACING_S)


def test_a_host_without_a_wall_is_not_held_back_after_200_requests() -> None:
    pace, at = Pace(), 0.0
    for _ in range(SETTLED):
        at = pace.opens_at(at)
        pace.sent(at)
    assert all(pace.opens_at(at) == at and pace.sent(at) is None for _ in range(1_000))


def test_nobody_goes_in_a_pause() -> None:
    pace = Pace()
    pace.close(30.0)
    pace.close(20.0)
    assert pace.opens_at(10.0) == 30.0


def test_nobody_goes_until_the_pause_of_a_refusal_is_over() -> None:
    pace = Pace()
    pace.sent(0.0)
    pace.refused(0.0, 0.1, 2.0)
    assert pace.opens_at(0.2) >= 2.1


def test_refusals_of_requests_that_were_under_way_are_one_wall() -> None:
    pace = Pace()
    for number in range(16):
        pace.sent(0.002 * number)
    for number in range(16):
        pace.refused(0.002 * number, 0.1 + 0.002 * number, 1.0)
    assert pace.opens_at(0.2) == pytest.approx(1.13)
    assert pace._mirror is None and pace.opens_at(1.2) == 1.2
    assert pace._mirror is not None and pace._known is None


def test_a_refusal_that_is_late_pauses_again_but_is_no_new_wall() -> None:
    pace = Pace()
    pace.sent(0.0)
    pace.sent(0.002)
    pace.refused(0.0, 0.1, 1.0)
    pace.opens_at(1.2)
    pace.refused(0.002, 1.3, 1.0)
    assert pace.opens_at(1.4) >= 2.3
    assert pace._known is None


def test_a_server_that_refuses_everything_is_asked_less_and_less_at_once() -> None:
    pace, at = Pace(), 0.0
    for _ in range(20):
        at = pace.opens_at(at)
        pace.sent(at)
        pace.refused(at, at + 0.01, 1.0)
        at += 0.01
    assert at >= 19.0


def test_what_the_server_says_is_left_is_spread_over_the_time_to_its_reset() -> None:
    pace = Pace()
    pace.sent(10.0)
    pace.ration(4.0, 20.0, 10.1)
    times, at = [], 10.1
    for _ in range(6):
        at = pace.opens_at(at)
        pace.sent(at)
        times.append(at)
    assert times[:4] == pytest.approx([15.0, 20.0, 25.0, 30.0])
    assert times[4] < 30.2


def test_a_ration_ends_when_plenty_are_left() -> None:
    pace = Pace()
    pace.sent(10.0)
    pace.ration(1.0, 600.0, 10.1)
    assert pace.opens_at(10.2) > 600.0
    pace.unration()
    assert pace.opens_at(10.2) == 10.2


def test_a_ceiling_spaces_requests_evenly() -> None:
    pace, at = Pace(10.0), 0.0
    for _ in range(11):
        at = pace.opens_at(at)
        pace.sent(at)
    assert at == pytest.approx(1.0)


def test_a_fixed_window_of_the_same_figure_never_refuses_under_a_ceiling() -> None:
    times, pace, at = [], Pace(50.0), 0.0
    for _ in range(9_000):
        at = pace.opens_at(at)
        pace.sent(at)
        times.append(at)
    for begin in (0.0, 0.013, 17.3):
        assert sum(begin <= moment < begin + 60.0 - 1e-6 for moment in times) <= 3_000


def happens(pace: Pace, kind: str, at: float, seconds: float) -> None:
    """An answer to a request sent at `at`."""
    if kind == "accepted":
        pace.accepted(at)
    elif kind == "refused":
        pace.refused(at, at, seconds)
    elif kind == "pause":
        pace.close(at + seconds)
    elif kind == "ration":
        pace.ration(seconds, seconds, at)
    elif kind == "unration":
        pace.unration()


answers = st.lists(
    st.tuples(
        st.floats(0.0, 0.3),
        st.sampled_from(["accepted", "refused", "pause", "ration", "unration", "lost"]),
        st.floats(0.0, 3.0),
    ),
    max_size=120,
)


@given(ceiling=st.floats(0.5, 100.0), answers=answers)
def test_a_ceiling_is_never_exceeded_in_any_stretch(ceiling: float, answers: list[tuple[float, str, float]]) -> None:
    pace, at, times = Pace(ceiling), 0.0, []
    for late, kind, seconds in answers:
        at = pace.opens_at(at)
        pace.sent(at)
        times.append(at)
        happens(pace, kind, at, seconds)
        at += late
    for first, begin in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= ceiling * (times[last] - begin) + 1 + 1e-6


@given(answers=answers)
def test_the_pace_always_names_a_time_and_never_one_in_the_past(answers: list[tuple[float, str, float]]) -> None:
    pace, at = Pace(), 0.0
    for late, kind, seconds in answers:
        opens = pace.opens_at(at)
        assert math.isfinite(opens) and opens >= at
        at = opens
        pace.sent(at)
        happens(pace, kind, at, seconds)
        at += late


def test_a_ceiling_below_the_quota_never_meets_a_wall() -> None:
    outcome = Drive(Bucket(50.0, 10), Pace(45.0), 1_000, latency=0.02).run()
    assert not outcome.refused
    assert outcome.seconds == pytest.approx(999 / 45.0, rel=0.01)


def test_refusals_without_a_pause_and_without_time_between_do_no_harm() -> None:
    pace = Pace()
    for at in (0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0):
        pace.sent(at)
        pace.refused(at, at, 0.0)
        assert math.isfinite(pace.opens_at(at))
