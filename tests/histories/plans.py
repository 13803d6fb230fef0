"""What stays the same for a whole history: how its lists are read, and what the config says of their deletes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from .model import DELETED, Rules

OPENED = datetime.combine(datetime.now(UTC).date() - timedelta(days=40), time(), UTC)
"""When the school opens: some windows ago, and not so long that pages of a run count as old."""

WAYS = ("keep", "soft", "hard", "soft", "hard")
STRATEGIES = ("delete-insert", "upsert")
STYLES = ("offset", "offset, no total", "cursor", "pages")
SETTINGS: Mapping[str, Any] = {
    "retry": {"attempts": 6, "first_wait_s": 0.001, "max_wait_s": 0.002, "stop_after": 10_000}
}
"""A run that is stopped leaves what landed to the run after the next: not in histories yet."""


@dataclass(frozen=True)
class Increments:
    """A list that is asked for what is new. `lag_s` seconds are asked for once more; `windows`: in spans of a week."""

    lag_s: int
    windows: bool
    since: str
    """The dial: whether the API gives the moment that is asked for."""
    ignored: bool
    """Whether the API knows no filter."""
    is_bounded: bool
    """Whether `initial_value` says from when on there may be rows."""
    full_days: int
    """After how many days all is read again (`full_every`); 0: never."""
    by_version: bool
    """Whether it is asked by change versions, and not by times."""

    @property
    def picks_none(self) -> bool:
        """Whether whatever comes is merged: cursors of our own pick no row, dlt's does."""
        return self.by_version or bool(self.full_days)


@dataclass(frozen=True)
class Family:
    """How sections and enrollments are deleted."""

    sections: str
    enrollments: str
    by_parent: bool
    """Whether sections are asked for what is new, and enrollments say by a column to which of them they belong."""
    own_cursors: bool = False
    """Whether enrollments are asked for what is new, of each section from where its own were read to."""


@dataclass(frozen=True)
class Plan:
    """The config of a history. `people` stand alone; `sections` have `enrollments`, where there are any."""

    style: str
    increments: Increments | None
    deletes: str
    buries: bool
    strategy: str
    contract: str
    """What the config says of columns that are new in people; empty: nothing."""
    as_objects: bool
    """Whether a step of Python stands between page and table."""
    page: int
    children: Family | None
    is_named: bool
    """Whether a list of deletes is read, which names people."""

    @property
    def with_cursor(self) -> tuple[str, ...]:
        """The lists that are asked for what is new."""
        people = ("people",) if self.increments else ()
        if not self.children:
            return people
        sections = ("sections",) if self.children.by_parent else ()
        return (*people, *sections, *(("enrollments",) if self.children.own_cursors else ()))

    @property
    def with_times(self) -> tuple[str, ...]:
        """Those of them of which a span of time may be asked for."""
        by_version = self.increments is not None and self.increments.by_version
        return tuple(name for name in self.with_cursor if name != "people" or not by_version)

    @property
    def may_stay(self) -> bool:
        """Whether the cursor of people may stay: windows are left out where the first one brings all."""
        return self.increments is not None and self.increments.windows and self.increments.ignored

    @property
    def of_one_piece(self) -> tuple[tuple[str, ...], ...]:
        """Lists that hang together: while pages are left of one, those of all are."""
        if self.children and self.children.own_cursors:
            return (("people",), ("sections", "enrollments"))
        return tuple((name,) for name in self.lists)

    @property
    def lists(self) -> tuple[str, ...]:
        return ("people", "sections", "enrollments") if self.children else ("people",)

    def rules(self, name: str) -> Rules:
        if name == "people":
            return Rules(self.deletes, self.buries)
        assert self.children
        return Rules(self.children.enrollments if name == "enrollments" else self.children.sections)

    def dials(self) -> dict[str, Any]:
        told = {"total": "absent" if self.style == "offset, no total" else "body"}
        if self.increments:
            told |= {"since": self.increments.since, "ignore_filters": "on" if self.increments.ignored else "off"}
        return {**told, "deleted": "marked" if self.buries else "gone"}

    def sync(self) -> dict[str, Any]:
        """The `sync:` section."""
        people: dict[str, Any] = {"deletes": self.deletes}
        if self.buries and self.deletes != "keep":
            people["deleted_when"] = f"status == {DELETED}"
        if self.increments and self.increments.windows:
            people["window"] = "7d"
        if self.increments and self.increments.full_days:
            people["full_every"] = f"{self.increments.full_days}d"
        if self.increments and self.increments.by_version:
            people["by_change_version"] = True
        if self.is_named:
            people["deleted_in"] = {"resource": NAMING, "by": {"id": "id"}}
        resources = {"people": people}
        if self.children:
            resources["sections"] = {"deletes": self.children.sections}
            resources["enrollments"] = {"deletes": self.children.enrollments}
            if self.children.by_parent:
                resources["enrollments"]["parent_column"] = "section_id"
            if self.children.own_cursors:
                resources["enrollments"]["cursor_per_parent"] = True
        versions = {"change_versions": VERSIONS} if self.increments and self.increments.by_version else {}
        return {**SETTINGS, **versions, "resources": resources}

    def resources(self) -> list[dict[str, Any]]:
        """The `resources:` of the source."""
        people: dict[str, Any] = {"name": "people", "endpoint": self._endpoint()}
        if self.contract:
            people["schema_contract"] = {"columns": self.contract}
        return [people, *([DELETES] if self.is_named else ()), *self._family()]

    def _family(self) -> list[dict[str, Any]]:
        if not self.children:
            return []
        enrollments: dict[str, Any] = {"path": "/v1/sections/{resources.sections.id}/enrollments"}
        sections: dict[str, Any] = {"path": "/v1/sections"}
        if self.children.by_parent:
            sections["incremental"] = dict(SINCE)
        if self.children.own_cursors:
            enrollments["incremental"] = dict(SINCE)
        return [{"name": "sections", "endpoint": sections}, {"name": "enrollments", "endpoint": enrollments}]

    def defaults(self) -> dict[str, Any]:
        """The `resource_defaults:` of the source."""
        paging = {"data_selector": "data", "paginator": {"type": "offset", "limit": self.page}}
        way = {"disposition": "merge", "strategy": self.strategy}
        return {"primary_key": "id", "write_disposition": way, "endpoint": paging}

    def _endpoint(self) -> dict[str, Any]:
        if self.style == "cursor":
            paging: dict[str, Any] = {"type": "cursor", "cursor_path": "cursors.next"}
            return self._other("cursor", "results", paging, "limit")
        if self.style == "pages":
            paging = {"type": "page_number", "base_page": 1, "page_param": "page", "total_path": "total_pages"}
            return self._other("page", "items", paging, "per_page")
        asked: dict[str, Any] = {"path": "/v1/people"}
        if self.increments:
            asked["incremental"] = self._cursor(self.increments)
        return asked

    def _cursor(self, increments: Increments) -> dict[str, Any]:
        if increments.by_version:
            return {"cursor_path": "updated_at", "start_param": "minChangeVersion", "end_param": "maxChangeVersion"}
        asked: dict[str, Any] = dict(SINCE)
        if not increments.is_bounded:
            del asked["initial_value"]
        if increments.windows:
            asked["end_param"] = "updated_until"
        if increments.lag_s:
            asked["lag"] = increments.lag_s
        return asked

    def _other(self, path: str, selector: str, paging: dict[str, Any], size: str) -> dict[str, Any]:
        return {
            "path": f"/{path}/people",
            "data_selector": selector,
            "paginator": paging,
            "params": {size: self.page},
        }


def written(moment: datetime) -> str:
    """As the school writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


SINCE = {"cursor_path": "updated_at", "initial_value": written(OPENED), "start_param": "updated_since"}
DAY_S = 86_400

PATHS = {"people": "/v1/people", "enrollments": "/v1/sections/1/enrollments"}
"""A path of those lists that a filter may be ignored for, and every row be merged that comes."""
NAMING = "people_deletes"
DELETES: Mapping[str, Any] = {
    "name": NAMING,
    "primary_key": ["id", "changeVersion"],
    "write_disposition": {"disposition": "merge", "strategy": "insert-only"},
    "endpoint": {"path": "/v1/people/deletes"},
}
VERSIONS = {"path": "/changes/availableChangeVersions", "newest": "newestChangeVersion"}

TIMES = st.builds(
    Increments,
    lag_s=st.sampled_from((0, 5 * DAY_S)),
    windows=st.booleans(),
    since=st.sampled_from(("inclusive", "exclusive")),
    ignored=st.sampled_from((False, False, False, True)),
    is_bounded=st.booleans(),
    full_days=st.sampled_from((0, 0, 2, 5)),
    by_version=st.just(False),
)
VERSIONED = st.builds(
    Increments,
    lag_s=st.just(0),
    windows=st.just(False),
    since=st.just("inclusive"),
    ignored=st.sampled_from((False, False, False, True)),
    is_bounded=st.just(False),
    full_days=st.sampled_from((0, 0, 2, 5)),
    by_version=st.just(True),
)
IN_FULL = st.one_of(TIMES, VERSIONED).map(lambda asked: replace(asked, full_days=2, is_bounded=False))
BY_DLT = TIMES.map(lambda asked: replace(asked, full_days=0, ignored=False))
INCREMENTS = st.one_of(st.none(), TIMES, VERSIONED)

DELETING = st.sampled_from(WAYS[1:])
PLAIN = st.builds(Family, st.sampled_from(WAYS), st.sampled_from(WAYS), st.just(False))
BY_PARENT = st.builds(Family, st.sampled_from(WAYS), st.sampled_from(WAYS), st.just(True))
OWN_CURSORS = st.builds(Family, st.sampled_from(WAYS), st.sampled_from(WAYS), st.just(False), st.just(True))
ALONE = st.none()

NO, YES = st.just(False), st.just(True)
ANY: Mapping[str, st.SearchStrategy[Any]] = {
    "increments": INCREMENTS,
    "deletes": st.sampled_from(WAYS),
    "buries": st.sampled_from((False, False, True)),
    "is_named": st.sampled_from((False, False, True)),
    "contract": st.just(""),
    "children": st.one_of(ALONE, ALONE, PLAIN, BY_PARENT, OWN_CURSORS),
}
BARE = {"buries": NO, "is_named": NO}
FOCI: tuple[Mapping[str, st.SearchStrategy[Any]], ...] = (
    ANY,
    {"increments": st.none(), "deletes": DELETING, **BARE, "children": ALONE},
    {"increments": st.none(), "deletes": DELETING, **BARE, "children": st.one_of(ALONE, PLAIN)},
    {"increments": st.none(), "contract": st.sampled_from((*("discard_row",) * 3, "freeze", "discard_value"))},
    {"deletes": DELETING, "buries": YES},
    {"deletes": DELETING, "buries": NO, "is_named": YES, "children": ALONE},
    {"increments": TIMES, "children": ALONE},
    {"increments": BY_DLT, "children": PLAIN},
    {"increments": VERSIONED, "children": st.one_of(ALONE, PLAIN, PLAIN)},
    {"increments": IN_FULL, "deletes": DELETING, **BARE, "children": ALONE},
    {"children": BY_PARENT},
    {"children": OWN_CURSORS},
)
"""What a plan is for, so that each rule is met as often as any other: what is not said there is drawn from `ANY`."""


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan that the config may have."""
    drawn = {**ANY, **draw(st.sampled_from(FOCI))}
    increments = draw(drawn["increments"])
    children, deletes, buries = (draw(drawn[name]) for name in ("children", "deletes", "buries"))
    # Where each list may be proved or not, nobody outside can say of which parents the children are known.
    is_told = children is not None and (children.by_parent or children.own_cursors)
    styles = ("offset",) if is_told else STYLES[:2] if increments else STYLES
    return Plan(
        style=draw(st.sampled_from(styles)),
        increments=increments,
        deletes=deletes,
        buries=buries,
        strategy=draw(st.sampled_from(STRATEGIES)),
        contract=draw(drawn["contract"]),
        as_objects=draw(st.booleans()),
        page=draw(st.sampled_from((10, 3, 3, 100))),
        children=children,
        is_named=deletes != "keep" and not buries and draw(drawn["is_named"]),
    )
