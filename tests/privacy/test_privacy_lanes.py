"""Rules of privacy make the same tables whichever lane rows go: those that dlt makes of rows hidden beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from json_rows import rows_of
from lane_sides import Both, Rows, Shelf, what_dlt_fails_at
from parity_tables import compare_tables, read_tables
from privacy_desk import KEY

from homeroom.dlt_seam.extraction import column_namer
from homeroom.privacy import RULES, Book, Guess, Hider, Node, Privacy, PrivacySettings, Rule, hide_rows
from homeroom.source.options import ReadingOptions
from homeroom.source.rest_api import make_source
from homeroom.values import Report, SyncSettings

CASES = 25
NAME = column_namer(None)

Rules = Mapping[tuple[str, str], Rule]


def places(value: Any, node: Node, book: Book) -> Iterator[tuple[str, str]]:
    """Every column that a rule could name, and every object and list."""
    if node.column:
        yield node.table, node.column
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, book.field(node, key), book)
    for inner in value if isinstance(value, list) else ():
        yield from places(inner, book.element(node), book)


def drawn_rules(rows: Rows, random: Random) -> Rules:
    """A rule for some of the columns that a resource has in any of its runs, but for its key."""
    book = Book(rows.name, {}, NAME)
    found = {at for run in rows.runs for text in run for row in json.loads(text) for at in places(row, book.root, book)}
    key = rows.hints.get("primary_key")
    free = sorted(at for at in found if at[1] not in ((key,) if isinstance(key, str) else key or ()))
    return {at: random.choice(RULES) for at in free if random.random() < 0.3}


def read(folder: Path, rows: list[Rows], rules: Rules, guess: Guess | None = None) -> tuple[list[str], list[Report]]:
    """What is not the same after any of the runs, in words; our reports."""
    both, found, reports, hider = Both(folder), list[str](), list[Report](), Hider(KEY)
    known = {each.name for each in rows}
    rules = {at: rule for at, rule in rules.items() if at[0].partition("__")[0] in known}
    for number in range(max(len(each.runs) for each in rows)):

        def resource(each: Rows, number: int = number) -> Any:
            book = Book(each.name, rules, NAME, guess)
            pages = [hide_rows(json.loads(text), book, hider) for text in each.runs[number]]
            return dlt.resource(pages, name=each.name, **each.hints)

        theirs = dlt.source(lambda resource=resource: [resource(each) for each in rows], name="rest_api")()
        both.theirs.run(theirs, loader_file_format="parquet")
        ours = source_of(rows, number, rules, guesses=guess is not None)
        both.ours.run(ours, loader_file_format="parquet")
        reports.append(ours.report)
        differing = compare_tables(read_tables(both.theirs), read_tables(both.ours))
        found += [f"run {number}: {each}" for each in differing]
    both.ours.deactivate()  # its folder is about to go
    return found, reports


def source_of(rows: list[Rows], number: int, rules: Rules, *, guesses: bool) -> Any:
    shelf = {each.name: each.runs[number] for each in rows}

    @asynccontextmanager
    async def transport(_: SyncSettings) -> Any:
        yield Shelf(shelf)

    paginator = {"type": "page_number", "base_page": 0, "total_path": "pages"}
    endpoint = {"data_selector": "data", "paginator": paginator}
    resources = [{"name": each.name, "endpoint": {"path": each.name, **endpoint}, **each.hints} for each in rows]
    config = {"client": {"base_url": "https://api.example.com"}, "resources": resources}
    privacy = Privacy(PrivacySettings(rules, profile="deidentified" if guesses else None), KEY)
    return make_source(config, SyncSettings(), ReadingOptions(transport=transport, privacy=privacy))


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(
    max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_drawn_rules_hide_the_same_in_both_lanes(seed: int) -> None:
    random = Random(seed)
    rows = [rows_of(f"r{number}", random) for number in range(CASES)]
    rules = {at: rule for each in rows for at, rule in drawn_rules(each, random).items()}
    found, reports = compared(rows, rules)
    assert found == []
    lines = [line for report in reports for line in report.resources.values()]
    assert sum(line.pages_columnar for line in lines) > 0
    assert "hash" in rules.values() and "drop" in rules.values() and "mask" in rules.values()


def any_guess(table: str, column: str) -> Rule:
    """A rule for half of all columns, always the same one: the names that are drawn look like nothing."""
    drawn = crc32(f"{table}.{column}".encode())
    return RULES[drawn % 4] if drawn % 8 < 4 else "keep"


@example(seed=1653)
@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(
    max_examples=1, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_what_is_guessed_at_is_hidden_the_same_in_both_lanes(seed: int) -> None:
    random = Random(seed)
    rows = [rows_of(f"r{number}", random) for number in range(CASES)]
    rules: Rules = {(each.name, NAME(key)): "keep" for each in rows for key in _listed(each)}
    with pytest.MonkeyPatch.context() as patch:
        for each in ("homeroom.source.hiding", "homeroom.plan.privacy"):
            patch.setattr(f"{each}.guess_of", lambda settings, name: any_guess)
        found, reports = compared(rows, rules, any_guess)
    assert found == []
    lines = [line for report in reports for line in report.resources.values()]
    assert sum(line.pages_columnar for line in lines) > 0
    assert any("look personal" in line.note for line in lines)


def _listed(rows: Rows) -> list[Any]:
    key = rows.hints.get("primary_key") or ()
    return [key] if isinstance(key, str) else [*key]


def compared(rows: list[Rows], rules: Rules, guess: Guess | None = None) -> tuple[list[str], list[Report]]:
    """The differences, without the resources that dlt itself cannot load."""
    with TemporaryDirectory() as folder:
        try:
            return read(Path(folder), rows, rules, guess)
        except PipelineStepFailed as error:
            failing = what_dlt_fails_at(error)
    return compared([each for each in rows if each.name != failing], rules, guess)


PEOPLE = [
    {"id": 7, "email": "ann@example.org", "born": "2009-05-06", "tags": ["x", "y"], "home": {"c": "B"}},
    {"id": 8, "email": None, "born": None, "tags": [], "home": {"c": "C"}},
    {"id": 9, "email": "bob@example.org", "born": "2010-01-01", "tags": ["x"], "home": None},
]


def test_a_plain_resource_goes_as_columns_with_every_rule() -> None:
    rules: Rules = {
        ("users", "id"): "hash",
        ("users", "email"): "mask",
        ("users", "born"): "mask",
        ("users__tags", "value"): "hash",
        ("users", "home"): "drop",
    }
    rows = Rows("users", [[json.dumps(PEOPLE)]], {"primary_key": "id", "write_disposition": "merge"})
    found, reports = compared([rows], rules)
    assert found == []
    assert (reports[0].resources["users"].pages_columnar, reports[0].resources["users"].pages_object) == (1, 0)
