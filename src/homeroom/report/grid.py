"""Tables that are never cut: a number without its last digits is another number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Cell = str | Text


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows under their headings. `numbers` are headings of columns of numbers, which stand at the right.

    `spare` are headings of columns that a narrow terminal may do without, the first to go first.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: Collection[str] = ()
    spare: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Uncut:
    """A table as wide as it must be, where rich would make it as narrow as the console."""

    table: Table
    width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.table, options.update(width=self.width))


def print_grid(grid: Grid, console: Console) -> None:
    """Print as many columns as a terminal has room for, or a line for each fact; to anything else, all of it."""
    for gone in range(len(grid.spare) + 1):
        table = _table(grid, set(grid.spare[:gone]))
        width = console.measure(table, options=console.options.update(width=10_000)).maximum
        if width <= console.width or not console.is_interactive:
            console.print(_Uncut(table, width), soft_wrap=True)
            return
    for row in grid.rows:
        first, *others = zip(grid.headings, row, strict=True)
        console.print(first[1], highlight=False, soft_wrap=True)
        for heading, cell in others:
            console.print(Text.assemble(f"  {heading}: ", cell), highlight=False, soft_wrap=True)


def _table(grid: Grid, without: Collection[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    kept = [number for number, heading in enumerate(grid.headings) if heading not in without]
    for number in kept:
        heading = grid.headings[number]
        justify = "right" if heading in grid.numbers else "left"
        table.add_column(heading, justify=justify, no_wrap=True, overflow="crop")  # type: ignore[arg-type]
    for row in grid.rows:
        table.add_row(*(row[number] for number in kept))
    return table
