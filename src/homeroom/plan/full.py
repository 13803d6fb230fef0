"""Reads of all rows of a resource that is else asked for what is new: now and then (`full_every`), or once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from homeroom.errors import Problem
from homeroom.plan.checks import own_cursor_problems
from homeroom.plan.resource import ResourcePlan, SourcePlan, setting_place
from homeroom.values import ResourceSettings, SyncSettings


def with_full_reads(
    plans: Sequence[ResourcePlan], sync: SyncSettings
) -> tuple[tuple[ResourcePlan, ...], list[Problem]]:
    """The plans with `full_every`, and what stands against it where a resource asks for it by itself.

    The general setting is for the resources against which nothing stands.
    """
    own = {plan.name: sync.resources.get(plan.name, ResourceSettings()).full_every_s for plan in plans}
    named = {plan.name: plan for plan in plans}
    found: dict[str, ResourcePlan] = {}
    problems: list[Problem] = []
    for plan in plans:  # parents come first
        every = own[plan.name] or (None if plan.name in sync.naming_deleted else sync.full_every_s)
        against = [] if every is None else list(_problems(plan, {**named, **found}, sync))
        problems += against if own[plan.name] is not None else []
        found[plan.name] = plan if every is None or against else _in_full(plan, timedelta(seconds=every))
    return tuple(found.values()), problems


def refreshing(plan: SourcePlan, but: Collection[str]) -> SourcePlan:
    """The plan with every `incremental` asking for all there is, `but` some; one with an end asks for its span as ever.

    What names deleted rows is left out: it may name rows that came again before its last read.
    """
    whole = [_in_full(r, timedelta(0)) if _remembers(r) and r.name not in but else r for r in plan.resources]
    return replace(plan, resources=tuple(whole))


def _remembers(plan: ResourcePlan) -> bool:
    return plan.incremental is not None and plan.incremental.cursor.end_value is None


def _in_full(plan: ResourcePlan, every: timedelta) -> ResourcePlan:
    own = () if plan.incremental is None else (plan.incremental,)
    return replace(plan, queries=plan.queries or own, full_every=every)


def _problems(plan: ResourcePlan, named: Mapping[str, ResourcePlan], sync: SyncSettings) -> Iterator[Problem]:
    at = setting_place(plan.name, "full_every")
    if plan.name in sync.naming_deleted:
        # What it named long ago may have come again before its last read, and would be taken out.
        yield Problem(at, "its rows name deleted ones (deleted_in), and are asked for once", hint="leave it out")
    yield from own_cursor_problems(at, plan.hints, plan.incremental)
    above = named.get(plan.parent or "")
    while above is not None:
        if above.incremental is not None and above.full_every is None:
            hint = "set full_every there too"
            yield Problem(at, f"{above.name}, for whose rows it is read, is never read in full", hint=hint)
        above = named.get(above.parent or "")
    doubled = (each for each in named.values() if each.appends and each.incremental is None)
    for child in (each for each in doubled if _descends(each, plan.name, named)):
        hint = "set write_disposition: merge and primary_key there"
        yield Problem(at, f"{child.name} is read for its rows and appends: all of that would be there twice", hint=hint)


def _descends(plan: ResourcePlan, ancestor: str, named: Mapping[str, ResourcePlan]) -> bool:
    parent = named.get(plan.parent or "")
    return parent is not None and (parent.name == ancestor or _descends(parent, ancestor, named))
