"""examples/schedules: the wrapper for cron does what it says, and systemd and XML parsers take the other files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "schedules"
Config = Callable[..., str]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def scheduled(elsewhere: Path) -> Run:
    """Runs the wrapper as cron would: few variables, keys from a file."""
    (elsewhere / "env").write_text("API_KEY=k3y-0f-the-sch00l\n")

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(elsewhere),
            "HOMEROOM_HOME": str(elsewhere / "home"),
            "HOMEROOM_ENV": str(elsewhere / "env"),
            "HOMEROOM": f"{sys.executable} -m homeroom",
            "PYTHON": sys.executable,
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }
        command = ["sh", str(FOLDER / "homeroom-run"), *arguments]
        return subprocess.run(
            command, env=given | environ, cwd=elsewhere, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_a_run_that_is_right_says_nothing_and_leaves_its_report(scheduled: Run, config: Config) -> None:
    done = scheduled(config("terms"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert orjson.loads(Path("log/campus.json").read_bytes())["exit_code"] == 0
    assert "3 rows read into" in Path("log/campus.log").read_text()


def test_a_run_that_is_right_in_part_names_the_resource_that_is_not(scheduled: Run, config: Config) -> None:
    done = scheduled(config("terms", "nothing"))
    what, reason, more = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (3, "")
    assert what == "homeroom campus: a part was loaded, the rest was not"
    assert reason.startswith("nothing: failed; resource nothing, GET ") and reason.endswith("[not-found]")
    assert more == "more: ./log/campus.log, ./log/campus.json"


def test_a_key_that_is_missing_is_told_and_not_yesterday_s_run(scheduled: Run, config: Config) -> None:
    file = config("terms")
    assert scheduled(file).returncode == 0
    Path("env").write_text("")
    done = scheduled(file)
    assert done.returncode == 2
    assert "the config or the command line is wrong" in done.stderr
    assert "API_KEY" in done.stderr and "[secret-missing]" in done.stderr
    assert orjson.loads(Path("log/campus.json").read_bytes())["exit_code"] == 2


def test_a_command_line_that_is_wrong_leaves_no_summary_and_tells_the_last_line(scheduled: Run, config: Config) -> None:
    file = config("terms")
    assert scheduled(file).returncode == 0
    done = scheduled(file, "--no-such-flag")
    assert done.returncode == 2 and "--no-such-flag" in done.stderr
    assert not Path("log/campus.json").exists()


def test_the_message_is_mailed_where_an_address_is_given(scheduled: Run, config: Config, elsewhere: Path) -> None:
    program = elsewhere / "bin" / "mail"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; cat; }} >{elsewhere}/mailed\n')
    program.chmod(0o755)
    scheduled(config("nothing"), HOMEROOM_MAIL="data@example.edu", PATH=f"{program.parent}:/usr/bin:/bin")
    flag, subject, to, first, *_ = (elsewhere / "mailed").read_text().splitlines()
    assert (flag, subject, to) == ("-s", "homeroom campus: nothing was loaded", "data@example.edu")
    assert first == subject


def test_without_a_config_the_wrapper_says_how_it_is_used(scheduled: Run) -> None:
    done = scheduled()
    assert (done.returncode, done.stderr) == (2, "usage: homeroom-run CONFIG [FLAGS OF homeroom sync…]\n")


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


@needs_systemd
def test_systemd_takes_the_service_and_the_timer(elsewhere: Path) -> None:
    service, timer = (FOLDER / f"homeroom@.{kind}" for kind in ("service", "timer"))
    (elsewhere / timer.name).write_text(timer.read_text())
    # The program is not installed where the unit says: verify would only tell that.
    (elsewhere / service.name).write_text(service.read_text().replace("/opt/homeroom/bin/homeroom ", "/bin/true "))
    units = [str(elsewhere / f"homeroom@school.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "homeroom" in line]) == (0, [])


@needs_systemd
def test_systemd_reads_the_time_of_the_timer() -> None:
    (when,) = re.findall(r"(?m)^OnCalendar=(.*)$", (FOLDER / "homeroom@.timer").read_text())
    done = subprocess.run(
        ["systemd-analyze", "calendar", when], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 and "05:15:00" in done.stdout


def test_the_service_goes_on_after_exit_code_5_alone() -> None:
    (prevented,) = re.findall(r"(?m)^RestartPreventExitStatus=(.*)$", (FOLDER / "homeroom@.service").read_text())
    assert prevented.split() == ["1", "2", "3", "4"]


def test_the_task_of_windows_is_well_formed_and_runs_the_script() -> None:
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    task = ElementTree.parse(FOLDER / "homeroom-task.xml").getroot()
    assert task.tag == f"{space}Task"
    arguments = task.findtext(f"{space}Actions/{space}Exec/{space}Arguments") or ""
    assert arguments.endswith(r"C:\Homeroom\homeroom-run.ps1 C:\Homeroom\school.yaml")


def test_each_line_of_the_crontab_has_five_times_and_runs_the_wrapper() -> None:
    lines = [line for line in (FOLDER / "crontab").read_text().splitlines() if re.match(r"[\d*]", line)]
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"(?:[\d*]+ ){5}flock -n \S+ /opt/homeroom/bin/homeroom-run \S+\.yaml( --[a-z-]+)?", line)
