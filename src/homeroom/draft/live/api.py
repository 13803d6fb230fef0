"""Asking an API for one thing at a time, and what an answer looks like once it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from requests.auth import AuthBase

from homeroom.dlt_seam.rest_api import join_url
from homeroom.draft.live.envelope import Found, Row, find_at, find_rows
from homeroom.draft.values import Guess
from homeroom.errors import DataError
from homeroom.facts import refuse_error_object
from homeroom.fetch.prober import Prober
from homeroom.values import Answer, Request

Given = Mapping[str, Any]
NOTHING: Given = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer. `body` is None where it is no JSON; `rows` are those at the place that the list was found at."""

    answer: Answer
    body: Any
    rows: tuple[Row, ...] = ()
    found: Guess[Found] | None = None
    error: str = ""
    """What it says where it is an error for all its good status."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status

    @property
    def is_list(self) -> bool:
        """Whether it answered well, and in a form that can hold rows."""
        return self.status == 200 and self.found is not None

    def header(self, name: str) -> str | None:
        """A header's value; None where it is absent."""
        return self.answer.header(name)


class Api:
    """One API under one base URL, with the key once it is known. Answers are kept for notes on all of them."""

    def __init__(self, base_url: str, prober: Prober) -> None:
        self.base_url = base_url
        self.auth: AuthBase | None = None
        self.seen: list[Answer] = []
        self._prober = prober
        self._asked: dict[str, Seen] = {}

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self._prober.requests

    def ask(self, endpoint: Endpoint, given: Given = NOTHING) -> Seen:
        """The answer of an endpoint, asked with these parameters."""
        url = join_url(self.base_url, endpoint.path)
        return self._read(replace(endpoint.request(url, given), shown=self._shown(endpoint)), endpoint.name)

    def follow(self, endpoint: Endpoint, url: str) -> Seen:
        """The answer at a link that the endpoint gave."""
        return self._read(Request(endpoint.method, url, shown=self._shown(endpoint)), endpoint.name)

    def _shown(self, endpoint: Endpoint) -> str | None:
        return join_url(self.base_url, endpoint.shown) if endpoint.shown else None

    def _read(self, request: Request, name: str) -> Seen:
        """The answer to a request; nothing is asked twice with the same key."""
        question = f"{id(self.auth)} {name} {request!r}"
        if question not in self._asked:
            self._asked[question] = self._answered(request, name)
        return self._asked[question]

    def _answered(self, request: Request, name: str) -> Seen:
        answer = self._prober.ask(request, self.auth, name)
        self.seen.append(answer)
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            return Seen(answer, None)
        if answer.status != 200:
            return Seen(answer, body)
        try:
            refuse_error_object(body)
        except DataError as error:
            return Seen(answer, body, error=str(error))
        found = find_rows(body, name)
        return Seen(answer, body, found.value.rows if found else (), found)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A list of the API: asked with query parameters, or, by POST, with fields of a JSON body."""

    name: str
    path: str
    method: str = "GET"
    always: Given = field(default_factory=lambda: NOTHING)
    """Sent each time: the page size, once it is known."""
    shown: str = ""
    """The path as errors may tell it, where it holds an id; empty where it does not."""

    @property
    def in_body(self) -> bool:
        """Whether what is asked for stands in the body."""
        return self.method == "POST"

    def with_params(self, given: Given) -> Endpoint:
        """The same, asked with these each time."""
        return replace(self, always={**self.always, **given})

    def request(self, url: str, given: Given) -> Request:
        """The request that asks with these parameters."""
        asked = {**self.always, **given}
        if self.in_body:
            return Request(self.method, url, json=asked)
        return Request(self.method, url, params=asked)


def placed(seen: Seen, path: str) -> Seen:
    """An answer read by the place where the rows of another answer of the same list stand."""
    found = find_at(seen.body, path)
    return replace(seen, rows=found.rows if found else ())
