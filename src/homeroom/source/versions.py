"""The newest change version of an API: read once, before the resources that are read up to it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import msgspec

from homeroom import paginate
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import ConfigError, DataError, HomeroomError
from homeroom.fetch import Chain, Engine
from homeroom.fetch.desk import Item, Stream
from homeroom.plan import VersionsPlan
from homeroom.values import ChainEnd, Page

if TYPE_CHECKING:
    from homeroom.journal import Journal

NAME = "sync.change_versions"
"""By which its one request goes in messages and in the journal."""

_POLL_S = 0.05


class Versions:
    """Asks for the newest version when the first resource needs it; every further one of that read is told the same."""

    def __init__(self, plan: VersionsPlan | None, engine: Engine) -> None:
        self._plan = plan
        self._engine = engine
        self._begin()

    def _begin(self) -> None:
        self._told: set[str] = set()
        self._waiting: set[str] = set()
        self._stream: Stream | None = None
        self._page: Page | None = None
        self._newest: int | None = None
        self._error: HomeroomError | None = None

    def awaited(self, resource: str, journal: Journal | None) -> Generator[None, None, int]:
        """The newest version; None is yielded as long as it is not here. Raises what the request has ended in."""
        if resource in self._told:
            self._begin()  # a new read
        self._told.add(resource)
        self._waiting.add(resource)
        try:
            while self._newest is None and self._error is None:
                self._look(journal)
                yield None
        finally:
            self._waiting.discard(resource)
            if self._stream is not None and not self._waiting:
                self._stream.close()
        if self._error is not None:
            raise self._error
        assert self._newest is not None
        return self._newest

    def _look(self, journal: Journal | None) -> None:
        if self._stream is None:
            self._stream = self._engine.open([self._chain()], journal)
        item = self._stream.take(_POLL_S)
        try:
            self._take(item)
        except HomeroomError as error:
            self._error = error
        if item is not None and not isinstance(item, Page):
            self._stream.close()

    def _take(self, item: Item | None) -> None:
        match item:
            case Page():
                self._page = item
            case ChainEnd():
                self._newest = self._read()
            case HomeroomError():
                raise item
            case Exception():
                what = type(item).__name__
                words = f"resource {NAME}, an unexpected {what} ended its read: code of the config; look at client.auth"
                raise DataError(words, resource=NAME, code="own-code-failed")
            case BaseException():
                raise item

    def _chain(self) -> Chain:
        if self._plan is None:
            raise ConfigError([])  # pragma: no cover - the plan is refused without one
        return Chain(
            resource=NAME,
            number=1,
            request=self._plan.request,
            paging=paginate.SinglePage(),
            selector=json_path("$"),
            auth=self._plan.auth,
            guess=lambda _: None,
            taken_as_ended=True,  # a run that is gone on with reads up to where it began to
        )

    def _read(self) -> int:
        assert self._page is not None and self._plan is not None
        found = self._plan.newest.compiled.find(msgspec.json.decode(self._page.body))
        value = found[0].value if found else None
        if type(value) is not int:
            at = self._plan.newest.text
            raise DataError(
                f"resource {NAME}, {self._page.place}: there is no whole number at {at}; "
                "name where the newest version stands as sync.change_versions.newest",
                resource=NAME,
                code="cursor-unusable",
            )
        return value
