"""From `casts` of a resource to the fields that they act on, and what stands against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from homeroom.dlt_seam import rest_api as seam
from homeroom.dlt_seam.extraction import column_namer
from homeroom.errors import Problem
from homeroom.plan.resource import ResourcePlan, setting_place
from homeroom.values import FieldCast, ResourceSettings

_NO_TYPES = ("null_if_zero", "list")


def field_casts(settings: ResourceSettings) -> tuple[FieldCast, ...]:
    """The casts of a resource, those of fields that others lie in first; without those that cannot be."""
    found = ((_keys(path), cast) for path, cast in settings.casts.items())
    casts = [FieldCast(keys, cast) for keys, cast in found if keys]
    return tuple(sorted(casts, key=lambda each: len(each.keys)))


def cast_problems(
    name: str, resource: Mapping[str, Any], settings: ResourceSettings, incremental: seam.IncrementalPlan | None
) -> Iterator[Problem]:
    """Each cast that cannot be honoured; `resource` has its defaults merged."""
    if not settings.casts:
        return
    usual_name = column_namer(None)
    declared = _declared(resource.get("columns"), usual_name)
    cursors = [] if incremental is None or settings.by_change_version else [incremental.cursor.cursor_path]
    cursors += [each.cursor_path for each in settings.further_cursors]
    for path, cast in settings.casts.items():
        at, keys = setting_place(name, f"casts.{path}"), _keys(path)
        types = [kind for kind in cast.kinds if kind not in _NO_TYPES]
        if not keys:
            hint = "write it as customer.active; lists on the way are gone through"
            yield Problem(at, "is no path of keys", repr(path), hint=hint)
            continue
        if len(types) > 1:
            yield Problem(
                at, "a value has one type", ", ".join(types), hint="keep one of them", code="settings-conflict"
            )
        if not cast.kinds and (len(keys) > 1 or cast.date == cast.time):
            yield Problem(at, "one time is made of two fields of the row itself, into a third one", repr(path))
        each = FieldCast(keys, cast)
        for cursor in cursors:
            if _touches(each, _keys(cursor) or ()):
                why = f"the cursor {cursor} is compared as the API gives it, and sent back to it"
                yield Problem(
                    at,
                    why,
                    hint="leave the cast out; a view in the database can cast the column",
                    code="settings-conflict",
                )
        other = declared.get(usual_name(keys[0])) if len(keys) == 1 else None
        if other is not None and each.data_type not in (None, other):
            why = f"makes {each.data_type} of the column, and columns declares {other}"
            yield Problem(at, why, hint="let both say the same", code="settings-conflict")


def taken_problems(plans: Iterable[ResourcePlan]) -> Iterator[Problem]:
    """Casts of fields that requests of children are made with."""
    by_name = {plan.name: plan for plan in plans}
    for child in by_name.values():
        for field in sorted({str(param.resolve_config["field"]) for param in child.resolved}):
            casts = by_name[child.parent].casts if child.parent in by_name else ()
            for each in casts:
                if _touches(each, _keys(field) or ()):
                    at = setting_place(str(child.parent), f"casts.{'.'.join(each.keys)}")
                    why = f"requests of {child.name} are made with {field} as the API gives it"
                    yield Problem(at, why, hint="leave the cast out", code="settings-conflict")


def _keys(path: str) -> tuple[str, ...] | None:
    """The keys of a path; None for another JSONPath, or for none."""
    try:
        return seam.json_path(path).keys
    except Exception:  # jsonpath_ng raises plain Exception subclasses of its lexer and parser
        return None


def _touches(each: FieldCast, keys: Sequence[str]) -> bool:
    """Whether a cast acts on the field that keys lead to, on one in it or on one around it."""
    acted = [each.keys] if each.cast.kinds else [each.keys, (each.cast.date,), (each.cast.time,)]
    return any(a[: len(keys)] == tuple(keys)[: len(a)] for a in acted if keys)


def _declared(columns: Any, usual_name: Callable[[str], str]) -> dict[str, str]:
    """The types that a config declares, by the usual names of the columns."""
    if isinstance(columns, Mapping):
        pairs = [(str(name), column) for name, column in columns.items()]
    else:
        pairs = [(str(column.get("name")), column) for column in columns] if isinstance(columns, list) else []
    return {usual_name(name): str(c["data_type"]) for name, c in pairs if isinstance(c, Mapping) and c.get("data_type")}
