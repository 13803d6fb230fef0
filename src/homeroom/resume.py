"""The journal of a whole job: which one is gone on with, which is set aside, what is left of it after a load."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from homeroom.errors import StoppedError
from homeroom.events import Hook, RunResumed, RunSetAside, emit
from homeroom.folders import private_folder
from homeroom.journal import Head, Journal
from homeroom.privacy.seal import Seal
from homeroom.secrets import SHORTEST, written_forms

_CHANGED: Mapping[str, str] = {
    "version": "another version of homeroom began it",
    "config": "the config has changed since",
    "resources": "other resources are chosen now",
}

RESUMABLE = ("StoppedError", "TransientError")
"""Errors of a resource that may be gone by the next run, so that its pages are worth keeping."""


def open_journal(
    home: Path,
    key: str,
    run: Head,
    secrets: Iterable[str],
    *,
    within_s: float,
    anew: bool,
    now: Callable[[], datetime],
    hooks: Sequence[Hook],
    is_done: Callable[[Head], bool] = lambda head: False,
    seal: Seal | None = None,
) -> Journal:
    """The journal of a name and target (`key`), with the head of the run that it belongs to: an earlier one or `run`.

    An earlier run is gone on with where its `fits` are those of `run`, its secrets are ours and its last page is
    younger than `within_s` seconds; else, or with `anew`, it is set aside, and the hooks are told. A run that `is_done`
    is removed without a word; one that fills the same load as `run` is gone on with whatever it fits, but for its
    secrets. `seal` is what its pages are sealed with. Raises `StoppedError` where the journal cannot be written.
    """
    path = journal_path(home, key)
    private_folder(private_folder(home) / "journals")
    veiled = veiled_forms(secrets)
    try:
        journal = Journal(path, veiled, seal)
    except ValueError as error:
        set_aside(path, f"the file {error}", 0, hooks)
        journal = Journal(path, veiled, seal)
    if _is_over(journal, is_done):
        journal.remove()  # deleted pages would stay in the file as bytes
        journal = Journal(path, veiled, seal)
    tally = journal.tally
    if journal.head is not None and tally.pages and tally.newest is not None:
        why = "--no-resume" if anew else _unfit(journal.head, run, (now() - tally.newest).total_seconds(), within_s)
        if not journal.is_of_our_secrets:
            why = (
                "a key or password of the config is another one now, which may be another school's, or the privacy key"
            )
        if not why:
            return journal
        journal.close()
        set_aside(path, why, tally.pages, hooks)
        journal = Journal(path, veiled, seal)
    journal.begin(run)
    return journal


def veiled_forms(secrets: Iterable[str]) -> list[list[str]]:
    """What a journal takes out of all that it writes: each secret in all the forms in which it may be written."""
    return [sorted(written_forms(secret)) for secret in sorted(secrets) if len(secret) >= SHORTEST]


def _is_over(journal: Journal, is_done: Callable[[Head], bool]) -> bool:
    try:
        return journal.head is not None and is_done(journal.head)
    except BaseException:
        journal.close()
        raise


def _unfit(head: Head, run: Head, age_s: float, within_s: float) -> str:
    """Why a run may not be gone on with; empty where it may."""
    if run.load_id is not None and head.load_id == run.load_id:
        return ""
    changed = [why for mark, why in _CHANGED.items() if head.fits.get(mark) != run.fits.get(mark)]
    if changed:
        return changed[0]
    if age_s > within_s:
        return f"its last page came {told_age(age_s)} ago (sync.resume_within: {told_age(within_s)})"
    return ""


def journal_path(home: Path, key: str) -> Path:
    """Where the journal of a name and target lies, if there is one."""
    return home / "journals" / f"{key}.sqlite"


def set_aside(path: Path, why: str, pages: int, hooks: Sequence[Hook]) -> Path:
    """Rename a journal that nobody has open; the one that was set aside before is gone. Its new path.

    Raises `StoppedError` where it cannot be renamed.
    """
    aside = path.with_suffix(".aside.sqlite")
    try:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{aside}{suffix}").unlink(missing_ok=True)
            if (part := Path(f"{path}{suffix}")).exists():
                part.replace(f"{aside}{suffix}")
    except OSError as error:
        raise StoppedError(
            f"the journal {path} cannot be set aside ({error.strerror}): remove it", code="cannot-write"
        ) from None
    emit(hooks, RunSetAside(why, pages, str(aside)))
    return aside


def told(event: RunResumed | RunSetAside) -> str:
    """What was found of an earlier run, in a sentence."""
    if isinstance(event, RunSetAside):
        return f"an unfinished run is not gone on with: {event.why}; its pages ({event.pages:,}) lie in {event.path}"
    pages = f"{event.pages:,} pages" if event.of is None else f"{event.pages:,} of {event.of:,} pages"
    run = f" ({event.run_id})" if event.run_id else ""
    landed = f"; loaded already: {', '.join(event.landed)}" if event.landed else ""
    return f"{pages} of an earlier run{run} are here, the last from {told_age(event.last_page_s)} ago{landed}"


def tell_resumed(journal: Journal, selected: Collection[str], now: datetime, hooks: Sequence[Hook]) -> None:
    """Tell the hooks how much of the run is here already; nothing where that is nothing."""
    head, tally = journal.head, journal.tally
    if head is None or tally.newest is None:
        return
    totals = [tally.totals.get(name) for name in selected]
    known = [total for total in totals if total is not None]
    of = sum(known) if len(known) == len(totals) else None
    age_s = (now - tally.newest).total_seconds()
    emit(hooks, RunResumed(head.run_id, tally.with_rows, of, age_s, tuple(sorted(head.landed))))


def let_go(
    journal: Journal,
    errors: Mapping[str, str],
    landed: Collection[str],
    refused: Collection[str],
    parents: Mapping[str, str | None],
) -> None:
    """The load that holds a run's pages is committed: remove the journal, but for what the next run can go on with.

    `errors` are the names of the error classes that ended resources. Where the run was stopped, the next one only
    reads what has not landed; where resources failed for themselves, it reads the others as ever.
    """
    if not any(error in RESUMABLE for error in errors.values()):
        journal.remove()
        return
    stopped = "StoppedError" in errors.values()
    before = journal.head.landed if journal.head else frozenset()
    try:
        journal.hand_on({*before, *landed} if stopped else (), _with_parents(refused, parents))
    except StoppedError:
        journal.remove()  # on a full disk: no row may be loaded twice


def _with_parents(names: Collection[str], parents: Mapping[str, str | None]) -> set[str]:
    """The resources, and those that their requests are made from."""
    found: set[str] = set()
    for name in names:
        current: str | None = name
        while current is not None:
            found.add(current)
            current = parents.get(current)
    return found


def told_age(seconds: float) -> str:
    """A time that has passed, as a person would say it: `40 s`, `14 min`, `5.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"
