"""A run ends in the middle when its time is over or a host has gone, and says so."""

import asyncio
from typing import Any

import pytest

from homeroom.errors import DataError, HomeroomError, StoppedError, TransientError
from homeroom.events import RequestSent
from homeroom.fetch.transport import TransportError
from homeroom.fetch.watch import Watch
from homeroom.values import Answer, Request, RetrySettings, SyncSettings

from .scripted import BASE, Script, answer, chain, clock, cut, lost, rows, run, wire
from .test_fetch_wire import failing, throttled

ONE_ROW = rows(1)
GONE = "the run was stopped: api.example.com:443 failed 3 times in a row (sync.retry.stop_after: 3)"


def limited(seconds: float | None = None, stop_after: int = 50, **retry: Any) -> SyncSettings:
    return SyncSettings(
        retry=RetrySettings(**{"first_wait_s": 1.0, "attempts": 20, "stop_after": stop_after, **retry}),
        deadline_s=seconds,
    )


async def all_of(transport: Script, requests: int, sync: SyncSettings, *hooks: Any) -> list[Any]:
    """What becomes of many requests of one wire at once: None, or the error."""
    reader = wire(transport, *hooks, sync=sync)

    async def one(number: int) -> HomeroomError | None:
        asked = chain(request=Request("GET", f"{BASE}/users/{number}"))
        try:
            await reader.read(asked, asked.request, lambda a: a)
        except HomeroomError as error:
            return error
        return None

    return await asyncio.gather(*(one(number) for number in range(requests)))


def one_after_the_other(transport: Script, requests: int, sync: SyncSettings) -> list[Any]:
    async def act() -> list[Any]:
        reader, ends = wire(transport, sync=sync), []
        for _ in range(requests):
            asked = chain()
            try:
                ends.append(await reader.read(asked, asked.request, lambda a: a))
            except HomeroomError as error:
                ends.append(error)
        return ends

    return run(act())


def test_after_the_deadline_no_request_is_sent() -> None:
    async def slowly(_: Any) -> Answer:
        await asyncio.sleep(50)
        return ONE_ROW

    transport = Script(slowly)
    ends = one_after_the_other(transport, 4, limited(90.0))
    assert transport.sent_at == [0.0, 50.0]
    assert [type(end) for end in ends] == [tuple, tuple, StoppedError, StoppedError]
    assert str(ends[2]) == (
        "resource users, the run was stopped: sync.deadline 90s is over; run again, with a longer deadline if need be"
    )


def test_an_answer_that_was_under_way_at_the_deadline_still_counts() -> None:
    async def slowly(_: Any) -> Answer:
        await asyncio.sleep(500)
        return ONE_ROW

    assert isinstance(one_after_the_other(Script(slowly), 1, limited(60.0))[0], tuple)


@pytest.mark.parametrize("failure", [throttled("30"), throttled("30", 503), lost()])
def test_no_wait_is_begun_that_would_outlast_the_deadline(failure: Any) -> None:
    transport = Script(failure)
    sync = limited(20.0, first_wait_s=30.0)
    error = failing(transport, kind=StoppedError, sync=sync)
    assert "a wait of 30 s would outlast sync.deadline 20s" in str(error) and error.resource == "users"
    assert transport.sent_at == [0.0]


def test_who_waits_for_a_host_does_not_wait_beyond_the_deadline() -> None:
    async def act() -> tuple[list[Any], float]:
        transport = Script(throttled("100"), ONE_ROW)
        sync = SyncSettings(concurrency=1, deadline_s=60.0)
        ends = await all_of(transport, 3, sync)
        assert len(transport.sent) == 1
        return ends, clock()

    ends, ended_at = run(act())
    assert [type(end) for end in ends] == [StoppedError] * 3 and ended_at <= 60.0


def test_the_deadline_counts_from_the_first_request_on() -> None:
    async def act() -> None:
        reader = wire(Script(ONE_ROW), sync=limited(10.0))
        await asyncio.sleep(100)
        asked = chain()
        await reader.read(asked, asked.request, lambda a: a)

    run(act())


def test_the_deadline_is_one_for_all_wires_of_an_engine() -> None:
    async def act() -> None:
        watch = Watch(limited(10.0), clock)
        asked = chain()
        await wire(Script(ONE_ROW), watch=watch).read(asked, asked.request, lambda a: a)
        await asyncio.sleep(11)
        with pytest.raises(StoppedError):
            await wire(Script(ONE_ROW), watch=watch).read(asked, asked.request, lambda a: a)

    run(act())


@pytest.mark.parametrize(
    ("seconds", "told"), [(7200, "2h"), (2700, "45min"), (90, "90s"), (86400, "1d"), (0.5, "0.5s")]
)
def test_a_deadline_is_told_as_a_config_says_it(seconds: float, told: str) -> None:
    assert f"sync.deadline {told} is over" in str(Watch(limited(seconds), lambda: 0.0).too_late("users"))


@pytest.mark.parametrize("failure", [lost(), answer({}, 500), cut(ONE_ROW), TransportError("cut off", "h")])
def test_failures_in_a_row_stop_the_run(failure: Any) -> None:
    transport = Script(failure)
    error = failing(transport, kind=StoppedError, sync=limited(stop_after=3))
    assert GONE in str(error) and len(transport.sent) == 3


def test_failures_are_counted_over_all_requests_of_a_host() -> None:
    transport = Script(lost())
    ends = one_after_the_other(transport, 5, limited(stop_after=3, attempts=1))
    assert [type(end) for end in ends] == [TransientError, TransientError, StoppedError, StoppedError, StoppedError]
    assert len(transport.sent) == 3


@pytest.mark.parametrize("between", [ONE_ROW, answer({}, 404), answer({}, 429), answer({"error": 1})])
def test_any_other_answer_in_between_begins_anew(between: Answer) -> None:
    transport = Script(lost(), lost(), between, lost(), lost(), ONE_ROW)
    ends = one_after_the_other(transport, 6, limited(stop_after=3, attempts=1))
    assert not any(isinstance(end, StoppedError) for end in ends) and len(transport.sent) == 6


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_names_a_time_has_not_gone(status: int) -> None:
    transport = Script(*[throttled("1", status)] * 9, ONE_ROW)
    assert isinstance(one_after_the_other(transport, 1, limited(stop_after=3))[0], tuple)


def test_who_sleeps_before_another_try_is_told_at_once() -> None:
    async def act() -> float:
        transport = Script(lost(), lost(), lost(), ONE_ROW)
        ends = await all_of(transport, 3, limited(stop_after=3, first_wait_s=60.0))
        assert [type(end) for end in ends] == [StoppedError] * 3 and len(transport.sent) == 3
        return clock()

    assert run(act()) == 0.0


def test_a_cancelled_sleep_stays_cancelled() -> None:
    async def act() -> None:
        reader, asked = wire(Script(lost())), chain()
        reading = asyncio.ensure_future(reader.read(asked, asked.request, lambda a: a))
        await asyncio.sleep(0.5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    run(act())


def test_another_host_goes_on() -> None:
    async def act() -> None:
        settings = limited(stop_after=1)
        origins = frozenset([f"{BASE}:443", "https://other.org:443"])
        reader = wire(Script(lost(), ONE_ROW), sync=settings, origins=origins)
        for url, ends in ((BASE, StoppedError), ("https://other.org", None), (BASE, StoppedError)):
            asked = chain(request=Request("GET", url))
            if ends is None:
                await reader.read(asked, asked.request, lambda a: a)
            else:
                with pytest.raises(ends):
                    await reader.read(asked, asked.request, lambda a: a)

    run(act())


def test_a_data_error_is_no_sign_of_a_host_that_is_gone() -> None:
    def refuse(_: Answer) -> None:
        raise DataError("no")

    async def act() -> None:
        reader, asked = wire(Script(lost(), ONE_ROW, lost(), ONE_ROW), sync=limited(stop_after=2)), chain()
        for _ in range(2):
            with pytest.raises(DataError):
                await reader.read(asked, asked.request, refuse)

    run(act())


def test_a_stopped_request_is_not_told_as_sent() -> None:
    told: list[Any] = []

    async def act() -> None:
        await all_of(Script(lost()), 1, limited(stop_after=1), told.append)

    run(act())
    assert told == [RequestSent("users")]
