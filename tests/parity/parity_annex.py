"""All cases of the annex as one config, read three times by both sides."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cases_actions import actions
from cases_incremental import incremental
from cases_paging import paging, register_paginators
from cases_requests import asking, auths, register_auths
from cases_tables import tables
from dlt.sources.rest_api import config_setup
from dlt.sources.rest_api import typing as rest
from parity_case import Case, Config, in_one_chain
from parity_server import Annex
from parity_sides import Side, make_sides
from parity_tables import Tables

RUNS = 3
SETTINGS = {"RUNTIME__REQUEST_MAX_ATTEMPTS": "1", "SOURCES__REST_API__CREDENTIALS__TOKEN": "of-the-environment"}


def areas(url: str) -> dict[str, list[Case]]:
    """All cases, made anew: dlt keeps some of what it is given."""
    return {
        "Paginators, selectors": paging(),
        "Credentials": auths(url),
        "Requests": asking(),
        "Incremental": incremental(),
        "Answers and rows": actions(),
        "Tables": tables(),
    }


def every_case(url: str = "http://annex") -> list[Case]:
    """All cases of all areas."""
    return [each for cases in areas(url).values() for each in cases]


def config_of(url: str, resources: list[Any]) -> Config:
    """A config of these resources."""
    return {
        "client": {
            "base_url": f"{url}/",
            "auth": {"type": "bearer", "token": "of-the-client"},
            "headers": {"X-Client": "campus", "X-Both": "client"},
        },
        "resources": resources,
    }


@contextmanager
def registered() -> Any:
    """`skipping` and `signed` are known inside, and forgotten after."""
    maps, words = (config_setup.PAGINATOR_MAP, config_setup.AUTH_MAP), (rest.PaginatorType, rest.AuthType)
    before = [dict(each) for each in maps], [each.__args__ for each in words]
    register_paginators()
    register_auths()
    try:
        yield
    finally:
        for each, known in zip(maps, before[0], strict=True):
            each.clear()
            each.update(known)
        for word, known in zip(words, before[1], strict=True):
            word.__args__ = known


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side made of one run: its tables, what dlt remembers, how the server was asked."""

    tables: Tables
    state: Mapping[str, Any]
    asked: Mapping[str, Counter[str]]


def read(side: Side, annex: Annex, config: Config) -> Seen:
    """One more run."""
    annex.taken_log()
    tables = side.run(config)
    return Seen(tables, state_of(side), annex.taken_log())


def state_of(side: Side) -> Mapping[str, Any]:
    """What dlt remembers of each resource, in an order of its own."""
    sources = side.pipeline.state.get("sources", {})
    resources = sources.get("rest_api", {}).get("resources", {})
    return {name: _sorted(state) for name, state in resources.items()}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else value


def read_annex(folder: Path) -> list[tuple[Seen, Seen]]:
    """Three runs, each of both sides, with rows added between."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for key, value in SETTINGS.items():
            patch.setenv(key, value)
        annex = stack.enter_context(Annex())
        stack.enter_context(registered())
        sides, found = make_sides(folder), []
        for number in range(RUNS):
            if number:
                annex.grow()
            theirs, ours = (
                read(side, annex, config_of(annex.url, in_one_chain(every_case(annex.url)))) for side in sides
            )
            found.append((theirs, ours))
        return found
