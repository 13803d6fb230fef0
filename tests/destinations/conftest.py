"""A PostgreSQL server for all tests of this folder, and a campus that is synced into a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest

from homeroom.demo import Dials, School
from homeroom.demo.dials import parse_dials

from ..columnar.destination_postgres import Server, missing_program, postgres_server
from ..sync.conftest import KEY, SCALE, alone, elsewhere, fresh
from ..sync.list_server import Lists
from .pg_campus import PgCampus

__all__ = ["alone", "elsewhere", "fresh"]

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all; where there is none the test is skipped, and says why."""
    if (missing := missing_program()) is not None:
        pytest.skip(f"no PostgreSQL here: {missing} is not installed (Debian: apt-get install postgresql)")
    with postgres_server() as made:
        yield made


@pytest.fixture(scope="module")
def open_campus(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., PgCampus]]:
    """Opens a campus with a database of its own; its school closes after the module."""
    with ExitStack() as stack:

        def opened(dials: str = "", **more: Any) -> PgCampus:
            school = School(scale=SCALE, dials=parse_dials(dials, Dials()), api_key=KEY, **more)
            url = server.database(f"campus_{next(_NUMBERS)}")
            return PgCampus(tmp_path_factory.mktemp("campus"), stack.enter_context(school), url)

        yield opened


@pytest.fixture
def campus(open_campus: Callable[..., PgCampus]) -> PgCampus:
    """A campus of the test's own."""
    return open_campus()


@pytest.fixture
def lists() -> Iterator[Lists]:
    """A server of plain lists."""
    with Lists() as opened:
        yield opened
