"""Which column tells when a row was changed, and whether the API can be asked for what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeroom.check_run.filters import Answered, judge_filter, middle_of
from homeroom.check_run.findings import Outcome
from homeroom.draft.live.api import Api, Endpoint, Seen, placed
from homeroom.draft.live.envelope import Row, path_of
from homeroom.draft.live.rows import same
from homeroom.draft.values import Confidence, Guess
from homeroom.windows import alike, moment

_CHANGED = re.compile(
    r"(date_?)?(last_?)?(updated|modified|changed|edited|modification|lastmodified|timemodified)(_?(at|on|date|time))?"
    r"|(last_?)?(update|change|modification)_?(date|time|at)|date_?last_?modified|modified_?date_?time",
    re.IGNORECASE,
)
_CREATED = re.compile(r"created|creation", re.IGNORECASE)
_USUAL = (
    "updated_since",
    "modified_since",
    "updated_after",
    "modified_after",
    "since",
    "updatedSince",
    "modifiedSince",
)
_ROUGH = timedelta(days=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LONGEST_AGO = datetime.fromisoformat("1971-01-01T00:00:00+00:00")
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Changes:
    """What is asked for, in dlt's form, and the parameter that is honoured; None where none is."""

    incremental: Guess[Mapping[str, Any] | None]
    param: str | None = None


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A column of times: its path, and the value of each row (None where there is none)."""

    path: str
    key: str
    values: tuple[Any, ...]

    @property
    def moments(self) -> list[datetime | None]:
        return [None if value is None else moment(value) for value in self.values]


def find_changes(api: Api, endpoint: Endpoint, page: Seen, path: str, hint: str | None) -> Changes | None:
    """How to ask for the rows that are newer than those that are known; None where no row says when it changed.

    `page` is one of rows in the order of the list, asked for by `endpoint` as it is; `hint` is the parameter that
    another list of the API honours.
    """
    cursor = _cursor_of(page.rows)
    if cursor is None:
        return None
    middle = middle_of(cursor.moments)
    if middle.value is None:
        said = f"{cursor.path} may tell when a row has changed, but no filter could be tried: {middle.why}"
        return Changes(Guess(None, Confidence.LIKELY, said))
    value = next(value for value in cursor.values if value is not None and moment(value) == middle.value)
    trial = _Trial(api, endpoint, page, path, cursor, middle.value, value)
    param = trial.search([hint] if hint else []) or trial.search(_names(cursor.key), hint)
    if param is None:
        said = f"{cursor.path} tells when a row has changed, but no filter by it was found: each run reads all rows"
        return Changes(Guess(None, Confidence.LIKELY, said))
    return trial.found(param)


class _Trial:
    """Asks from the middle of what has come on, by one parameter or by many at once."""

    def __init__(
        self, api: Api, endpoint: Endpoint, page: Seen, path: str, cursor: _Cursor, middle: datetime, value: Any
    ) -> None:
        self._api, self._endpoint, self._page, self._path = api, endpoint, page, path
        self._cursor, self._middle, self._value = cursor, middle, value
        self._told: dict[str, tuple[Outcome, str]] = {}
        self._was_refused = False

    def search(self, names: Sequence[str], hint: str | None = None) -> str | None:
        """The parameter that is honoured: all at once first, since most APIs pass over what they do not know."""
        wanted = [name for name in names if name != hint]
        if len(wanted) < 2:
            return next((name for name in wanted if self._is_honoured([name])), None)
        if not self._is_honoured(wanted):
            # A strict API refuses what it does not know, and all of it with that.
            return next((name for name in wanted[:3] if self._was_refused and self._is_honoured([name])), None)
        while len(wanted) > 1:
            half = wanted[: len(wanted) // 2]
            wanted = half if self._is_honoured(half) else wanted[len(half) :]
        return wanted[0] if self._is_honoured(wanted) else None

    def found(self, param: str) -> Changes:
        """What is asked by that parameter."""
        outcome, text = self._told[param]
        incremental: dict[str, Any] = {"cursor_path": self._cursor.path}
        if self._endpoint.in_body:
            # There the parameter is a field of the body, which always has a value.
            incremental["initial_value"] = alike(self._value, _EPOCH)
        else:
            incremental["start_param"] = param
        if outcome is Outcome.WARNING:
            incremental["lag"] = 1
        if None in self._cursor.values:
            incremental["on_cursor_value_missing"] = "include"
        said = f"{text}. Rows that are deleted are not told so: sync --full-refresh finds them"
        return Changes(Guess(incremental, Confidence.CERTAIN, said), param)

    def _is_honoured(self, names: Sequence[str]) -> bool:
        seen = placed(self._api.ask(self._endpoint, dict.fromkeys(names, self._value)), self._path)
        self._was_refused = seen.status != 200
        if self._was_refused or not seen.rows:
            return False
        try:
            moments = [None if value is None else moment(value) for value in _values(seen.rows, self._cursor.path)]
        except (ValueError, OverflowError, OSError):
            return False
        far = sum(each is not None and each < self._middle - _ROUGH for each in moments)
        before, has_more = self._cursor.moments, len(seen.rows) >= len(self._page.rows)
        alike = same(seen.rows, self._page.rows)
        told = judge_filter(Answered(names[0], self._middle, before, moments, alike, far, has_more))
        self._told[names[0]] = told
        return told[0] is not Outcome.FAILED and told[0] is not Outcome.UNTESTED


def _cursor_of(rows: Sequence[Row]) -> _Cursor | None:
    """The column of times of change: by its name, and by what stands in it."""
    paths = list(_paths(rows[0], (), _DEPTH)) if rows else []
    found = [cursor for keys in paths if (cursor := _times(rows, keys)) is not None]
    return min(found, key=lambda cursor: (cursor.values.count(None), len(cursor.path)), default=None)


def _paths(row: Mapping[str, Any], keys: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
    for key, value in row.items():
        if isinstance(value, Mapping) and depth > 1:
            yield from _paths(value, (*keys, key), depth - 1)
        elif _CHANGED.fullmatch(key) and not _CREATED.search(key):
            yield (*keys, key)


def _times(rows: Sequence[Row], keys: Sequence[str]) -> _Cursor | None:
    path = path_of(keys)
    values = tuple(_values(rows, path))
    try:
        known = [moment(value) for value in values if value is not None]
    except (ValueError, OverflowError, OSError):
        return None
    return _Cursor(path, keys[-1], values) if known and min(known) > _LONGEST_AGO else None


def _values(rows: Sequence[Row], path: str) -> Iterator[Any]:
    for row in rows:
        value: Any = row
        for key in path.split("."):
            value = value.get(key.strip("'")) if isinstance(value, Mapping) else None
        yield value


def _names(key: str) -> list[str]:
    """How a filter by a column may be called, the likeliest first."""
    stem = re.sub(r"(_?(at|on|date|time))$", "", key, flags=re.IGNORECASE) or key
    own = [f"{key}[gte]", f"{key}__gte", f"{key}_gte", f"{key}_since", f"{key}_after", f"{key}_from", f"{key}_min"]
    own += [f"min_{key}", f"{stem}_since", f"{stem}_after", f"{stem}Since", f"{stem}After", f"filter[{key}][gte]"]
    return list(dict.fromkeys([*_USUAL, *own]))
