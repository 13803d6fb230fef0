"""The command line and the dlt configuration of the sample school."""

import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator

import pytest
import requests
from dlt.sources.rest_api import rest_api_source

from homeroom.demo import Dials, School
from homeroom.demo.__main__ import main
from homeroom.demo.command import add_dial_flags, dials_from_flags
from homeroom.demo.config import school_config
from homeroom.demo.data import ENTITIES
from homeroom.demo.dials import DIAL_HELP

ARGUMENTS = ["--port", "0", "--scale", "0.01", "--page-cap", "3", "-v"]


def flags(*arguments: str) -> Dials:
    """The dials of these arguments."""
    parser = ArgumentParser()
    add_dial_flags(parser)
    return dials_from_flags(parser.parse_args(arguments))


@pytest.fixture
def served() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The line it prints, and the process."""
    command = [sys.executable, "-m", "homeroom.demo", *ARGUMENTS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        yield process.stdout.readline(), process
        process.kill()


def test_the_printed_line_has_address_key_and_an_example(served: tuple[str, object]) -> None:
    """All that is needed to go on."""
    line = served[0]
    assert re.match(r"Sample school at http://127\.0\.0\.1:\d+ with key demo-key-0000; try: curl ", line)


def test_the_printed_example_works_under_the_dials(served: tuple[str, object]) -> None:
    """With its header and its URL."""
    name, key, url = re.search(r"-H '(.+?): (.+?)' '(.+?)'", served[0]).groups()
    answer = requests.get(url.replace("limit=2", "limit=50"), headers={name: key}, timeout=10)
    assert len(answer.json()["data"]) == 3


def test_an_interrupt_ends_it_well_and_the_log_has_no_key(
    served: tuple[str, "subprocess.Popen[str]"],
) -> None:
    """Exit code 0; requests went to stderr."""
    line, process = served
    requests.get(re.search(r"http\S+:\d+", line)[0] + "/v1/terms?api_key=demo-key-0000", timeout=10)
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert "200 GET /v1/terms?api_key=***" in told.splitlines()


def test_flags_make_the_same_dials_as_arguments() -> None:
    """One flag a dial."""
    set_by_flags = flags("--latency-s", "0.05", "--total", "absent", "--fail-every", "503=7", "--fail-every", "500=11")
    assert set_by_flags == Dials(latency_s=0.05, total="absent", fail_every=((503, 7), (500, 11)))


def test_without_flags_all_dials_are_at_rest() -> None:
    """The defaults stand in one place."""
    assert flags() == Dials()


@pytest.mark.parametrize("dial", DIAL_HELP)
def test_the_help_has_a_flag_for_the_dial(dial: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Named as the dial is."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--" + dial.replace("_", "-") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--page-cap", "0"], "dial page_cap: 0 is not allowed; allowed: a whole number, 1 or more"),
        (["--fail-every", "503"], "dial fail_503_every: '' is not allowed"),
        (["--fail-every", "soon=7"], "dial 'fail_soon_every' is unknown"),
        (["--scale", "0"], "scale 0.0 is not allowed; allowed: above 0"),
        (["--port", "99999"], "port 99999 is not allowed; allowed: 0 to 65535"),
    ],
)
def test_what_cannot_be_used_ends_with_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, with what is allowed."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert told in capsys.readouterr().err


def test_the_configuration_reads_every_row_with_dlt(school: School) -> None:
    """All nine entities, as dlt itself reads them."""
    source = rest_api_source(school_config(school.url, school.api_key))
    read = {name: list(resource) for name, resource in source.resources.items()}
    assert list(read) == list(ENTITIES)
    assert all(rows == school.rows(name) for name, rows in read.items())


def test_people_are_read_in_many_pages() -> None:
    """A hundred a page, the others a thousand."""
    resources = {entry["name"]: entry["endpoint"] for entry in school_config("http://x", "k")["resources"]}
    assert resources["people"]["paginator"] == {"type": "offset", "limit": 100}
    assert resources["terms"] == {"path": "/v1/terms"}
