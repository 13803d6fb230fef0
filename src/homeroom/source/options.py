"""How a source is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from homeroom.events import Hook
from homeroom.fetch.transport import TransportFactory, aiohttp_transport
from homeroom.privacy import Privacy

if TYPE_CHECKING:
    from homeroom.journal import Journal, KeptRun


@dataclass(frozen=True, slots=True)
class Glance:
    """A look at one resource, with as few requests as may be: whole pages of it, until `rows` rows came.

    Of a child parents are asked for one after the other, from the first page of its parent's rows.
    """

    resource: str
    rows: int


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a source is read.

    `strict`: a failed or incomplete resource raises (plain `pipeline.run`); otherwise it is noted in the
    ledger and the others go on (`homeroom sync`), unless `fail_fast`. `limit`: most rows of each resource, None for
    all; it is no failure to end there. `journal`: where pages are kept, and those of an earlier run are found; None
    for no such place. `keep` gives a journal to each generator for as long as it reads, where it is another one in each
    extraction (plain `pipeline.run`). `allow_deletes`: an incremental read may take away what it did not ask for.
    `kept`: a run whose pages are read instead of the API; None to ask the API. `span`: the time from and until which
    rows are asked for, in place of what the cursors remember; None for those. `begun_at` is when the run began, by
    which windows of time are cut, None for now. `full_refresh`: all there is of each `incremental` is asked for.
    `glance`: one resource is looked at, and nothing is read whole. `privacy`: columns that are not stored as they come.
    """

    strict: bool = True
    fail_fast: bool = False
    limit: int | None = None
    hooks: tuple[Hook, ...] = ()
    transport: TransportFactory = field(default=aiohttp_transport)
    journal: Journal | None = None
    allow_deletes: bool = False
    kept: KeptRun | None = None
    span: tuple[str, str] | None = None
    begun_at: datetime | None = None
    full_refresh: bool = False
    glance: Glance | None = None
    privacy: Privacy = field(default_factory=Privacy)
    keep: Callable[[], AbstractContextManager[Journal | None]] = nullcontext

    @property
    def refuses_incomplete(self) -> bool:
        """Whether a resource that is known to be incomplete ends the read of all."""
        return self.strict or (self.fail_fast and not self.is_cut)

    @property
    def is_cut(self) -> bool:
        """Whether a read ends early on purpose, so that what it did not bring says nothing."""
        return self.limit is not None or self.glance is not None
