"""Flags that cannot be meant as they are given, and what the command line says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

    from conftest import Homeroom

Config = Callable[..., str]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--dataset", ""), "--dataset: is empty; got ''; name one, or leave it out"),
        (("--to", ""), "--to: is empty; got ''; name one, or leave it out"),
        (("--select", "terms,people"), "one pattern at a time: --select terms --select people"),
        (
            ("--since", "2999-01-01"),
            "--since: lies in the future; got '2999-01-01'; without --until a backfill ends now",
        ),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "--since: must be before --until; got '2026-02-01'"),
    ],
)
def test_a_flag_that_cannot_be_meant_so(homeroom: Homeroom, config: Config, flags: tuple[str, ...], said: str) -> None:
    result = homeroom("sync", config("terms", "people"), *flags)
    assert result.exit_code == 2 and said in result.stderr
    assert not Path("rows.duckdb").exists()


def test_a_file_that_is_an_ending_alone_lacks_a_name(homeroom: Homeroom) -> None:
    Path(".json").write_text("{}")
    assert homeroom("validate", ".json").stderr == (
        "error: .json: the file has an ending and no name; give it a name before its ending, such as campus.json "
        "[no-config]\n"
    )


def test_one_row_and_one_resource_are_no_rows_and_resources(homeroom: Homeroom, config: Config) -> None:
    file = config("terms")
    assert f"{file} is right: 1 resource (terms)" in homeroom("validate", file).stdout
    result = homeroom("sync", file, "--limit", "1")
    assert "read terms: 1 row, incomplete" in result.stderr and ". 1 row read into" in result.stdout


def test_a_summary_file_that_may_not_be_written_is_told_before_the_run(
    homeroom: Homeroom, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere
    result = homeroom("sync", config("terms"), "--summary-file", "summary.json")
    assert result.exit_code == 2 and not Path("rows.duckdb").exists()
    assert result.stderr == (
        "error: --summary-file: nothing can be written in this folder; got '.'; name a file in another folder "
        "[wrong-flag]\n"
    )


def test_the_report_names_the_schema_where_it_is_not_the_dataset(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("terms"), "--dataset", "my data")
    assert ", dataset my data (its schema is my_data), in " in result.stdout
    assert "schema" not in homeroom("sync", "campus.yaml").stdout


def test_warnings_of_dlt_s_own_code_are_not_printed(
    process: Callable[..., subprocess.CompletedProcess[str]], config: Config
) -> None:
    done = process("sync", config("terms"), "--to", "sqlite:///terms.sqlite", "-q")
    assert (done.returncode, done.stderr) == (0, "")
