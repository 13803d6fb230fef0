"""The report on one screen: what is wrong is never left out, the rest as far as there is room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from types import MappingProxyType

import pytest
from rich.console import Console

from homeroom.cli.console import make_voice
from homeroom.report.fitted import fit
from homeroom.report.text import render
from homeroom.values import Proof, Report, ResourceReport, Status

START = datetime(2026, 11, 23, tzinfo=UTC)


def report(*statuses: Status, note: str = "", rows: int = 1000) -> Report:
    """A run of as many resources."""
    lines = {}
    for number, status in enumerate(statuses):
        name, proof = f"r{number:02}", Proof.COUNT if status is Status.COMPLETE else None
        lines[name] = ResourceReport(
            resource=name, table_name=name, status=status, proof=proof, rows_received=rows, note=note
        )
    return Report(
        run_id="20261123T120000-abc123",
        name="campus",
        status=max(statuses, key=lambda status: status.rank),
        resources=MappingProxyType(lines),
        started_at=START,
        finished_at=START + timedelta(seconds=9),
        destination="duckdb:///campus.duckdb",
        dataset="campus",
        landed=True,
    )


def printed(
    told: Report, *, height: int = 24, width: int = 80, terminal: bool = True, whole: bool = False
) -> list[str]:
    console = Console(file=StringIO(), force_terminal=terminal, no_color=True, width=width, height=height)
    render(told, console, whole=whole)
    written: str = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.rstrip() for line in written.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()]


def names(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if line[:1] == "r" and line[1:3].isdigit() and ":" not in line[:4]]


GOOD, BAD, UNSURE = Status.COMPLETE, Status.FAILED, Status.UNPROVED


def test_an_ordinary_config_is_shown_whole() -> None:
    lines = printed(report(*[GOOD] * 15, BAD))
    assert names(lines) == [f"r{number:02}" for number in range(16)]
    assert len(lines) < 24 and "homeroom show" not in "".join(lines)


def test_forty_resources_fit_a_screen() -> None:
    lines = printed(report(*[GOOD] * 39, BAD))
    assert len(lines) <= 23
    assert names(lines)[:2] == ["r39", "r00"]
    assert any(
        line.startswith("23 more, all complete: 23,000 rows; homeroom show 20261123T120000-abc123") for line in lines
    )


def test_the_last_line_is_the_verdict() -> None:
    lines = printed(report(*[GOOD] * 39, BAD, note="a note"))
    assert "Run 20261123T120000-abc123 of campus: failed." in lines[-2]
    assert lines[-1].endswith("in 9.0 s.")


def test_nothing_that_is_wrong_is_hidden() -> None:
    lines = printed(report(*[BAD] * 30, *[GOOD] * 10, note="the server answered 404"))
    assert names(lines) == [f"r{number:02}" for number in range(30)]
    assert sum(line.endswith(": the server answered 404") for line in lines) == 30
    assert "10 more, all complete: 10,000 rows and 10 remarks" in " ".join(lines)


def test_what_is_not_proved_comes_before_what_is() -> None:
    lines = printed(report(*[GOOD] * 30, *[UNSURE] * 3))
    assert names(lines)[:4] == ["r30", "r31", "r32", "r00"]


def test_several_statuses_are_counted_apart() -> None:
    fitted = fit(report(*[UNSURE] * 3, *[GOOD] * 3, BAD).resources, [], "RUN", width=80, room=6)
    assert fitted.rows == ("r06", "r00", "r01")
    assert fitted.rest == "4 more, 1 unproved, 3 complete: 4,000 rows; homeroom show RUN lists them"


def test_remarks_on_what_went_well_make_room_first() -> None:
    told = report(*[GOOD] * 12, BAD, note="the paging was guessed, and that is a long story of several lines " * 2)
    lines = printed(told)
    assert len(names(lines)) == 13 and len(lines) <= 23
    assert any("remarks; homeroom show" in line for line in lines)
    assert sum(line.startswith("r12: the paging was guessed") for line in lines) == 1


@pytest.mark.parametrize("numbers", [(1, 0), (20, 0), (40, 1), (100, 5), (16, 0), (17, 0), (18, 0)])
@pytest.mark.parametrize("height", [24, 30, 50])
def test_it_never_exceeds_the_screen_where_little_is_wrong(numbers: tuple[int, int], height: int) -> None:
    good, bad = numbers
    assert len(printed(report(*[GOOD] * good, *[BAD] * bad, note="something to say"), height=height)) < height


def test_a_pipe_and_homeroom_show_get_everything() -> None:
    told = report(*[GOOD] * 40)
    assert len(names(printed(told, terminal=False))) == 40
    assert len(names(printed(told, whole=True))) == 40


def test_a_screen_gets_lines_that_break_between_words_and_a_pipe_one() -> None:
    told = report(BAD, note="word " * 40)
    assert all(len(line) <= 80 for line in printed(told))
    assert any(len(line) > 200 for line in printed(told, terminal=False))


def test_colours_on_a_pipe_take_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stdout", StringIO())
    console = make_voice().out
    render(report(*[GOOD] * 40, note="word " * 60), console)
    written: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert written.count("complete") >= 40 and "retries" in written and "\x1b[32m" in written
    assert max(map(len, written.splitlines())) > 200
