"""What a server says of its limits reaches the gate of its host, and every wait is told once."""

import asyncio
from types import MappingProxyType
from typing import Any

import pytest

from homeroom.errors import AuthError, TransientError
from homeroom.events import RetryScheduled, Waited
from homeroom.values import LONGEST_OBEYED_S, Answer, Request, ResourceSettings, RetrySettings, SyncSettings

from .scripted import BASE, Script, answer, chain, clock, lost, rows, run, wire
from .scripted import settings as sync
from .test_fetch_wire import failing, once, throttled, together

ONE_ROW = rows(1)
CANVAS = Answer(403, BASE, (("Content-Type", "text/plain"),), b"403 Forbidden (Rate Limit Exceeded)\n")


def waits(events: list[Any]) -> float:
    """Seconds waited, added up as the events say one should."""
    return sum(event.wait_s for event in events if isinstance(event, Waited)) + sum(
        event.wait_s for event in events if isinstance(event, RetryScheduled) and not event.throttled
    )


def test_a_403_that_speaks_of_a_rate_limit_is_asked_again() -> None:
    transport = Script(CANVAS, ONE_ROW)
    told: list[Any] = []
    assert once(transport, None, told.append) == 1.0
    assert RetryScheduled("users", 1, 1.0, "403", True) in told


def test_such_a_403_pauses_the_whole_host() -> None:
    transport = Script(answer({"message": "API rate limit exceeded"}, 403, {"Retry-After": "30"}), ONE_ROW)
    together(transport, 3, sync=sync(concurrency=1))
    assert transport.sent_at[:2] == [0.0, 30.0]


def test_a_403_that_is_a_refusal_after_all_says_how_it_was_taken() -> None:
    error = failing(Script(answer({"message": "your rate limit plan forbids this"}, 403)), kind=TransientError)
    assert (
        "GET https://api.example.com/users: the server answered 403 ('your rate limit plan forbids this'), "
        "which means too many requests, "
        "4 times (sync.retry.attempts: 4); set a lower sync.rate, or run again later"
    ) in str(error)


def test_a_403_without_such_words_is_an_auth_error_at_once() -> None:
    transport = Script(answer({"message": "forbidden"}, 403))
    failing(transport, kind=AuthError)
    assert len(transport.sent) == 1


def of_users(**retry: Any) -> SyncSettings:
    own = ResourceSettings(retry=RetrySettings(**{"first_wait_s": 1.0, **retry}))
    return SyncSettings(retry=RetrySettings(attempts=9), resources=MappingProxyType({"users": own}))


def test_a_resource_may_have_a_policy_of_its_own() -> None:
    transport = Script(answer({}, 418))
    error = failing(transport, kind=TransientError, sync=of_users(statuses=(418,), attempts=2))
    assert len(transport.sent) == 2 and "418, 2 times" in str(error)


def test_other_resources_keep_the_general_one() -> None:
    transport = Script(lost())
    failing(transport, chain(resource="terms"), TransientError, sync=of_users(attempts=2))
    assert len(transport.sent) == 9


def test_a_resource_with_settings_but_no_policy_has_the_general_one() -> None:
    transport = Script(lost())
    resources = MappingProxyType({"users": ResourceSettings(total_header="X-Total")})
    failing(transport, None, TransientError, sync=SyncSettings(retry=RetrySettings(attempts=3), resources=resources))
    assert len(transport.sent) == 3


def test_a_post_is_asked_again_too() -> None:
    transport = Script(answer({}, 503), lost(), ONE_ROW)
    once(transport, chain(request=Request("POST", f"{BASE}/search", json={"q": 1})))
    assert [request.body for request in transport.sent] == [b'{"q": 1}'] * 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_of_the_host_is_told_once_however_many_wait(status: int) -> None:
    told: list[Any] = []
    transport = Script(throttled("30", status), ONE_ROW)
    together(transport, 5, told.append, sync=sync(concurrency=1))
    # Answers come at once here, so that all of the time is waiting.
    assert waits(told) == pytest.approx(transport.sent_at[-1], abs=0.01) and transport.sent_at[1] >= 30.0


def test_a_wait_before_another_try_is_told_once() -> None:
    told: list[Any] = []
    once(Script(lost(), lost(), ONE_ROW), None, told.append)
    assert waits(told) == pytest.approx(3.0, abs=0.1)


def test_a_configured_rate_is_never_exceeded_and_its_waits_are_told() -> None:
    told: list[Any] = []
    transport = Script(ONE_ROW)
    together(transport, 40, told.append, sync=SyncSettings(rate=2.0))
    sent = transport.sent_at
    assert all(later - earlier >= 1.0 - 1e-6 for earlier, later in zip(sent, sent[3:], strict=False))
    assert waits(told) == pytest.approx(sent[-1], abs=0.6)


def test_a_pause_that_is_too_long_holds_up_nobody_else() -> None:
    async def act() -> float:
        reader = wire(Script(throttled(str(LONGEST_OBEYED_S + 1)), ONE_ROW), sync=sync(concurrency=1))
        asked = chain()
        with pytest.raises(TransientError):
            await reader.read(asked, asked.request, lambda a: a)
        await reader.read(asked, asked.request, lambda a: a)
        return clock()

    assert run(act()) < 5.0


def test_a_request_that_waits_to_be_sent_again_holds_no_slot() -> None:
    transport = Script(lost(), ONE_ROW)
    together(transport, 2, sync=sync(concurrency=1))
    assert transport.sent_at[:2] == [0.0, pytest.approx(0.0, abs=0.1)]


def test_an_answer_that_is_under_way_when_a_pause_begins_is_read() -> None:
    async def throttle(_: Any) -> Answer:
        await asyncio.sleep(1)
        return throttled("30")

    async def slow(_: Any) -> Answer:
        await asyncio.sleep(5)
        return ONE_ROW

    transport = Script(throttle, slow, ONE_ROW)
    together(transport, 2, sync=sync(concurrency=2))
    assert len(transport.sent) == 3 and transport.sent_at[1] < 1.0 and transport.sent_at[2] >= 31.0
