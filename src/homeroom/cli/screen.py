"""What is seen of a run while it goes on, as lines of a terminal: never wider, never higher than it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from homeroom.cli.tally import Line, Stand, View

STAGES = {
    "read": "reading",
    "normalize": "normalising",
    "load": "loading",
    "report": "counting rows",
    "model": "making the tables of the model",
}
_LONGEST_NAME = 28
_SHORTEST_NAME = 8
_BAR = 16
_RESERVED = {"pages": 11, "rate": 8, "state": 23, "retries": 9}
_SPARE = ((), ("bar",), ("bar", "retries"), ("bar", "retries", "rate"), ("bar", "retries", "rate", "pages"))
_STYLES = {
    **dict.fromkeys(("complete", "ok"), "green"),
    **dict.fromkeys(("unproved", "deletes_refused", "warning"), "yellow"),
    **dict.fromkeys(("incomplete", "failed"), "red"),
}
WRONG = ("incomplete", "deletes_refused", "failed", "skipped")
"""Statuses that a reader has to see; those of `homeroom check` are others."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the screen, and rich's name of its style; empty for none."""

    text: str
    style: str = ""


def screen(view: View, width: int, height: int) -> list[Shown]:
    """The resources, as many as there is room for, and a last line over all.

    All of them where they fit; else those that are done become one line, then those to come, then the rest of those
    that are read. A resource that went wrong is shown for as long as there is room.
    """
    below = [Shown(_cut(overall(view), width), "bold")]
    room = max(0, height - len(below))
    kept, above, beneath = _chosen(view, room)
    lines = [*map(Shown, above), *_table(kept, width), *map(Shown, beneath)]
    return [Shown(_cut(line.text, width), line.style) for line in lines[:room]] + below


def _chosen(view: View, room: int) -> tuple[list[Line], list[str], list[str]]:
    """The resources that are shown one by one, and what is said above and below them of the others."""
    kept, above, beneath = list(view.lines), list[str](), list[str]()
    if len(kept) > room:
        well = {line.resource for line in view.done if line.status not in WRONG}
        kept = [line for line in kept if line.resource not in well]
        above = [done_words(view)]
    if len(above) + len(kept) > room:
        to_come = [line for line in kept if line.stand is Stand.TO_COME]
        kept = [line for line in kept if line.stand is not Stand.TO_COME]
        beneath = [f"{len(to_come)} to come"] if to_come else []
    if (excess := len(above) + len(kept) + len(beneath) - room) > 0:
        # Those under way first: a line is lost to the words that say how many are not shown.
        kept.sort(key=lambda line: line.stand is not Stand.READING)
        shown = max(0, len(kept) - excess - 1)
        beneath = [f"and {len(kept) - shown} more", *beneath]
        kept = kept[:shown]
    return kept, above, beneath


def done_words(view: View) -> str:
    """`12 of 40 done`, and what of these went wrong."""
    done, counts = view.done, Counter(line.status for line in view.done)
    bad = [f"{number} {status}" for status, number in counts.items() if status in WRONG]
    return f"{len(done)} of {len(view.lines)} done" + (f" ({', '.join(bad)})" if bad else "")


def overall(view: View) -> str:
    """The last line: the stage, and what all resources have brought."""
    stage = STAGES.get(view.stage, view.stage) if view.stage or view.lines else "starting"
    if view.quota_s is not None and view.stage in ("", "read"):
        stage = f"waiting for quota, {told_seconds(view.quota_s)}"
    rows = "1 row" if view.rows == 1 else f"{view.rows:,} rows"
    requests = "1 request" if view.requests == 1 else f"{view.requests:,} requests"
    return " · ".join(filter(None, (told_time(view.elapsed_s), stage, rows, requests)))


def told_time(seconds: float) -> str:
    """`0:42`, `12:05`, `3:07:00`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def told_seconds(seconds: float) -> str:
    """A wait as a person would say it: `1.2 s`, `12 s`, `4 min`, `3.5 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.3g} h"


def told_left(seconds: float) -> str:
    """A guess of a time, without a precision that it does not have: `6 s`, `4 min`, `3.5 h`."""
    return f"{max(1, round(seconds))} s" if seconds < 99 else told_seconds(seconds)


def told_rate(rate: float) -> str:
    """Rows a second: `450/s`, `0.2/s`."""
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"


def _table(lines: Sequence[Line], width: int) -> list[Shown]:
    """Columns under each other; a narrow terminal does without the bar, then retries, rate and pages.

    Which ones there are hangs on names and numbers alone, not on what happens to be waited for: they would come and go.
    """
    if not lines:
        return []
    table = [_cells(line) for line in lines]
    widths = {name: max(_RESERVED.get(name, 0), *(cell_len(row[name]) for row in table)) for name in table[0]}
    for spare in _SPARE:
        names = [name for name in table[0] if name not in spare]
        over = sum(widths[name] + 2 for name in names) - 2 - width
        if over <= 0:
            break
    else:
        widths["name"] = max(_SHORTEST_NAME, widths["name"] - over)
    return [
        Shown("  ".join(_fitted(row[name], widths[name], name) for name in names).rstrip(), _style(line))
        for row, line in zip(table, lines, strict=True)
    ]


def _cells(line: Line) -> dict[str, str]:
    return {
        "name": _cut(line.resource, _LONGEST_NAME),
        "bar": _bar(line),
        "rows": rows_words(line) if line.stand is not Stand.TO_COME else "",
        "pages": part_words(line),
        "rate": "" if line.rate is None or line.stand is not Stand.READING else told_rate(line.rate),
        "state": state_words(line),
        "retries": "" if not line.retries else "1 retry" if line.retries == 1 else f"{line.retries:,} retries",
    }


def rows_words(line: Line) -> str:
    """`2,300/5,200 rows`, or how many there are where nobody knows of how many."""
    of = "" if line.of_rows is None else f"/{line.of_rows:,}"
    return f"{line.rows:,}{of} {'row' if line.rows == 1 and not of else 'rows'}"


def part_words(line: Line) -> str:
    """`23/52 pages`, of a child `120/420 parents`; empty where there is nothing to say."""
    if line.stand is not Stand.READING or not line.pages:
        return ""
    if line.lists is not None:
        of = "" if line.of_lists is None else f"/{line.of_lists:,}"
        return f"{line.lists:,}{of} {'parents' if line.of_parent else 'parts'}"
    of = "" if line.of_pages is None else f"/{line.of_pages:,}"
    return f"{line.pages:,}{of} {'page' if line.pages == 1 and not of else 'pages'}"


def state_words(line: Line) -> str:
    """What it waits for, how long it still takes, or how it ended."""
    match line.stand:
        case Stand.DONE:
            return line.status
        case Stand.TO_COME | Stand.READ:
            return str(line.stand)
    if line.quota_s is not None:
        return f"waiting for quota, {told_seconds(line.quota_s)}"
    if line.again_s is not None:
        return f"again after {line.again_after}, {told_seconds(line.again_s)}"
    return "" if line.left_s is None else f"{told_left(line.left_s)} left"


def _bar(line: Line) -> str:
    if line.stand is not Stand.READING:
        return "━" * _BAR if line.stand is not Stand.TO_COME else ""
    part, of = (line.lists, line.of_lists) if line.lists is not None else (line.rows, line.of_rows)
    full = round(_BAR * part / of) if part is not None and of else 0
    return "━" * full + "╌" * (_BAR - full)


def _style(line: Line) -> str:
    if line.stand is Stand.DONE:
        return _STYLES.get(line.status, "dim")
    if line.stand is not Stand.READING:
        return "dim"
    return "yellow" if line.quota_s is not None or line.again_s is not None else ""


def _fitted(text: str, width: int, name: str) -> str:
    text = _cut(text, width)
    fill = " " * (width - cell_len(text))
    return fill + text if name in ("rows", "pages", "rate") else text + fill


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)).rstrip() + "…"
