"""The journal of a plain `pipeline.run`: opened with the first generator of an extraction, closed with its last.

There is no act of ours after dlt's load. So a journal stays until the next extraction asks what became of the load
that it names: where that is done, the journal goes; where it is not, its pages are not asked for again.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeroom import history, resume
from homeroom._version import __version__
from homeroom.config import fingerprint, source_secrets
from homeroom.dlt_seam import current_run as seam
from homeroom.errors import HomeroomError, StoppedError
from homeroom.events import Event, RunResumed, RunSetAside
from homeroom.lock import only_run
from homeroom.privacy.seal import Seal

if TYPE_CHECKING:
    from homeroom.journal import Head, Journal

_LOG = logging.getLogger("homeroom")


class Keeper:
    """Keeps the pages of one source.

    A journal is for a pipeline, its destination and dataset, the source's name and the `base_url`; sources of one run
    that have all of them in common have it in common too. `config` is dlt's RESTAPIConfig, `sync` our section as it
    was given; `within_s` is how old the last page of an unfinished run may be; `seal` is what pages are sealed with.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        sync: Mapping[str, Any],
        within_s: float,
        seal: Seal | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._base_url = str(config["client"].get("base_url"))
        self._mark = fingerprint(config, sync)
        self._secrets = source_secrets(config)
        self._within_s = within_s
        self._seal = seal
        self._now = now
        self._guard = threading.RLock()  # the garbage collector may end a generator inside of it
        self._journal: Journal | None = None
        self._holders = 0
        self._closing = ExitStack()

    @contextmanager
    def held(self) -> Iterator[Journal | None]:
        """The journal of the extraction that is under way; None outside of one, where nothing is kept.

        Pages of a resource whose error another run would only meet again are dropped. Raises `StoppedError` where
        the journal cannot be written, `LoadError` where another process holds it.
        """
        journal = self._take()
        if journal is None:
            yield None
            return
        try:
            yield journal
        except HomeroomError as error:
            if error.resource is not None and type(error).__name__ not in resume.RESUMABLE:
                with suppress(StoppedError):  # a full disk: the error that is on its way says more
                    journal.forget(error.resource)
            raise
        finally:
            self._give_back()

    def _take(self) -> Journal | None:
        here = seam.current_extraction()
        # Every run of a pipeline in dev mode has a dataset of its own: there is nothing to go on with.
        if here is None or here.pipeline.dev_mode:
            return None
        with self._guard:
            if self._journal is None:
                self._journal = self._opened(here)
            self._holders += 1
            return self._journal

    def _give_back(self) -> None:
        with self._guard:
            self._holders -= 1
            if not self._holders:
                # dlt forks to normalise: neither file nor thread may be open by then.
                self._journal = None
                self._closing.close()

    def _opened(self, here: seam.Extraction) -> Journal:
        from homeroom.journal import Head

        home, key = history.home_folder(), self._key(here)
        with ExitStack() as stack:
            stack.enter_context(_alone(here, home, key))
            started = self._now()
            fits = {"version": __version__, "config": self._mark, "resources": ",".join(sorted(here.selected))}
            run = Head(f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", started, fits, here.load_id)
            journal = resume.open_journal(
                home,
                key,
                run,
                self._secrets,
                within_s=self._within_s,
                anew=False,
                now=self._now,
                hooks=[_tell],
                is_done=lambda head: _is_done(head, here),
                seal=self._seal,
            )
            stack.callback(journal.leave)
            self._go_on(journal, run, here)
            self._closing = stack.pop_all()
        return journal

    def _go_on(self, journal: Journal, run: Head, here: seam.Extraction) -> None:
        """Name the load and the run, each to the other, before a page is handed on."""
        assert journal.head is not None
        if journal.head.load_id != here.load_id:
            names = {*here.selected, *journal.tally.totals}
            resume.tell_resumed(journal, names, self._now(), [_tell])
            journal.seal(here.load_id)
        seam.note_run(journal.head.run_id)

    def _key(self, here: seam.Extraction) -> str:
        name = re.sub(r"[^\w.-]", "_", f"{here.pipeline.pipeline_name}-{here.source}")
        parts = (here.pipeline.pipeline_name, here.source, here.target, self._base_url)
        return f"{name}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def _alone(here: seam.Extraction, home: Path, key: str) -> AbstractContextManager[None]:
    """The lock of a journal."""
    whose = f"the journal of pipeline {here.pipeline.pipeline_name}, source {here.source}"
    return only_run(home, key, whose, "give the pipeline or the source another name")


def _is_done(head: Head, here: seam.Extraction) -> bool:
    """Whether the rows of an earlier run are loaded, or wait to be.

    The state alone is not evidence enough: a kill may leave it older than the load, or take it away.
    """
    if head.load_id is None or head.load_id == here.load_id:
        return False
    return seam.noted_run() == head.run_id or seam.is_taken_over(here.pipeline, head.load_id)


def _tell(event: Event) -> None:
    # A warning, because dlt's own "pending packages" is one: without any set-up it is seen.
    if isinstance(event, RunResumed | RunSetAside):
        _LOG.warning("%s", resume.told(event))
