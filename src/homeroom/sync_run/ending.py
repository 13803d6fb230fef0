"""The end of a run that came to no report: what has landed, what is kept, and what the error says of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from homeroom import resume
from homeroom.errors import ContractError, DataError, HomeroomError, IncompleteError, InterruptError, LoadError
from homeroom.events import Hook
from homeroom.interrupts import signal_of
from homeroom.secrets import mask_text
from homeroom.sync_run.masking import masked_line

if TYPE_CHECKING:
    from homeroom.journal import Journal


@contextmanager
def ending_told(
    journal: Journal | None,
    has_landed: Callable[[], bool],
    hooks: Sequence[Hook],
    *,
    resumes: bool,
    secrets: Collection[str] = (),
) -> Iterator[None]:
    """Say of an error that ends the run what landed, and how many pages the next one goes on with.

    An interrupt becomes `InterruptError`. `resumes` is whether the same command, given again, goes on with this run.
    `secrets` are the config's, which may stand where nobody knows one by its name, as in a path.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        error = InterruptError("interrupted", number=signal_of(interrupt), at_once=True)
        raise _told(error, journal, has_landed(), hooks, resumes=resumes) from None
    except HomeroomError as error:
        _told(error, journal, has_landed(), hooks, resumes=resumes)
        error.args = (mask_text(str(error), secrets),)
        error.by_hand = masked_line(error.by_hand, secrets)
        raise


def _told(
    error: HomeroomError, journal: Journal | None, landed: bool, hooks: Sequence[Hook], *, resumes: bool
) -> HomeroomError:
    error.landed = error.landed or landed
    if journal is None or not journal.is_open or landed:
        return error
    if isinstance(error, LoadError) and error.in_rows:
        _judge_refused(error, journal, hooks)
        return error
    with suppress(HomeroomError, ValueError):  # a torn file, or a disk that is gone: the first error is the one to tell
        if isinstance(error, DataError | IncompleteError) and error.resource is not None:
            journal.forget_resource(error.resource)  # as they are, they would fail again
        if not isinstance(error, ContractError):  # to allow what came is to change the config, which begins anew
            error.kept = journal.tally.with_rows
    if error.kept:
        pages = "1 page is" if error.kept == 1 else f"{error.kept:,} pages are"
        again = "run the same command again to finish" if resumes else "run again without --no-resume to finish"
        error.args = (f"{error}; {pages} kept: {again}",)
    return error


def _judge_refused(error: LoadError, journal: Journal, hooks: Sequence[Hook]) -> None:
    """Keep the pages for a next try; set them aside after that, or they would be refused for ever."""
    with suppress(HomeroomError, ValueError):
        if journal.head is None or not journal.head.refused:
            journal.note_refused()
            return
        pages = journal.tally.pages
        journal.close()
        aside = resume.set_aside(journal.path, "the destination has refused its rows twice", pages, hooks)
        told = f"they were refused before, so their pages lie in {aside} now, and the next run reads afresh"
        error.args = (f"{error}; {told}",)
