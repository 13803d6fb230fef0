"""docs/parity.md is made of the cases; HOMEROOM_WRITE_DOCS=1 writes it anew."""

import os
from collections.abc import Iterator
from pathlib import Path

from parity_annex import areas
from parity_case import Case
from parity_differences import DIFFERENCES
from parity_school_cases import SCHOOL_CASES

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
HEAD = """\
# What of dlt's format is held against dlt

Made by `tests/parity` from its own cases (`HOMEROOM_WRITE_DOCS=1 pytest tests/parity/test_parity_docs.py`): do not
edit. Each case is read by dlt 1.31's own `rest_api_source` and by ours, from one server, two or three times with rows
that came, changed and went between. *Equal* means: the same tables, columns, types, hints, rows, links of nested rows
and (of the cases of the annex) the same state of incremental cursors and the same requests, method to body.
"""


def page() -> str:
    """The whole text."""
    sections = [HEAD]
    for area, cases in areas("http://annex").items():
        sections.append(f"\n## {area}\n\n" + "\n".join(_table(_lines(cases))))
    school = [(name, what, "equal") for name, what in SCHOOL_CASES.items()]
    sections.append("\n\n## The sample school: nested rows, two runs\n\n" + "\n".join(_table(school)))
    differing = [(each.name, each.covers, f"[differs](differences.md): {each.words}") for each in DIFFERENCES]
    sections.append("\n\n## Where the two differ on purpose\n\n" + "\n".join(_table(differing)))
    return "\n".join(part.strip("\n") + "\n" for part in sections)


def _lines(cases: list[Case]) -> Iterator[tuple[str, str, str]]:
    for each in cases:
        yield each.name, each.covers, "equal" if each.requests else f"equal but for the requests: {each.why}"


def _table(lines: object) -> list[str]:
    rows = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]  # type: ignore[attr-defined]
    return ["| case | covers | result |", "|---|---|---|", *rows]


def test_the_page_is_that_of_the_cases() -> None:
    """Written anew where the environment asks for it."""
    if os.environ.get("HOMEROOM_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_difference_is_a_line_of_the_docs() -> None:
    """But for those that wait to be written there."""
    text = (PAGE.parent / "differences.md").read_text(encoding="utf-8")
    said = {line.split(" | ")[0].removeprefix("| ") for line in text.splitlines()}
    assert {each.words for each in DIFFERENCES} <= said
