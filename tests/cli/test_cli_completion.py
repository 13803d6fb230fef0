"""What a shell is told while somebody types, asked as bash, zsh and fish ask it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.completion import completion_init  # type: ignore[attr-defined]
from typer.testing import CliRunner

from homeroom.cli.app import app
from homeroom.cli.completing import resources
from homeroom.history import record_run

if TYPE_CHECKING:
    from conftest import Homeroom

CONFIG = "source:\n  client: {base_url: https://a.example}\n  resources: [courses, {name: people}, {name: sections}]\n"


@pytest.fixture
def words() -> Callable[[str], list[str]]:
    """The words that bash gets for a line that ends where the cursor is; asked in this process."""
    completion_init()

    def ask(line: str) -> list[str]:
        try:
            number = len(shlex.split(line)) - (not line.endswith(" "))
        except ValueError:
            number = len(line.split())
        environ = {"COMP_WORDS": line, "COMP_CWORD": str(number), "_HOMEROOM_COMPLETE": "complete_bash"}
        result = CliRunner().invoke(app, [], prog_name="homeroom", env=environ)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout.split()

    return ask


def asking(environ: dict[str, str]) -> str:
    command = [sys.executable, "-m", "homeroom"]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | environ, timeout=20, check=False)
    assert result.stderr == ""
    return result.stdout


def test_verbs_are_completed(words: Callable[[str], list[str]]) -> None:
    assert words("homeroom s") == ["sync", "show", "schema", "state"]
    assert words("homeroom export ") == ["oneroster"]


def test_flags_are_completed(words: Callable[[str], list[str]]) -> None:
    assert words("homeroom sync x.yaml --se") == ["--select"]


def test_platforms_are_completed(words: Callable[[str], list[str]]) -> None:
    assert words("homeroom init c") == ["canvas", "classlink", "clever"]
    assert words("homeroom catalog show edfi_") == ["edfi_7_3"]


def test_configs_are_completed_and_other_files_are_not(words: Callable[[str], list[str]]) -> None:
    Path("sub").mkdir()
    for name in ("b.yaml", "a.json", "c.toml", "notes.txt", ".hidden.yaml", "two words.yaml", "sub/d.yml"):
        Path(name).write_text("")
    assert words("homeroom validate ") == ["a.json", "b.yaml", "c.toml"]
    assert words("homeroom state show sub/") == ["sub/d.yml"]
    assert words("homeroom export oneroster out --from b") == ["b.yaml"]


def test_where_nothing_is_known_the_shell_completes_files_itself(words: Callable[[str], list[str]]) -> None:
    Path("out.yaml").write_text("")
    assert words("homeroom eject x.yaml -o ou") == []
    assert words("homeroom sync x.yaml --summary-file ou") == []


@pytest.mark.parametrize("flag", ["--select", "--exclude"])
def test_resources_of_the_config_on_the_line_are_completed(words: Callable[[str], list[str]], flag: str) -> None:
    Path("campus.yaml").write_text(CONFIG)
    assert words(f"homeroom sync campus.yaml {flag} ") == ["courses", "people", "sections"]
    assert words(f"homeroom sync {flag} people campus.yaml {flag} ") == ["courses", "sections"]
    assert words(f"homeroom state reset campus.yaml {flag} se") == ["sections"]


def test_resources_are_read_from_bare_configs_toml_and_json_too(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.toml").write_text('[[resources]]\nname = "courses"\n[client]\nbase_url = "https://a.example"\n')
    Path("b.json").write_text('{"client": {}, "resources": ["people"]}')
    found = []
    for name in ("a.toml", "b.json"):
        monkeypatch.setenv("COMP_WORDS", f"homeroom sync {name} --select ")
        found += resources(None, "")  # type: ignore[arg-type]  # it looks at the line alone
    assert found == ["courses", "people"]


def test_runs_are_completed_with_the_last_one_by_name(words: Callable[[str], list[str]]) -> None:
    home = Path(os.environ["HOMEROOM_HOME"])
    for number in (1, 2):
        record_run(home, f"2026010{number}T000000-abc", "campus", f"2026-01-0{number}", "{}")
    assert words("homeroom show ") == ["last", "20260102T000000-abc", "20260101T000000-abc"]
    assert words("homeroom replay 20260101") == ["20260101T000000-abc"]
    assert words("homeroom runs --name ") == ["campus"]


def test_no_history_is_made_by_asking_for_it(words: Callable[[str], list[str]]) -> None:
    assert words("homeroom show ") == ["last"]
    assert not Path(os.environ["HOMEROOM_HOME"]).exists()


@pytest.mark.parametrize(
    "line",
    [
        "homeroom sync mine:CONFIG --select ",
        "homeroom sync broken.yaml --select ",
        "homeroom sync list.yaml --select ",
        "homeroom sync nowhere.yaml --select ",
        "homeroom sync 'open --select ",
        "homeroom validate nowhere/",
        "homeroom sync broken.yaml --limit x --select p",
    ],
)
def test_nothing_is_said_where_nothing_fits(words: Callable[[str], list[str]], line: str) -> None:
    Path("mine.py").write_text("raise SystemExit('run')")
    Path("broken.yaml").write_text("a: [")
    Path("list.yaml").write_text("[1]")
    assert words(line) == []
    assert "mine" not in sys.modules


def test_words_that_a_shell_would_read_otherwise_are_not_offered(words: Callable[[str], list[str]]) -> None:
    Path("campus.yaml").write_text('resources: ["$(touch pwned)", "a b", "x;y", plain, "`id`"]')
    assert words("homeroom sync campus.yaml --select ") == ["plain"]


def test_the_version_is_no_word(words: Callable[[str], list[str]]) -> None:
    assert "homeroom" not in words("homeroom --version ")


def test_zsh_is_told_what_verbs_do() -> None:
    told = asking({"_TYPER_COMPLETE_ARGS": "homeroom ej", "_HOMEROOM_COMPLETE": "complete_zsh"})
    assert told.startswith('_arguments \'*: :(("eject":"Print a Python script')


def test_fish_is_told_one_word_a_line_and_the_config_of_a_run() -> None:
    record_run(Path(os.environ["HOMEROOM_HOME"]), "20260101T000000-abc", "campus", "2026-01-01", "{}")
    environ = {"_HOMEROOM_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    told = asking({"_TYPER_COMPLETE_ARGS": "homeroom show "} | environ)
    assert told.splitlines() == ["last", "20260101T000000-abc\tcampus"]


def test_dlt_is_not_imported_for_an_answer() -> None:
    Path("campus.yaml").write_text(CONFIG)
    environ = {"COMP_WORDS": "homeroom sync campus.yaml --select ", "COMP_CWORD": "4"}
    command = [sys.executable, "-X", "importtime", "-m", "homeroom"]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | environ | {"_HOMEROOM_COMPLETE": "complete_bash"},
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "yaml" in imported
    assert not imported & {"dlt", "duckdb", "pyarrow", "aiohttp", "homeroom.config"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(homeroom: Homeroom, shell: str) -> None:
    result = homeroom("completion", shell)
    assert result.exit_code == 0
    assert f"_HOMEROOM_COMPLETE=complete_{shell}" in result.stdout


def test_another_shell_is_refused_with_those_that_are_known(homeroom: Homeroom) -> None:
    result = homeroom("completion", "tcsh")
    assert result.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in result.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_by_the_script_that_it_is_given() -> None:
    Path("campus.yaml").write_text(CONFIG)
    program = Path("homeroom")
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m homeroom "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    typed = """
        eval "$(homeroom completion bash)"
        complete -p homeroom
        COMP_WORDS=(homeroom sync campus.yaml --select p); COMP_CWORD=4
        _homeroom_completion homeroom
        echo "${COMPREPLY[@]}"
    """
    path = f"{Path.cwd()}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "--norc", "-c", typed],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path},
        timeout=30,
        check=True,
    )
    assert result.stdout.splitlines() == ["complete -o default -F _homeroom_completion homeroom", "people"]
