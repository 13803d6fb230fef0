"""`homeroom demo`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from click.testing import Result

from homeroom.model import ready_questions

if TYPE_CHECKING:
    from conftest import Homeroom

Tables = dict[str, list[tuple[Any, ...]]]


def tables() -> Tables:
    """Every table of the user's in the demo's database: its rows without dlt's columns, in an order of their own."""
    with duckdb.connect("homeroom_demo.duckdb", read_only=True) as connection:
        sql = """SELECT table_name, list('"' || column_name || '"') FROM duckdb_columns() WHERE schema_name = 'school'
                 AND table_name NOT LIKE '\\_%' ESCAPE '\\' AND column_name NOT LIKE '\\_dlt%' ESCAPE '\\'
                 GROUP BY ALL"""
        run = connection.execute
        names = run(sql).fetchall()
        return {
            table: sorted(connection.execute(f"SELECT {', '.join(columns)} FROM school.{table}").fetchall(), key=repr)
            for table, columns in names
        }


@pytest.fixture(scope="module")
def demo(homeroom: Homeroom, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Tables, Result, Tables]:
    """The demo and its tables, twice."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("demo")
        patch.chdir(folder)
        patch.setenv("HOMEROOM_HOME", str(folder / "home"))
        arguments = ("demo", "--scale", "0.02", "--dial", "fail_503_every=7", "--dial", "throttle_every=none")
        first = homeroom(*arguments)
        after_first = tables()
        return first, after_first, homeroom(*arguments), tables()


def test_the_demo_loads_the_nine_resources(demo: tuple[Result, Tables, Result, Tables]) -> None:
    result, after, _, _ = demo
    assert result.exit_code == 0
    roots = {name: len(rows) for name, rows in after.items() if "__" not in name}
    assert roots == {
        **{"districts": 1, "schools": 1, "terms": 3, "courses": 8, "sections": 25},
        **{"people": 104, "enrollments": 378, "assignments": 50, "submissions": 1260},
    }


def test_the_demo_shows_the_report_and_ten_questions(demo: tuple[Result, Tables, Result, Tables]) -> None:
    result, _, _, _ = demo
    assert "of school: complete. 1,830 rows read" in result.stdout
    assert "The sample school answers at http://127.0.0.1:" in result.stderr
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("question "))
    asked = [line[:37].rstrip() for line in lines[first + 2 : first + 12]]
    assert asked == [question.title[:37] for question in ready_questions()]
    assert lines[first + 2].split()[5:7] == ["25", "Spring"]  # sections in the one term that each is held in


def test_the_demo_fits_a_screen(demo: tuple[Result, Tables, Result, Tables]) -> None:
    result, _, _, _ = demo
    assert len(result.stdout.splitlines()) <= 30


def test_where_nothing_lands_no_question_is_asked(
    homeroom: Homeroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    result = homeroom("demo", "--scale", "0.01", "--dial", "always=403")
    assert result.exit_code == 4
    assert "question" not in result.output and "Traceback" not in result.output


def test_a_second_demo_changes_no_row(demo: tuple[Result, Tables, Result, Tables]) -> None:
    _, before, result, after = demo
    assert result.exit_code == 0
    assert after == before


@pytest.mark.parametrize("signal_name", ["SIGTERM", "SIGINT"])
def test_a_school_that_is_only_served_answers_and_stops(signal_name: str) -> None:
    command = [sys.executable, "-m", "homeroom", "demo", "--serve", "--scale", "0.01", "--port", free_port()]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stdout
        greeting = process.stdout.readline()
        url = greeting.split()[3]
        with urllib.request.urlopen(f"{url}/v1/terms?api_key=demo-key-0000", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.Signals[signal_name])
        _, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    assert "Traceback" not in err


def free_port() -> str:
    """A port that was free a moment ago."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


@pytest.mark.parametrize("dial", ["latency_s=soon", "nonsense=1", "latency_s"])
def test_a_wrong_dial_exits_with_2(homeroom: Homeroom, dial: str) -> None:
    result = homeroom("demo", "--dial", dial)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: --dial: ")
    assert not Path("homeroom_demo.duckdb").exists()


@pytest.mark.parametrize(
    "flags", [("--scale", "0"), ("--scale", "11"), ("--port", "70000"), ("--serve", "--scale", "0")]
)
def test_a_size_or_port_that_cannot_be_exits_with_2(homeroom: Homeroom, flags: tuple[str, ...]) -> None:
    result = homeroom("demo", *flags)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize("flags", [(), ("--serve",)])
def test_a_port_that_is_taken_exits_with_2(homeroom: Homeroom, school: Any, flags: tuple[str, ...]) -> None:
    result = homeroom("demo", "--port", school.url.rpartition(":")[2], *flags)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: --port: cannot be served on")


def test_a_usual_port_that_is_taken_is_no_port_that_was_given(
    homeroom: Homeroom, school: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = int(school.url.rpartition(":")[2])
    monkeypatch.setattr("homeroom.cli.demo.DEFAULT_PORT", taken)
    result = homeroom("demo", "--serve")
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: --port: is not given, and the usual one, {taken}, cannot be served on: Address already in use; "
        "give another one, or --port 0 for any free one [wrong-flag]\n",
    )


def test_port_0_is_any_free_port() -> None:
    command = [sys.executable, "-m", "homeroom", "demo", "--serve", "--scale", "0.01", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline()
        process.send_signal(signal.SIGINT)
    port = int(words.split("http://127.0.0.1:")[1].split()[0])
    assert port not in (0, 8765) and process.returncode == 0
