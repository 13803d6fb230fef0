"""Drives a paginator class of the user's as dlt's RESTClient does, on requests' objects."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from traceback import walk_tb
from types import MappingProxyType
from typing import Any

import requests

from homeroom.dlt_seam.rest_api import make_response
from homeroom.errors import DataError
from homeroom.facts import read_rows
from homeroom.values import Answer, JsonPath, PageFacts, Request


class OwnPaging:
    """One chain's paginator: a copy of the config's, because it remembers its place.

    Shared between chains it would silently skip pages (dlt issues 3685 and 3772).
    """

    def __init__(self, paginator: Any) -> None:
        self.name = type(paginator).__name__
        try:
            self._paginator = deepcopy(paginator)
        except Exception as error:
            cause = type(error).__name__
            told = f"the paginator {self.name} cannot be copied ({cause}), but each read needs its own"
            raise DataError(f"{told}: give it a __deepcopy__", code="own-code-failed") from None

    def first(self, request: Request) -> Request:
        """The request of the first page, as `init_request` leaves it."""
        own = _to_requests(request)
        self._call("init_request", own)
        return _from_requests(own, request.shown)

    def after(self, request: Request, answer: Answer, facts: PageFacts, selector: JsonPath) -> Request | None:
        """The next request by `update_state` and `update_request`; None where the paginator has no next page."""
        own = _to_requests(request)
        rows = read_rows(answer.body, facts, selector)
        self._call("update_state", make_response(answer, answer.request), rows)
        self._call("update_request", own)
        return _from_requests(own, request.shown) if self._paginator.has_next_page else None

    def _call(self, method: str, *arguments: Any) -> None:
        try:
            getattr(self._paginator, method)(*arguments)
        except Exception as error:
            # Its words may quote the page: dlt's own paginators do. So they are not kept as a cause either.
            *_, (frame, line) = walk_tb(error.__traceback__)
            where = f"{Path(frame.f_code.co_filename).name}:{line}"
            told = f"the paginator {self.name} raised {type(error).__name__} in {method} ({where}); look there"
            raise DataError(told, code="own-code-failed") from None


def _to_requests(request: Request) -> requests.Request:
    return requests.Request(
        request.method,
        request.url,
        headers=dict(request.headers),
        params=None if request.params is None else dict(request.params),
        json=deepcopy(request.json),
        data=deepcopy(request.data),
    )


def _from_requests(own: requests.Request, shown: str | None) -> Request:
    return Request(
        method=str(own.method),
        url=str(own.url),
        params=MappingProxyType(dict(own.params)) if own.params else None,
        headers=MappingProxyType(dict(own.headers or {})),
        json=own.json,
        data=own.data or None,
        shown=shown,
    )
