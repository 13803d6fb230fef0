"""Resource by resource: what is asked for, and what is judged of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.check_run.came import after_steps, rows_of
from homeroom.check_run.filters import Answered, judge_filter, middle_of
from homeroom.check_run.findings import Aspect, Finding, Line, Outcome, finding, untested
from homeroom.check_run.grants import Grants
from homeroom.check_run.look import Looked, Looker
from homeroom.check_run.manners import Manners, parentless
from homeroom.check_run.paging import judge_paging, pages_seen
from homeroom.check_run.refused import judge_error, words
from homeroom.check_run.rows import judge_keys, judge_types
from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.declared_types import declared_types, misfit
from homeroom.dlt_seam.merging import way_of
from homeroom.dlt_seam.rest_api import CursorAtStart, IncrementalPlan, asking_from, json_path
from homeroom.errors import HomeroomError
from homeroom.events import Hook, ResourceFinished, ResourceStarted, emit
from homeroom.plan import ResourcePlan, SourcePlan, root_request
from homeroom.shape import RowRules, is_null, keys_of
from homeroom.source import RestApiSource
from homeroom.source.asked import asked_of, count_strays
from homeroom.source.asking import Ask, child_asks
from homeroom.source.chains import key_fields
from homeroom.source.cursors import values_of
from homeroom.values import Page
from homeroom.windows import Window


class Checker:
    """Asks for the resources of one config, parents before children, and judges what comes."""

    def __init__(
        self, plan: SourcePlan, source: RestApiSource, looker: Looker, grants: Grants, hooks: Sequence[Hook]
    ) -> None:
        self._plans = {each.name: each for each in plan.resources}
        self._source = source
        self._looker = looker
        self._grants = grants
        self._hooks = hooks
        self._rows: dict[str, list[Any]] = {}
        self._manners = Manners()

    def findings(self, name: str) -> list[Finding]:
        """What is to be said of one resource; those of its parent must have been asked for before."""
        plan = self._plans.get(name)
        if plan is None:
            return untested(name, [Aspect.PATH], "a DltResource of yours, which asks by itself")
        if why := self._unasked(plan):
            return untested(name, Aspect, why)
        emit(self._hooks, ResourceStarted(name))
        found = self._looked_at(plan)
        told = {each.verdict for each in found}
        worst = max(told - {Outcome.UNTESTED} or told, key=lambda verdict: verdict.rank)
        emit(self._hooks, ResourceFinished(name, str(worst), len(self._rows.get(name, ())), ""))
        return found

    def _unasked(self, plan: ResourcePlan) -> str:
        """Why a resource is not asked for; empty where it is."""
        return parentless(plan, self._plans, self._rows) or self._manners.why_not(plan)

    def _looked_at(self, plan: ResourcePlan) -> list[Finding]:
        query = plan.by_query()[0] if plan.queries else plan
        try:
            ask = self._ask(query, None if query.incremental is None else asking_from(query.incremental.cursor, None))
        except HomeroomError as error:
            return judge_error(plan.name, error, self._grants)
        looked = self._looker.first_pages(query, ask)
        self._manners.remember(plan, looked.error, has_page=looked.first is not None)
        if looked.error is not None:
            return judge_error(plan.name, looked.error, self._grants, key_works=self._manners.was_accepted(plan))
        if looked.first is None:
            why = looked.end.note if looked.end else ""
            return untested(plan.name, Aspect, f"a response action has ended the read: {why}")
        try:
            return self._judged(plan, query, ask, looked, looked.first)
        except HomeroomError as error:
            return judge_error(plan.name, error, self._grants)

    def _ask(self, plan: ResourcePlan, cursor: CursorAtStart | None) -> Ask:
        """The one request to begin with; of a child for the first row of its parent's first page."""
        if plan.parent is None:
            return Ask(root_request(plan, cursor), {})
        return child_asks(plan, self._rows[plan.parent][:1], cursor, None)[0]

    def _judged(self, plan: ResourcePlan, query: ResourcePlan, ask: Ask, looked: Looked, first: Page) -> list[Finding]:
        name, came = plan.name, _rows(plan, ask.given, looked)
        pages = [after_steps(plan, rows) for rows in _rows(plan, ask.given, looked)]
        self._rows[name] = pages[0]
        rules = self._rules(plan)
        kinds = {rules.namer(name): kind for name, kind in declared_types(self._source.resources[name]).items()}
        return [
            finding(name, Aspect.AUTH, (Outcome.OK, "the config sends no key" if plan.auth is None else "accepted")),
            finding(name, Aspect.PATH, (Outcome.OK, f"{first.place.partition('?')[0]} answers")),
            finding(name, Aspect.ENVELOPE, _envelope(plan, first)),
            judge_paging(name, pages_seen(plan, ask.request, looked, _repeated(looked, came, rules), bool(rules.key))),
            judge_keys(name, pages, rules, merges=plan.appends and _merges(plan), may_repeat=bool(key_fields(plan))),
            judge_types(name, pages, kinds, rules, misfit),
            finding(name, Aspect.FILTER, *self._filters(plan, first)),
            finding(name, Aspect.RIGHTS, self._rights(query, first)),
        ]

    def _rules(self, plan: ResourcePlan) -> RowRules:
        namer = seam.column_namer(self._source.schema)
        key, required = seam.declared_columns(self._source.resources[plan.name])
        return RowRules(tuple(map(namer, key)), tuple(map(namer, required)), namer)

    def _filters(self, plan: ResourcePlan, first: Page) -> Iterator[Line]:
        """Whether the API keeps to the filter of each query of the resource."""
        if plan.incremental is None:
            yield Outcome.UNTESTED, "no incremental"
        elif plan.by_version:
            yield Outcome.UNTESTED, "asked by change versions, which its rows do not hold"
        else:
            for query in plan.by_query() or [plan]:
                assert query.incremental is not None
                yield from self._filter(query, query.incremental, first, is_dlts=not plan.queries)

    def _filter(
        self, query: ResourcePlan, incremental: IncrementalPlan, first: Page, *, is_dlts: bool
    ) -> Iterator[Line]:
        cursor, path = incremental.cursor, json_path(incremental.cursor.cursor_path)
        before = list(values_of(first, path))
        lacking = sum(value is None for value in before)
        if lacking and is_dlts and cursor.on_cursor_value_missing == "raise":
            hint = "name another cursor_path, or set on_cursor_value_missing"
            yield Outcome.FAILED, f"{lacking} of {len(before)} rows have no {path.text}, the cursor_path: {hint}"
            return
        asked, param = asked_of(query, Window(None, None)), _param(query, incremental)
        middle = middle_of(before)
        if param is None or cursor.last_value_func is not max:
            why = "no start_param, so each run asks for all" if param is None else "the cursor does not run upwards"
            yield Outcome.UNTESTED, why
        elif middle.value is None:
            yield Outcome.UNTESTED, f"{param}: {middle.why}"
        else:
            at = CursorAtStart(cursor.initial_value, middle.value, middle.value, cursor.end_value)
            got = self._looker.first_page(query, self._ask(query, at))
            if not got.pages:
                told = words(query.name, got.error) if got.error else "a response action has ended the read"
                yield Outcome.FAILED, f"{param}: {told}"
                return
            page, values = got.pages[0], list(values_of(got.pages[0], path))
            far = count_strays(page, asked.field, Window(middle.value, None)) if asked else 0
            has_more = got.end is None or got.end.has_more
            same = page.body == first.body and page.facts.rows > 0
            yield judge_filter(Answered(param, middle.value, before, values, same, far, has_more))

    def _rights(self, plan: ResourcePlan, first: Page) -> Line:
        if first.facts.rows:
            return Outcome.OK, "rows came"
        if plan.parent is not None:
            return Outcome.UNTESTED, f"no row came for the one row of {plan.parent} that was asked with"
        if plan.incremental is not None and plan.incremental.cursor.initial_value is not None:
            return Outcome.UNTESTED, "no row came since the initial_value"
        told = "no row came: there is none, or the key may not see them"
        return Outcome.WARNING, self._grants.joined(told, self._grants.to_grant)


def _merges(plan: ResourcePlan) -> bool:
    return way_of(plan.hints.get("write_disposition")).disposition == "merge"


def _param(plan: ResourcePlan, incremental: IncrementalPlan) -> str | None:
    """By what rows are asked for from a value on; None where nothing does so."""
    if incremental.start_param:
        return incremental.start_param
    texts = {name: str(value) for name, value in plan.params.items()} | {
        "the path": plan.path,
        "the headers": str(plan.headers),
        "the body": f"{plan.json}{plan.data}",
    }
    return next((name for name, text in texts.items() if "{incremental." in text), None)


def _envelope(plan: ResourcePlan, first: Page) -> Line:
    """Where the rows stand in an answer."""
    rows, total, where = first.facts.rows, first.facts.row_total, first.selector.text
    at = "the answer is the list" if where == "$" else f"at {where}"
    if not rows and total:
        return Outcome.FAILED, f"the API says {total:,} rows, but there is none: {at}"
    if not rows:
        return Outcome.UNTESTED if plan.parent else Outcome.WARNING, f"an empty list: {at}"
    told = f"{rows:,} {'row' if rows == 1 else 'rows'}: {at}"
    if plan.selector is None and where != "$":
        return Outcome.WARNING, f"{told}, which is a guess; name it as data_selector"
    return Outcome.OK, told


def _rows(plan: ResourcePlan, given: Mapping[str, Any], looked: Looked) -> list[list[Any]]:
    """The rows of each page with the fields of their parent, those of a second page without the one it shares."""
    pages = []
    for page in (looked.first, looked.second):
        rows = rows_of(plan, page, given) if page is not None else []
        pages.append(rows[1:] if page is looked.second and looked.meets else rows)
    return pages


def _repeated(looked: Looked, pages: Sequence[Sequence[Any]], rules: RowRules) -> int:
    """How many rows of the second page were on the first one."""
    if looked.first is None or looked.second is None or not pages[1]:
        return 0
    if looked.first.body == looked.second.body or pages[0] == pages[1]:
        return len(pages[1])
    first, second = (keys_of(rows, rules) or [] for rows in pages)
    known = {key for key in first if not is_null(key)}
    return sum(key in known for key in second)
