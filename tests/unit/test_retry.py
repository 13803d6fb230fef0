"""When a request is repeated, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeroom.retry import Failure, backoff_s, failure_of, parse_retry_after, wait_s
from homeroom.values import RETRY_STATUSES, Answer, RetrySettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = RetrySettings(first_wait_s=1.0, max_wait_s=60.0)


def answered(status: int, **headers: str) -> Answer:
    return Answer(status, "", tuple((name.replace("_", "-"), value) for name, value in headers.items()), b"")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_a_failure_to_repeat(status: int) -> None:
    assert failure_of(answered(status), SETTINGS, NOW) == Failure(str(status), status, throttled=status == 429)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 410, 422, 501])
def test_any_other_status_is_final(status: int) -> None:
    assert failure_of(answered(status), SETTINGS, NOW) is None


def test_the_config_says_which_statuses_are_repeated() -> None:
    own = RetrySettings(statuses=(418,))
    assert failure_of(answered(418), own, NOW) is not None
    assert failure_of(answered(503), own, NOW) is None


def test_the_default_statuses_are_those_of_the_design() -> None:
    assert RETRY_STATUSES == (408, 425, 429, 500, 502, 503, 504)


def test_a_failure_carries_what_the_server_asked_for() -> None:
    failure = failure_of(answered(503, retry_after="7"), SETTINGS, NOW)
    assert failure is not None and failure.retry_after_s == 7.0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"403 Forbidden (Rate Limit Exceeded)", "rate limit"),  # Canvas
        (b'{"error": {"errors": [{"reason": "userRateLimitExceeded"}]}}', "ratelimit"),  # Google Classroom
        (b'{"message": "You have exceeded a secondary rate limit."}', "rate limit"),
        (b"<h1>Too Many Requests</h1>", "too many requests"),
        (b'{"__type": "ThrottlingException"}', "throttl"),
        (b'{"error": "Quota exceeded"}', "quota exceeded"),
    ],
)
def test_a_403_that_speaks_of_a_rate_limit_is_a_429_by_another_name(body: bytes, words: str) -> None:
    failure = failure_of(Answer(403, "", (("Retry-After", "7"),), body), SETTINGS, NOW)
    assert failure == Failure("403", 403, 7.0, throttled=True, words=f" ('{words}')")
    assert failure.told == f"the server answered 403 ('{words}'), which means too many requests"


@pytest.mark.parametrize("body", [b"", b"Forbidden", b'{"message": "limited rights"}', b" " * 1000 + b"rate limit"])
def test_any_other_403_is_a_refusal(body: bytes) -> None:
    assert failure_of(Answer(403, "", (), body), SETTINGS, NOW) is None


@pytest.mark.parametrize("status", [200, 401, 404])
def test_only_a_403_means_something_else_by_its_body(status: int) -> None:
    assert failure_of(Answer(status, "", (), b"rate limit exceeded"), SETTINGS, NOW) is None


def test_a_config_that_does_not_repeat_a_429_does_not_repeat_such_a_403() -> None:
    own = RetrySettings(statuses=(503,))
    assert failure_of(Answer(403, "", (), b"rate limit exceeded"), own, NOW) is None


@pytest.mark.parametrize(
    ("failure", "holds"),
    [
        (Failure("429", 429, throttled=True), True),
        (Failure("503", 503, 2.0), True),
        (Failure("503", 503, 0.0), True),
        (Failure("503", 503), False),
        (Failure("cut off"), False),
    ],
)
def test_the_host_is_left_alone_when_it_throttles_or_names_a_time(failure: Failure, holds: bool) -> None:
    assert failure.holds_host is holds


@pytest.mark.parametrize(
    ("failure", "counts"),
    [
        (Failure("connection (h: reset)"), True),
        (Failure("cut off"), True),
        (Failure("500", 500), True),
        (Failure("503", 503, 2.0), False),
        (Failure("408", 408), False),
        (Failure("429", 429, throttled=True), False),
    ],
)
def test_being_throttled_or_refused_is_no_sign_of_a_host_that_is_gone(failure: Failure, counts: bool) -> None:
    assert failure.is_hosts_fault is counts


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("120", 120.0), (" 5 ", 5.0), ("1.5", 1.5), ("-3", 0.0)])
def test_retry_after_may_be_seconds(text: str, seconds: float) -> None:
    assert parse_retry_after(text, NOW) == seconds


def test_retry_after_may_be_a_date() -> None:
    assert parse_retry_after(format_datetime(NOW + timedelta(seconds=90), usegmt=True), NOW) == 90.0


def test_a_date_that_has_passed_asks_for_no_wait() -> None:
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", NOW) == 0.0


def test_a_date_without_a_zone_is_utc() -> None:
    assert parse_retry_after("Thu, 01 Jan 2026 00:00:30 -0000", NOW) == 30.0


@pytest.mark.parametrize("text", [None, "", "soon", "nan", "12 apples", "Mon, 99 Foo 2026"])
def test_what_cannot_be_read_asks_for_nothing(text: str | None) -> None:
    assert parse_retry_after(text, NOW) is None


_WORDS = st.sampled_from(
    [
        "Mon,",
        "1",
        "Jan",
        "9" * 20,
        "-99999999999",
        "2026",
        "00:00:00",
        "GMT",
        "+9999",
        "inf",
        "1e999",
        "(",
        "٣",
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS, max_size=7).map(" ".join)))
@example("1-Jan-24 12:60:99 99999999999999999999")
@example("Jan -0000 GMT 00:00:00 -99999999999 2024")
def test_no_retry_after_can_raise(text: str) -> None:
    seconds = parse_retry_after(text, NOW)
    assert seconds is None or seconds >= 0


def test_the_wait_doubles_from_attempt_to_attempt() -> None:
    assert [backoff_s(attempt, SETTINGS, lambda: 1.0) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 8.0]


@given(st.integers(1, 1000), st.floats(0, 1))
def test_the_wait_is_spread_over_all_of_its_ceiling(attempt: int, chance: float) -> None:
    ceiling = min(60.0, 2.0 ** (attempt - 1))
    assert backoff_s(attempt, SETTINGS, lambda: chance) == pytest.approx(ceiling * chance)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_what_the_server_asks_for_is_the_floor(chance: float) -> None:
    assert wait_s(1, Failure("429", 429, 30.0), SETTINGS, lambda: chance) == 30.0


@pytest.mark.parametrize("asked", [None, 0.0, 0.1])
def test_our_own_wait_may_be_longer(asked: float | None) -> None:
    assert wait_s(2, Failure("429", 429, asked), SETTINGS, lambda: 1.0) == 2.0
