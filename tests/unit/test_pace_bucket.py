"""What is found out about a server's bucket from the answers that it gave."""

from random import Random

import pytest

from homeroom.limits.bucket import Quota, Trail

from .pace_servers import Bucket


def told(server: Bucket, *phases: tuple[float, float]) -> tuple[Trail, float]:
    """The trail of requests sent in phases of (pause before, requests a second), each to its first refusal."""
    trail, at = Trail(), 0.0
    for pause, pace in phases:
        at += pause
        while server.refuses(at) is None:
            trail.add(at, True)
            at += 1.0 / pace
        trail.add(at, False)
    return trail, at


def found(server: Bucket, *phases: tuple[float, float]) -> Quota:
    trail, at = told(server, *phases)
    return trail.quota(trail.accepted_rate(0.0, at))


def test_two_walls_tell_the_rate_and_the_stock() -> None:
    quota = found(Bucket(50.0, 50), (0.0, 500.0), (1.0, 125.0))
    assert quota.least <= 50.0 <= quota.most < 1.1 * quota.least
    assert quota.stock == 50.0 and quota.clash <= 0.0


def test_a_pause_in_which_the_bucket_overflows_does_not_hide_the_rate() -> None:
    quota = found(Bucket(50.0, 10), (0.0, 500.0), (3.0, 80.0))
    assert 0.99 * quota.least <= 50.0 <= quota.most < 1.15 * quota.least
    assert quota.stock in (9.0, 10.0)


def test_a_third_wall_at_a_pace_near_the_rate_makes_it_sharp() -> None:
    quota = found(Bucket(50.0, 10), (0.0, 500.0), (1.0, 80.0), (1.0, 51.0))
    assert quota.least == pytest.approx(50.0, rel=0.01) and quota.most == pytest.approx(50.0, rel=0.01)


def test_what_is_left_after_the_last_answer_is_known() -> None:
    quota = found(Bucket(50.0, 50), (0.0, 500.0), (1.0, 125.0))
    assert quota.spent == pytest.approx(49.5, abs=0.6)


def test_a_quota_that_changed_clashes_until_the_time_before_is_forgotten() -> None:
    server = Bucket(lambda at: 50.0 if at < 10.0 else 20.0, 20)
    trail, _ = told(server, (0.0, 500.0), (1.0, 60.0), (10.0, 60.0), (1.0, 60.0), (1.0, 30.0))
    assert trail.quota(20.0).clash > 1.0
    trail.forget(10.0, 20.0)
    quota = trail.quota(20.0)
    assert quota.clash <= 0.0 and quota.least <= 20.0 <= quota.most


def test_answers_may_be_noted_in_any_order() -> None:
    trail, shuffled = Trail(), Trail()
    events = [(0.002 * number, True) for number in range(50)] + [(0.1, False), (1.1, True), (1.2, False)]
    for event in events:
        trail.add(*event)
    for event in reversed(events):
        shuffled.add(*event)
    assert trail.quota(45.0) == shuffled.quota(45.0)


def test_a_long_trail_is_thinned_out_and_still_tells_the_rate() -> None:
    trail, _ = told(Bucket(50.0, 50), (0.0, 500.0), (1.0, 125.0), (1.0, 50.3))
    quota = trail.quota(40.0)
    assert len(trail._events) <= 2048
    assert quota.least == pytest.approx(50.0, rel=0.01)


def test_the_true_rate_is_seldom_far_from_what_is_found() -> None:
    """Of random buckets one in 400 is told wrong, by up to a half: the pace learns it by a further 429."""
    far = [seed for seed in range(400) if not _is_near(seed)]
    assert len(far) <= 1


def _is_near(seed: int) -> bool:
    dice = Random(seed)
    rate, stock, pause = dice.uniform(1.0, 200.0), dice.randint(2, 200), dice.uniform(0.5, 5.0)
    ramps = (0.0, 20.0 * rate), (pause, dice.uniform(1.3, 4.0) * rate), (pause, 1.2 * rate)
    quota = found(Bucket(rate, stock), *ramps)
    return 0.8 * quota.least <= rate <= 1.25 * quota.most
