"""`homeroom sync` after a run that came to no end: what it says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Homeroom


@pytest.fixture
def unfinished(homeroom: Homeroom, config: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A config whose first run has read its page and could not load it."""
    file = config("people")
    with monkeypatch.context() as patch:
        patch.setattr("homeroom.dlt_seam.first_load.append_first", lambda *_: 1 / 0)
        assert homeroom("sync", file).exit_code == 1
    return file


def test_pages_that_are_here_are_told_on_stderr(homeroom: Homeroom, unfinished: str) -> None:
    result = homeroom("sync", unfinished)
    _, told, *_ = result.stderr.splitlines()
    assert re.fullmatch(r"1 of 1 pages of an earlier run \(\S+\) are here, the last from \d+ s ago", told)
    assert result.exit_code == 0 and "1 pages" not in homeroom("sync", unfinished).stderr


def test_json_tells_of_them_in_a_line(
    homeroom: Homeroom, unfinished: str, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    lines = json_lines(homeroom("sync", unfinished, "--json").stdout)
    (told,) = (line for line in lines if line["event"] == "resumed")
    assert (told["pages"], told["of"], told["landed"]) == (1, 1, [])
    assert told["run_id"] == lines[-1]["run_id"]


def test_a_run_that_is_begun_anew_says_where_the_old_one_lies(homeroom: Homeroom, unfinished: str) -> None:
    told = homeroom("sync", unfinished, "--no-resume").stderr.splitlines()[0]
    start = "an unfinished run is not gone on with: --no-resume; its pages (1) lie in "
    assert told.startswith(start) and Path(told.removeprefix(start)).exists()
