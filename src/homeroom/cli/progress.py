"""The events of a run, shown: bars on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from homeroom.events import (
    DeletesMadeUp,
    Event,
    HistoryNotWritten,
    Hook,
    PageRead,
    PagesKept,
    PagesNotKept,
    ResourceFinished,
    ResourceStarted,
    RetryScheduled,
    RunResumed,
    RunSetAside,
    StageStarted,
)
from homeroom.resume import told

_STAGES = {"read": "reading", "load": "loading", "report": "counting rows"}


@contextmanager
def shown(console: Console, *, quiet: bool) -> Iterator[Hook]:
    """A hook that shows progress on `console`: bars where it is a terminal, else a line at each event that matters."""
    if quiet:
        yield lambda event: None
    elif console.is_terminal:
        with _bars(console) as hook:
            yield hook
    else:
        yield _lines(console)


def _lines(console: Console) -> Hook:
    def tell(event: Event) -> None:
        match event:
            case StageStarted():
                text = _STAGES.get(event.stage, event.stage)
            case ResourceFinished():
                rows = "1 row" if event.rows == 1 else f"{event.rows:,} rows"
                text = f"read {event.resource}: {rows}, {event.status}" + (f" ({_note(event)})" if event.note else "")
            case RetryScheduled(throttled=True):
                text = f"{event.resource}: the server asks to slow down ({event.reason}), waiting {event.wait_s:.1f} s"
            case RetryScheduled():
                text = f"{event.resource}: {event.reason}, trying again in {event.wait_s:.1f} s"
            case RunResumed() | RunSetAside():
                text = told(event)
            case PagesKept() | PagesNotKept() | HistoryNotWritten():
                text = _kept(event)
            case DeletesMadeUp():
                text = _made_up(event)
            case _:
                return
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    return tell


def _kept(event: PagesKept | PagesNotKept | HistoryNotWritten) -> str:
    """What became of the pages of a run that is loaded, or of its report, in a sentence."""
    if isinstance(event, HistoryNotWritten):
        return f"this run will not be in homeroom runs: {event.why}"
    if isinstance(event, PagesNotKept):
        return f"the pages of this run could not be kept in {event.path}: {event.why}"
    return f"the pages of run {event.run_id} are kept in {event.path} ({_told_size(event.size)})"


def _made_up(event: DeletesMadeUp) -> str:
    """What became of the deletes that an earlier run was killed before, in a sentence."""
    begun = f"{event.resource}: run {event.run_id} ended before it had deleted what did not come"
    if event.why:
        return f"{begun}, and that is not made up for: {event.why}"
    return f"{begun}; {'1 row is' if event.rows == 1 else f'{event.rows:,} rows are'} deleted now"


def _told_size(size: int) -> str:
    """Bytes as a person would say them: `640 kB`, `17.4 MB`."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.0f} kB"


def _note(event: ResourceFinished) -> str:
    return event.note.removeprefix(f"resource {event.resource}, ")


@contextmanager
def _bars(console: Console) -> Iterator[Hook]:
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bars(progress).on_event


class _Bars:
    """A bar for each resource. Called from the fetch thread and from the main one; rich's Progress has a lock."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def on_event(self, event: Event) -> None:
        match event:
            case ResourceStarted():
                self._task(event.resource)
            case PageRead():
                # Parents are read one by one: a total is then that of one parent alone.
                self._progress.update(self._task(event.resource), total=event.total, advance=event.rows, note="")
            case RetryScheduled():
                waiting = "waiting for quota" if event.throttled else f"again after {event.reason}"
                self._progress.update(self._task(event.resource), note=f"{waiting}, {event.wait_s:.1f} s")
            case ResourceFinished():
                task = self._task(event.resource)
                self._progress.update(task, total=event.rows, completed=event.rows, note=event.status)
            case RunResumed() | RunSetAside():
                self._say(told(event))
            case PagesKept() | PagesNotKept() | HistoryNotWritten():
                self._say(_kept(event))
            case DeletesMadeUp():
                self._say(_made_up(event))
            case StageStarted(stage="load" | "report"):
                self._progress.add_task(_STAGES[event.stage], total=None, note="")
            case _:
                pass

    def _say(self, text: str) -> None:
        self._progress.console.print(text, highlight=False, soft_wrap=True, markup=False)

    def _task(self, resource: str) -> TaskID:
        if resource not in self._tasks:
            self._tasks[resource] = self._progress.add_task(resource, total=None, note="")
        return self._tasks[resource]


def json_lines(write: Callable[[str], Any]) -> Hook:
    """A hook that writes events as JSON lines: stages, waits and finished resources (not every page)."""

    def tell(event: Event) -> None:
        line: dict[str, Any]
        match event:
            case StageStarted():
                line = {"event": "stage", "stage": event.stage}
            case ResourceFinished():
                line = {"event": "read", "resource": event.resource, "status": str(event.status), "rows": event.rows}
            case RunResumed() | RunSetAside():
                kind = "resumed" if isinstance(event, RunResumed) else "set_aside"
                line = {"event": kind, **asdict(event)}
            case PagesKept() | PagesNotKept():
                line = {"event": "kept" if isinstance(event, PagesKept) else "not_kept", **asdict(event)}
            case HistoryNotWritten():
                line = {"event": "history_not_written", **asdict(event)}
            case DeletesMadeUp():
                line = {"event": "deletes_made_up", **asdict(event)}
            case RetryScheduled():
                line = {
                    "event": "retry",
                    "resource": event.resource,
                    "attempt": event.attempt,
                    "wait_s": round(event.wait_s, 3),
                    "reason": event.reason,
                }
            case _:
                return
        write(orjson.dumps(line).decode())

    return tell
