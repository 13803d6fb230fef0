"""Tables of the command line, however narrow the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from homeroom.report.grid import Grid, print_grid

GRID = Grid(
    ("resource", "rows", "in table", "retries", "status"),
    [("enrollments", "1,234,567", "1,234,567", "12", "deletes_refused"), (":boom: [b]x", "2", "2", "0", "complete")],
    numbers=("rows", "in table", "retries"),
    spare=("retries", "in table"),
)
KEPT = ("enrollments", "1,234,567", "deletes_refused", ":boom: [b]x")


def printed(width: int, *, terminal: bool) -> list[str]:
    file = StringIO()
    console = Console(
        file=file, width=width, force_terminal=terminal, no_color=True, color_system=None, emoji=False, markup=False
    )
    print_grid(GRID, console)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [200, 80, 66, 60, 50, 45, 30, 10])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_number_and_no_status_is_cut(width: int, terminal: bool) -> None:
    text = "\n".join(printed(width, terminal=terminal))
    assert all(word in text for word in KEPT) and "…" not in text


def test_numbers_stand_at_the_right_of_their_columns() -> None:
    first, second = printed(200, terminal=False)[2:]
    assert [first.index("1,234,567") + len("1,234,567"), first.index("12 ") + 2] == [
        second.index("2") + 1,
        second.index("0") + 1,
    ]


def test_without_a_terminal_every_column_is_there_however_narrow() -> None:
    heading, _, first, _ = printed(10, terminal=False)
    assert heading.split() == ["resource", "rows", "in", "table", "retries", "status"]
    assert first.split() == ["enrollments", "1,234,567", "1,234,567", "12", "deletes_refused"]


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (80, ["resource", "rows", "in", "table", "retries", "status"]),
        (56, ["resource", "rows", "in", "table", "status"]),
        (45, ["resource", "rows", "status"]),
    ],
)
def test_a_narrow_terminal_has_fewer_columns(width: int, headings: list[str]) -> None:
    lines = printed(width, terminal=True)
    assert lines[0].split() == headings and len(lines) == 4
    assert max(map(len, lines)) <= width


def test_a_very_narrow_terminal_has_a_line_for_each_fact() -> None:
    lines = printed(30, terminal=True)
    assert lines[:5] == [
        "enrollments",
        "  rows: 1,234,567",
        "  in table: 1,234,567",
        "  retries: 12",
        "  status: deletes_refused",
    ]
