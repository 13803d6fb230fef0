"""Events in words, for a person, and as fields, for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from homeroom.cli.screen import STAGES, WRONG, told_seconds
from homeroom.config.literal_keys import MESSAGE
from homeroom.events import (
    DeletesMadeUp,
    Event,
    HeldBack,
    HistoryNotWritten,
    KeyInConfig,
    LooksPersonal,
    PagesKept,
    PagesNotKept,
    ResourceFinished,
    RetryScheduled,
    RunResumed,
    RunSetAside,
    StageStarted,
)
from homeroom.resume import told

_KINDS = {
    RunResumed: "resumed",
    RunSetAside: "set_aside",
    PagesKept: "kept",
    PagesNotKept: "not_kept",
    HistoryNotWritten: "history_not_written",
    LooksPersonal: "looks_personal",
    DeletesMadeUp: "deletes_made_up",
    KeyInConfig: "key_in_config",
}
_MOST_NAMED = 3
_MOST_COLUMNS = 8
_WARNINGS = (KeyInConfig, RunSetAside, PagesNotKept, HistoryNotWritten, LooksPersonal, RetryScheduled)


def step_words(event: Event) -> str | None:
    """What a bar shows anyway, as a line: stages, resources that are read, requests that are sent again."""
    match event:
        case StageStarted():
            return STAGES.get(event.stage, event.stage)
        case ResourceFinished():
            rows = "1 row" if event.rows == 1 else f"{event.rows:,} rows"
            return f"read {event.resource}: {rows}, {event.status}" + (f" ({_note(event)})" if event.note else "")
        case RetryScheduled(throttled=True):
            return f"{event.resource}: the server asks to slow down ({event.reason}), waiting {event.wait_s:.1f} s"
        case RetryScheduled():
            return f"{event.resource}: {event.reason}, trying again in {event.wait_s:.1f} s"
        case _:
            return None


def message_words(event: Event) -> str | None:
    """What is told however progress is shown: what became of earlier runs, of pages, of the history."""
    match event:
        case RunResumed() | RunSetAside():
            return told(event)
        case KeyInConfig():
            return f"{event.place}: {MESSAGE}; {event.hint}"
        case HistoryNotWritten():
            return f"this run will not be in homeroom runs: {event.why}"
        case PagesNotKept():
            return f"the pages of this run could not be kept in {event.path}: {event.why}"
        case PagesKept():
            return f"the pages of run {event.run_id} are kept in {event.path} ({_told_size(event.size)})"
        case LooksPersonal():
            return _personal(event)
        case DeletesMadeUp():
            return _made_up(event)
        case _:
            return None


def held_words(event: HeldBack) -> str:
    """That a host is left alone."""
    named, more = event.resources[:_MOST_NAMED], len(event.resources) - _MOST_NAMED
    who = f"{', '.join(named)}{f' and {more} more' if more > 0 else ''}"
    return f"{who}: nothing is sent for {told_seconds(event.wait_s)} (quota, a pause that was asked for, or sync.rate)"


def fields_of(event: Event) -> dict[str, Any] | None:
    """The event as a line for programs; None of what comes too often to be one."""
    match event:
        case StageStarted():
            return {"event": "stage", "stage": event.stage}
        case ResourceFinished():
            return {"event": "read", "resource": event.resource, "status": str(event.status), "rows": event.rows}
        case RetryScheduled():
            line = {"event": "retry", "resource": event.resource, "attempt": event.attempt}
            return {**line, "wait_s": round(event.wait_s, 3), "reason": event.reason}
        case (
            RunResumed()
            | RunSetAside()
            | PagesKept()
            | PagesNotKept()
            | HistoryNotWritten()
            | LooksPersonal()
            | KeyInConfig()
            | DeletesMadeUp()
        ):
            return {"event": _KINDS[type(event)], **asdict(event)}
        case _:
            return None


def level_of(event: Event) -> str:
    """How much it matters: `info`, `warning`, and `error` of a resource that could not be read."""
    if isinstance(event, ResourceFinished) and event.status in WRONG:
        return "error" if event.status == "failed" else "warning"
    return "warning" if isinstance(event, _WARNINGS) else "info"


def _made_up(event: DeletesMadeUp) -> str:
    begun = f"{event.resource}: run {event.run_id} ended before it had deleted what did not come"
    if event.why:
        return f"{begun}, and that is not made up for: {event.why}"
    return f"{begun}; {'1 row is' if event.rows == 1 else f'{event.rows:,} rows are'} deleted now"


def _personal(event: LooksPersonal) -> str:
    named, more = ", ".join(event.columns[:_MOST_COLUMNS]), len(event.columns) - _MOST_COLUMNS
    return (
        f"stored as they come, and their names look personal: {named}{f' and {more:,} more' if more > 0 else ''}; "
        "`privacy: {profile: standard}` or rules for columns hide some, "
        "`privacy: {profile: full}` says that all may be stored (docs/config.md, Privacy)"
    )


def _told_size(size: int) -> str:
    """Bytes as a person would say them: `640 kB`, `17.4 MB`."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.0f} kB"


def _note(event: ResourceFinished) -> str:
    return event.note.removeprefix(f"resource {event.resource}, ")
