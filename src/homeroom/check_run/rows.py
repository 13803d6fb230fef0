"""What the rows that came say of the primary key and of the types that the config declares. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from homeroom.check_run.findings import Aspect, Finding, Line, Outcome, finding
from homeroom.facts import shown_keys
from homeroom.shape import RowRules, column_values, is_null, keys_of

Pages = Sequence[Sequence[Any]]
"""Rows, page by page."""


def judge_keys(resource: str, pages: Pages, rules: RowRules, *, merges: bool, may_repeat: bool = False) -> Finding:
    """Whether each row has a primary key that no other one has.

    Of a resource without a key, `merges`: its disposition wants one; `may_repeat`: it has one, of which the config
    says that several rows may come.
    """
    rows = sum(map(len, pages))
    if not rules.key and may_repeat:
        why = "several rows of one key may come, by the config (dedup_sort)"
        return finding(resource, Aspect.KEYS, (Outcome.UNTESTED, why))
    if not rules.key:
        return finding(resource, Aspect.KEYS, _without_key(merges=merges))
    if not rows:
        return finding(resource, Aspect.KEYS, (Outcome.UNTESTED, "no row came"))
    told = f"{', '.join(rules.key)}: unique and never null in {_rows(rows)}"
    return finding(resource, Aspect.KEYS, *([*_wrong_keys(pages, rules)] or [(Outcome.OK, told)]))


def _without_key(*, merges: bool) -> Line:
    if merges:
        return Outcome.WARNING, "write_disposition is merge, but there is no primary_key: rows are appended each time"
    return Outcome.UNTESTED, "no primary_key is declared, so rows that come twice are not seen"


def _wrong_keys(pages: Pages, rules: RowRules) -> Iterator[Line]:
    told, keys = ", ".join(rules.key), [keys_of(rows, rules) or [] for rows in pages]
    rows = sum(map(len, pages))
    for column in rules.key:
        values = [(place, value) for place, value in _values(pages, column, rules) if value is None]
        if len(values) == rows:
            have = next((shown_keys(row) for page in pages for row in page if isinstance(row, dict)), "no fields")
            yield Outcome.FAILED, f"no row has {column}, of primary_key; rows have {have}"
        elif values:
            count = f"{len(values)} of {_rows(rows)}"
            yield Outcome.FAILED, f"{column} is null or missing in {count}, first in {values[0][0]}"
    counts = [Counter(key for key in page if not is_null(key)) for page in keys]
    twice = sum(sum(times - 1 for times in count.values()) for count in counts)
    if twice:
        place = next(filter(None, (_first_repeat(number, page) for number, page in enumerate(keys, start=1))))
        yield Outcome.FAILED, f"{told} is not unique: {twice} of {_rows(rows)} repeat it on one page, first in {place}"


def _first_repeat(number: int, keys: Sequence[Any]) -> str:
    seen: set[Any] = set()
    for row, key in enumerate(keys, start=1):
        if key in seen and not is_null(key):
            return f"page {number}, row {row}"
        seen.add(key)
    return ""


def judge_types(
    resource: str, pages: Pages, kinds: Mapping[str, str], rules: RowRules, came: Callable[[str, Any], str | None]
) -> Finding:
    """Whether values fit their columns as `columns:` declares them.

    `kinds` are the declared data types, by column; `rules.required` the columns that may not be null. `came` says which
    type a value has that does not fit a data type, None where it fits.
    """
    required = [column for column in rules.required if column not in rules.key]
    rows = sum(map(len, pages))
    if not kinds and not required:
        return finding(resource, Aspect.TYPES, (Outcome.UNTESTED, "no columns are declared"))
    if not rows:
        return finding(resource, Aspect.TYPES, (Outcome.UNTESTED, "no row came"))
    lines = [line for column, kind in kinds.items() for line in _wrong_types(pages, column, kind, rules, came)]
    lines += [line for column in required for line in _nulls(pages, column, rules)]
    declared = list(dict.fromkeys([*kinds, *required]))
    told = f"{', '.join(declared)}: as declared in {_rows(rows)}"
    return finding(resource, Aspect.TYPES, *(lines or [(Outcome.OK, told)]))


def _wrong_types(
    pages: Pages, column: str, kind: str, rules: RowRules, came: Callable[[str, Any], str | None]
) -> Iterator[Line]:
    values = [(place, value) for place, value in _values(pages, column, rules) if value is not None]
    wrong = [(place, found) for place, value in values if (found := came(kind, value)) is not None]
    if wrong:
        place, found = wrong[0]
        count = f"{len(wrong)} of {_rows(sum(map(len, pages)))}"
        yield Outcome.FAILED, f"{column} is declared {kind}, but {found} came in {count}, first in {place}"
    elif not values and column not in rules.required:
        yield Outcome.WARNING, f"{column} is declared, but no row has a value of it"


def _nulls(pages: Pages, column: str, rules: RowRules) -> Iterator[Line]:
    nulls = [place for place, value in _values(pages, column, rules) if value is None]
    if nulls:
        count = f"{len(nulls)} of {_rows(sum(map(len, pages)))}"
        yield Outcome.FAILED, f"{column} is declared not null, but is null or missing in {count}, first in {nulls[0]}"


def _values(pages: Pages, column: str, rules: RowRules) -> Iterator[tuple[str, Any]]:
    for number, rows in enumerate(pages, start=1):
        for row, value in enumerate(column_values(rows, column, rules.namer), start=1):
            yield f"page {number}, row {row}", value


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
