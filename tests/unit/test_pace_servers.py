"""How much of a server's quota is used, and how many answers are refusals. The figures are what was measured."""

import math
from collections.abc import Callable

import pytest

from homeroom.limits.pace import Pace

from .pace_servers import Bucket, Crowd, Drive, Outcome, Server, Window

LATENCIES = (0.0, 0.02, 0.1)


def run(server: Server, requests: int, latency: float, jitter: float = 0.0) -> Outcome:
    return Drive(server, Pace(), requests, latency=latency, jitter=jitter).run()


def used(outcome: Outcome, rate: float, stock: float) -> float:
    """The share of the shortest time that the quota allows."""
    return (len(outcome.accepted) - stock) / rate / outcome.seconds


def three(_: float) -> float:
    return 3.0


def untold(_: float) -> float:
    return 0.0


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("stock", [50, 10])
def test_95_percent_of_a_token_bucket_is_used_with_less_than_1_percent_refused(stock: int, latency: float) -> None:
    outcome = run(Bucket(50.0, stock), 3_000, latency)
    assert len(outcome.accepted) == 3_000
    assert used(outcome, 50.0, stock) >= 0.95
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("begins", [0.0, 30.0])
def test_95_percent_of_a_fixed_window_is_used_with_less_than_1_percent_refused(latency: float, begins: float) -> None:
    outcome = run(Window(3_000, 60.0, begins), 9_000, latency)
    # Two windows to their ends, and the third as fast as 16 in flight (or spacing) let it.
    shortest = 120.0 - begins + 3_000 / min(500.0, 16 / max(latency, 0.0002))
    assert shortest / outcome.seconds >= 0.95
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize(
    ("rate", "stock", "requests", "share", "refused"),
    [
        (50.0, 1, 3_000, 0.88, 0.01),
        (50.0, 2, 3_000, 0.88, 0.01),
        (50.0, 5, 3_000, 0.94, 0.01),
        (50.0, 20, 3_000, 0.96, 0.01),
        (50.0, 200, 3_000, 0.99, 0.01),
        (10.0, 10, 600, 0.97, 0.04),
        (2.0, 10, 300, 0.95, 0.07),
        (50.0, 50, 30_000, 0.99, 0.002),
    ],
)
def test_other_buckets_are_used_to_this_share(
    rate: float, stock: int, requests: int, share: float, refused: float, latency: float
) -> None:
    outcome = run(Bucket(rate, stock), requests, latency)
    assert used(outcome, rate, stock) >= share
    assert outcome.refused_share < refused


@pytest.mark.parametrize("latency", [0.0, 0.02])
def test_a_fast_bucket_is_used_to_95_percent(latency: float) -> None:
    outcome = run(Bucket(500.0, 50), 15_000, latency)
    assert used(outcome, 500.0, 50) >= 0.95
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize(("stock", "share"), [(50, 0.92), (10, 0.84)])
def test_a_retry_after_of_3_where_1_would_do_costs_two_pauses(stock: int, share: float, latency: float) -> None:
    outcome = run(Bucket(50.0, stock, retry_after=three), 3_000, latency)
    assert used(outcome, 50.0, stock) >= share
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("stock", [50, 10])
def test_a_server_without_retry_after_is_used_to_97_percent(stock: int, latency: float) -> None:
    outcome = run(Bucket(50.0, stock, retry_after=untold), 3_000, latency)
    assert used(outcome, 50.0, stock) >= 0.97
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_quota_that_doubles_is_found_within_40_seconds(latency: float) -> None:
    outcome = run(Bucket(lambda at: 50.0 if at < 60.0 else 100.0, 50), 20_000, latency)
    assert outcome.between(100.0, 140.0) >= 90.0
    assert outcome.between(100.0, 220.0) >= 85.0  # 0.02 s: one wall misread, 60 a second for 30 s
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_quota_that_halves_is_met_without_a_storm(latency: float) -> None:
    outcome = run(Bucket(lambda at: 50.0 if at < 60.0 else 25.0, 50), 6_000, latency)
    assert outcome.between(70.0, 130.0) >= 0.9 * 25.0
    assert sum(at > 60.0 for at in outcome.refused) < 25
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
def test_half_of_a_bucket_that_another_client_shares_is_used(latency: float) -> None:
    outcome = run(Bucket(50.0, 50, eaten=25.0), 3_000, latency)
    assert used(outcome, 25.0, 50) >= 0.85
    assert outcome.refused_share < 0.01


@pytest.mark.parametrize("latency", LATENCIES)
def test_a_bucket_that_is_empty_when_we_begin_is_used_but_with_4_percent_refused(latency: float) -> None:
    server = Bucket(50.0, 50)
    server.empty()
    outcome = run(server, 3_000, latency)
    assert used(outcome, 50.0, 0) >= 0.95
    assert outcome.refused_share < 0.04


@pytest.mark.parametrize(("latency", "share"), [(0.02, 0.75), (0.1, 1.0)])
def test_a_limit_of_4_at_once_is_met_by_the_rate_that_it_means(latency: float, share: float) -> None:
    outcome = run(Crowd(4), 1_000, latency)
    assert 1_000 * latency / 4 / outcome.seconds >= share
    assert outcome.refused_share < 0.015


def test_a_small_window_costs_its_first_refusals_only() -> None:
    outcome = run(Window(300, 60.0, 40.0), 1_500, 0.1)
    assert outcome.seconds < 262.5
    assert outcome.refused_share < 0.02


@pytest.mark.parametrize("jitter", [0.002, 0.005, 0.01])
@pytest.mark.parametrize("make", [lambda: Bucket(50.0, 50), lambda: Bucket(50.0, 10)], ids=["50", "10"])
def test_requests_that_overtake_each_other_do_not_spoil_it(make: Callable[[], Bucket], jitter: float) -> None:
    outcome = run(make(), 3_000, 0.02, jitter)
    assert used(outcome, 50.0, 50) >= 0.93
    assert outcome.refused_share < 0.01


def test_a_host_without_a_wall_loses_less_than_half_a_second() -> None:
    outcome = run(Bucket(math.inf, math.inf), 20_000, 0.02)
    assert outcome.seconds < 20_000 * 0.02 / 16 + 0.4
    assert not outcome.refused


class Nth:
    """Refuses every n-th request, however slowly they come; or only the first one."""

    def __init__(self, every: int, retry_after: float) -> None:
        self._every, self._told, self._seen = every, retry_after, 0

    def refuses(self, at: float) -> float | None:
        self._seen += 1
        return self._told if (self._seen % self._every == 0 if self._every else self._seen == 1) else None

    def done(self, at: float) -> None:
        """It counts requests, not those under way."""


def test_refusals_that_do_not_come_from_the_rate_cost_at_most_three_times_their_pauses() -> None:
    outcome = Drive(Nth(7, 1.0), Pace(), 1000, latency=0.05).run()
    assert len(outcome.refused) == 166 and outcome.seconds < 3 * 166


def test_one_refusal_with_a_long_pause_is_soon_forgotten() -> None:
    assert Drive(Nth(0, 30.0), Pace(), 1000, latency=0.0).run().seconds < 40
