"""The events of a run, shown: a live view on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from homeroom.cli.log import JsonLog
from homeroom.cli.screen import done_words, part_words, rows_words, screen, state_words, told_rate, told_seconds
from homeroom.cli.tally import Line, Tally, View
from homeroom.cli.told import fields_of, held_words, level_of, message_words, step_words
from homeroom.events import Event, HeldBack, Hook, ResourceFinished, RetryScheduled, StageStarted

INTERVAL_S = 5.0
"""Between two plain lines."""
HEARTBEAT_S = 60.0
"""Where nothing moves: a load, a quota that is waited for."""
_FRAMES_PER_S = 5.0
_READING = ("", "read")
_MOST_NAMED = 3
"""Resources in a plain line."""


@contextmanager
def shown(
    console: Console, *, quiet: bool, verbose: bool = False, clock: Callable[[], float] = time.monotonic
) -> Iterator[Hook]:
    """A hook that shows progress on `console`: live where that is a terminal that can be drawn on, else lines.

    `verbose` tells of every request that is sent again, of every wait, and how long the stages took.
    """
    if quiet:
        yield lambda event: None
        return
    tally = Tally(clock)
    if isinstance(log := console.file, JsonLog):
        lines = JsonLines(tally, log, clock, verbose=verbose)
        with _every(INTERVAL_S, lines.pulse):
            yield lines.on_event
    elif console.is_interactive:
        with _live(console, tally):
            yield _Spoken(tally, console, verbose=verbose).on_event
    else:
        plain = PlainLines(tally, console, clock, verbose=verbose)
        with _every(INTERVAL_S, plain.pulse):
            yield plain.on_event


@contextmanager
def _every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Call `act` now and then, in a thread of its own."""
    over = threading.Event()

    def go() -> None:
        while not over.wait(seconds):
            act()

    thread = threading.Thread(target=go, name="homeroom-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _print(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


# On a terminal


@contextmanager
def _live(console: Console, tally: Tally) -> Iterator[None]:
    """The view, redrawn a few times a second, and gone at the end. Messages are printed above it."""

    def frame() -> Group:
        width, height = console.size
        # One row stays free for the cursor.
        lines = screen(tally.view(), width, height - 1)
        return Group(*(Text(line.text, line.style, no_wrap=True, overflow="crop") for line in lines))

    with Live(
        console=console,
        get_renderable=frame,
        refresh_per_second=_FRAMES_PER_S,
        transient=True,
        vertical_overflow="crop",
        # stdout is data: where it leads to a file, nothing of it may come to the terminal.
        redirect_stdout=sys.stdout.isatty(),
    ):
        yield


class _Spoken:
    """What is printed above the live view."""

    def __init__(self, tally: Tally, console: Console, *, verbose: bool) -> None:
        self._tally, self._console = tally, console
        self._more = _More(tally) if verbose else None

    def on_event(self, event: Event) -> None:
        told = [message_words(event)]
        if self._more is not None:
            told += [self._more.words(event), step_words(event) if isinstance(event, RetryScheduled) else None]
        for text in filter(None, told):
            _print(self._console, text)
        self._tally.on_event(event)


class _More:
    """What `-v` tells beside: how long stages took, and waits for pace and quota."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def words(self, event: Event) -> str | None:
        """Asked before the tally knows of the event."""
        if isinstance(event, HeldBack):
            return held_words(event)
        if isinstance(event, StageStarted) and (view := self._tally.view()).stage:
            return f"{view.stage} took {view.stage_s:.1f} s"
        return None


# Elsewhere


class _Pulse:
    """When there is something to say: where something has changed, and else now and then."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: tuple[object, ...] = ()
        self._told_at = clock()

    def is_due(self, view: View) -> bool:
        """Whether to tell of what is seen now; asked every `INTERVAL_S`."""
        now = self._clock()
        state: tuple[object, ...]
        if view.stage in _READING:
            # That a quota is waited for is told when the wait begins; the rest of it is no news.
            state = (view.rows, view.requests, len(view.done), view.quota_s is not None)
            is_news = bool(view.lines) and state != self._told
        else:
            state = (view.stage,)
            is_news = state != self._told and view.stage_s >= INTERVAL_S
        if not is_news and (now - self._told_at < HEARTBEAT_S or state != self._told):
            return False
        self._told, self._told_at = state, now
        return True


class PlainLines:
    """Lines at events, and every few seconds one of how far the read is."""

    def __init__(
        self,
        tally: Tally,
        console: Console,
        clock: Callable[[], float],
        *,
        verbose: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tally, self._console, self._clock, self._now = tally, console, clock, now
        self._more = _More(tally) if verbose else None
        self._due = _Pulse(clock)
        self._paused_until = -1.0

    def on_event(self, event: Event) -> None:
        """The hook."""
        if self._more is not None and (text := self._more.words(event)):
            _print(self._console, text)
        if self._more is None and isinstance(event, RetryScheduled) and self._is_known(event):
            text = None
        else:
            text = message_words(event) or step_words(event)
        self._tally.on_event(event)
        if text:
            _print(self._console, text)

    def _is_known(self, event: RetryScheduled) -> bool:
        """Whether a pause of the host was told already: many requests are refused at once."""
        until = self._clock() + event.wait_s
        if not event.throttled or until > self._paused_until + 0.5:
            self._paused_until = max(until, self._paused_until) if event.throttled else self._paused_until
            return False
        return True

    def pulse(self) -> None:
        """A line, where there is something new."""
        view = self._tally.view()
        if self._due.is_due(view):
            _print(self._console, self._words(view))

    def _words(self, view: View) -> str:
        if view.stage not in _READING:
            return f"{step_words(StageStarted(view.stage))}, for {told_seconds(view.stage_s)}"
        if view.quota_s is not None and view.quota_s >= INTERVAL_S:
            until = self._now() + timedelta(seconds=view.quota_s)
            return f"waiting for quota until {until:%H:%M:%S} UTC ({told_seconds(view.quota_s)}); {_summed(view)}"
        named = [_one(line) for line in view.reading[:_MOST_NAMED]]
        more = [f"and {len(view.reading) - _MOST_NAMED} more"] if len(view.reading) > _MOST_NAMED else []
        return "; ".join((_summed(view), *named, *more))


def _summed(view: View) -> str:
    rows = "1 row" if view.rows == 1 else f"{view.rows:,} rows"
    requests = "1 request" if view.requests == 1 else f"{view.requests:,} requests"
    return f"{done_words(view)}, {rows}, {requests} in {told_seconds(view.elapsed_s)}"


def _one(line: Line) -> str:
    """`people 2,300/5,200 rows, 23/52 pages, 450/s, 6 s left`."""
    rate = "" if line.rate is None else told_rate(line.rate)
    parts = (f"{line.resource} {rows_words(line)}", part_words(line), rate, state_words(line))
    return ", ".join(filter(None, parts))


class JsonLines:
    """What plain lines say, for programs that read stderr."""

    def __init__(self, tally: Tally, log: JsonLog, clock: Callable[[], float], *, verbose: bool = False) -> None:
        self._tally, self._log = tally, log
        self._due, self._verbose = _Pulse(clock), verbose

    def on_event(self, event: Event) -> None:
        """The hook."""
        before = self._tally.view() if isinstance(event, StageStarted) and self._verbose else None
        if before is not None and before.stage:
            self._log.say("debug", "stage_ended", stage=before.stage, seconds=round(before.stage_s, 3))
        if self._verbose and isinstance(event, HeldBack):
            self._log.say("debug", "held_back", resources=event.resources, wait_s=round(event.wait_s, 3))
        self._tally.on_event(event)
        if (fields := fields_of(event)) is not None:
            note = {"note": event.note} if isinstance(event, ResourceFinished) and event.note else {}
            self._log.say(level_of(event), **fields, **note)

    def pulse(self) -> None:
        """A line, where there is something new."""
        view = self._tally.view()
        if self._due.is_due(view):
            self._log.say("info", "progress", **_progress(view))


def _progress(view: View) -> dict[str, Any]:
    known = {"rows": view.rows, "requests": view.requests, "elapsed_s": round(view.elapsed_s, 1)}
    done = {"done": len(view.done), "of": len(view.lines), "waiting_for_quota_s": _rounded(view.quota_s)}
    reading = [{key: _rounded(value) for key, value in asdict(line).items() if value} for line in view.reading]
    return {"stage": view.stage, **known, **done, "reading": reading}


def _rounded(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value


def json_lines(write: Callable[[str], Any]) -> Hook:
    """A hook that writes events as JSON lines: stages, waits and finished resources (not every page)."""

    def tell(event: Event) -> None:
        if (line := fields_of(event)) is not None:
            write(orjson.dumps(line).decode())

    return tell
