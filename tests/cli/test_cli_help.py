"""What the command line says of itself, and what it refuses before it does anything."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import typer

from homeroom import __version__
from homeroom.cli.app import app

if TYPE_CHECKING:
    from conftest import Homeroom

VERBS = (
    "validate",
    "check",
    "plan",
    "preview",
    "sync",
    "runs",
    "show",
    "replay",
    "init",
    "draft",
    "schema",
    "demo",
    "eject",
    "completion",
    "state",
    "privacy",
    "catalog",
    "export",
)


def test_help_lists_the_verbs(homeroom: Homeroom) -> None:
    result = homeroom("--help")
    commands, _, example = result.stdout.partition("Commands:\n")[2].partition("\n\n")
    assert example.strip() == "Example: homeroom demo"
    assert [line.split()[0] for line in commands.splitlines() if line[2:3].strip()] == list(VERBS)
    assert result.exit_code == 0


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_ends_in_an_example(homeroom: Homeroom, verb: str) -> None:
    result = homeroom(verb, "--help")
    assert result.stdout.splitlines()[-1].strip().startswith(f"Example: homeroom {verb} ")
    assert result.exit_code == 0


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of a group with the words that lead to it, groups and hidden ones too."""
    for name, each in getattr(command, "commands", {}).items():
        yield (*path, name), each
        yield from _commands(each, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_is_of_its_verb_and_has_flags_that_exist(path: tuple[str, ...]) -> None:
    example = (COMMANDS[path].epilog or "").removeprefix("Example: ")
    words = shlex.split(example.partition(" > ")[0])
    verb = ("sync",) if path == ("run",) else path
    assert words[: len(verb) + 1] == ["homeroom", *verb]
    leads_to = max((known for known in COMMANDS if words[1 : len(known) + 1] == list(known)), key=len)
    context = COMMANDS[leads_to].make_context(leads_to[-1], words[len(leads_to) + 1 :], resilient_parsing=False)
    assert context.params is not None


def test_python_m_homeroom_is_homeroom(process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    wrong = process("nonsense")
    assert wrong.returncode == 2
    assert wrong.stderr.splitlines()[0] == "Usage: homeroom [OPTIONS] COMMAND [ARGS]..."
    assert "No such command 'nonsense'" in wrong.stderr
    right = process("sync", "--help")
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.replace("{CONFIG}", "CONFIG").startswith("Usage: homeroom sync [OPTIONS] CONFIG")


def test_a_wrong_verb_is_told_with_the_nearest(homeroom: Homeroom) -> None:
    assert "Did you mean 'validate'?" in homeroom("valdate").stderr


def test_h_is_help(homeroom: Homeroom) -> None:
    assert homeroom("-h").stdout == homeroom("--help").stdout


def test_version_is_printed(homeroom: Homeroom) -> None:
    assert homeroom("--version").stdout == f"homeroom {__version__}\n"


def test_no_verb_shows_the_help(homeroom: Homeroom) -> None:
    result = homeroom()
    assert "Commands:" in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("sync",),
        ("sync", "x.yaml", "--nonsense"),
        ("sync", "x.yaml", "--limit", "0"),
        ("sync", "x.yaml", "--concurrency", "many"),
        ("validate",),
        ("show",),
        ("replay",),
        ("runs", "-n", "0"),
    ],
)
def test_a_wrong_command_line_exits_with_2_and_says_nothing_on_stdout(
    homeroom: Homeroom, arguments: tuple[str, ...]
) -> None:
    result = homeroom(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr


def test_the_command_line_does_not_import_dlt_before_it_needs_it() -> None:
    code = (
        "import sys, homeroom.cli.app, homeroom; print([m for m in ('dlt', 'duckdb', 'pyarrow') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_help_in_a_process_does_not_import_dlt() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "homeroom", "sync", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "| dlt\n" not in result.stderr
