"""What bad input meets: the command line in this process, the sample school, and a server with canned answers."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from error_cases import CASES, Case
from error_runs import KEY, MARKER, Answers, Outcome, Places, run_case

from homeroom.demo import School


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's secrets, proxies or terminal."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("API_KEY", KEY)
        patch.setenv("COLUMNS", "200")
        for name in ("NO_COLOR", "FORCE_COLOR", "HOMEROOM_HOME", "HOMEROOM_PRIVACY_KEY", "CAMPUS_TOKEN"):
            patch.delenv(name, raising=False)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """A school whose every person is marked, the canned answers, and a port at which nobody listens."""
    with ExitStack() as stack:
        school = stack.enter_context(School(scale=0.01, api_key=KEY))
        for row in school.rows("people"):
            school.put("people", row | {"name": f"{row['name']} {MARKER}"})
        school.put("people", school.rows("people")[40] | {"email": None})
        answers = stack.enter_context(Answers())
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))  # bound, so that nobody takes it; not listening, so that it refuses
        yield Places(school.url, answers, f"http://127.0.0.1:{closed.getsockname()[1]}")


@pytest.fixture(scope="session")
def outcomes(places: Places, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What became of every case, by its name; each has run once, in a folder of its own."""
    found: dict[str, Outcome] = {}
    for case in CASES:
        with pytest.MonkeyPatch.context() as patch:
            folder = tmp_path_factory.mktemp("case")
            patch.chdir(folder)
            patch.setenv("HOMEROOM_HOME", str(folder / "home"))
            found[case.name] = run_case(case, places, folder)
    return found


@pytest.fixture(params=CASES, ids=lambda case: case.name.replace(" ", "-"))
def case(request: pytest.FixtureRequest) -> Case:
    """Each case in turn."""
    return request.param


@pytest.fixture
def outcome(case: Case, outcomes: dict[str, Outcome]) -> Outcome:
    """What became of the case in turn."""
    return outcomes[case.name]
