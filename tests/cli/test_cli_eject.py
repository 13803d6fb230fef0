"""`homeroom eject`: the script is stdout or a file, what is lost is stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Homeroom

Write = Callable[..., str]


def test_the_script_is_data_and_what_is_lost_is_a_message(homeroom: Homeroom, config: Write) -> None:
    result = homeroom("eject", config("people"))
    compile(result.stdout, "script", "exec")
    assert result.stderr.splitlines()[0].startswith("lost: no run is proved")
    assert "lost:" not in result.stdout


def test_a_quiet_eject_is_the_script_alone(homeroom: Homeroom, config: Write) -> None:
    assert homeroom("eject", config("people"), "-q").stderr == ""


def test_a_file_is_written_once_and_replaced_by_force(homeroom: Homeroom, config: Write) -> None:
    config("people")
    first = homeroom("eject", "campus.yaml", "-o", "out.py")
    assert (first.exit_code, first.stdout) == (0, "")
    again = homeroom("eject", "campus.yaml", "-o", "out.py")
    assert again.exit_code == 2
    assert "--output: it is there already; got out.py; --force replaces it" in again.stderr
    Path("out.py").write_text("")
    assert homeroom("eject", "campus.yaml", "-o", "out.py", "--force").exit_code == 0
    assert "rest_api_source(CONFIG)" in Path("out.py").read_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dlt.py", "beside a script of this name `import dlt` would find it"),
        ("json.py", "beside a script of this name `import json` would find it"),
        ("nowhere/out.py", "there is no such folder; got nowhere"),
        (".", "this is a folder"),
    ],
)
def test_a_file_that_cannot_be_is_refused(homeroom: Homeroom, config: Write, name: str, words: str) -> None:
    result = homeroom("eject", config("people"), "-o", name)
    assert result.exit_code == 2
    assert words in result.stderr
