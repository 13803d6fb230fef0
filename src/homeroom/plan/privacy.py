"""Rules of privacy by resource: which hold for columns that refer to others, and what stands against one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.dlt_seam.extraction import column_namer
from homeroom.errors import Problem
from homeroom.plan.resource import ResourcePlan, SourcePlan, setting_place
from homeroom.privacy import Book, PrivacySettings, Rule
from homeroom.values import ResourceSettings, SyncSettings

At = tuple[str, str]
"""A table and a column of it."""

_SECTION = "privacy.columns"
_NO_SETTINGS = ResourceSettings()


def rules_of(plan: SourcePlan, settings: PrivacySettings, sync: SyncSettings) -> Mapping[str, Mapping[At, Rule]]:
    """The rules of each resource that has any, by table and column.

    A column that refers to a hidden one has its rule, where the config gives it none of its own: a field that
    `include_from_parent` brings, one that dlt's `references` tell of, one by which `deleted_in` names deleted rows. So
    an id is hidden the same wherever it stands.
    """
    if not settings.columns:
        return {}
    name = column_namer(None)
    rules: dict[At, Rule] = {(name(table), name(column)): rule for (table, column), rule in settings.columns.items()}
    tables = {each.name: table_of(each) for each in plan.resources}
    for each in plan.resources:  # parents come before their children
        for own, source in _references(each, tables, sync.resources.get(each.name, _NO_SETTINGS)):
            rule = Book(source[0], rules, name).rule_of(source[1])
            if rule != "keep":
                rules.setdefault(own, rule)
    own_rules = {each.name: _within(tables[each.name], rules) for each in plan.resources}
    return {resource: found for resource, found in own_rules.items() if found}


def table_of(plan: ResourcePlan) -> str:
    """The name of a resource's root table; its own where rows choose their table."""
    name = plan.hints.get("table_name") or plan.name
    return column_namer(None)(name if isinstance(name, str) else plan.name)


def _within(table: str, rules: Mapping[At, Rule]) -> dict[At, Rule]:
    return {at: rule for at, rule in rules.items() if at[0] == table or at[0].startswith(f"{table}__")}


def _references(plan: ResourcePlan, tables: Mapping[str, str], settings: ResourceSettings) -> Iterator[tuple[At, At]]:
    """Columns, each with the one that it refers to."""
    name, own = column_namer(None), tables[plan.name]
    if plan.parent in tables:
        for field in plan.include_from_parent:
            yield (own, name(f"_{plan.parent}_{field}")), (tables[str(plan.parent)], name(field))
        for param in plan.resolved if settings.parent_column is not None else ():
            parent = tables[str(plan.parent)]
            yield (own, name(str(settings.parent_column))), (parent, name(param.resolve_config["field"]))
    for reference in plan.hints.get("references") or ():
        other = name(str(reference.get("referenced_table")))
        pairs = zip(reference.get("columns") or (), reference.get("referenced_columns") or (), strict=False)
        for column, referenced in pairs:
            yield (own, name(str(column))), (other, name(str(referenced)))
    for named in settings.deleted_in:
        for column, field in (named.by or {column: column for column in _key(plan)}).items():
            if named.resource in tables:
                yield (tables[named.resource], name(field)), (own, name(column))


def _key(plan: ResourcePlan) -> tuple[str, ...]:
    return _listed(plan.hints.get("primary_key"))


def privacy_problems(plan: SourcePlan, settings: PrivacySettings, sync: SyncSettings) -> Iterator[Problem]:
    """What stands against the rules: columns whose values are needed as they come, and tables that nobody knows."""
    name, known = column_namer(None), {table_of(each) for each in plan.resources}
    rules = rules_of(plan, settings, sync)
    for table, _ in dict.fromkeys(settings.columns):
        if not any(name(table) == each or name(table).startswith(f"{each}__") for each in known):
            yield Problem(_SECTION, "no resource makes such a table", repr(table), ", ".join(sorted(known)))
            return
    for each in plan.resources:
        if each.name not in rules:
            continue
        if callable(each.hints.get("table_name")):
            why = f"rows of {each.name} choose their table, so no rule can name their columns"
            yield Problem(_SECTION, why, hint="give it one table_name", code="settings-conflict")
        if callable(each.hints.get("columns")):
            why = f"columns of {each.name} are a model's, which would refuse what is stored instead"
            yield Problem(_SECTION, why, hint="declare them as a mapping", code="settings-conflict")
        book = Book(table_of(each), rules[each.name], name)
        yield from _needed(each, book, sync.resources.get(each.name, _NO_SETTINGS), name)


def _needed(plan: ResourcePlan, book: Book, settings: ResourceSettings, name: Any) -> Iterator[Problem]:
    """Columns that are needed as they come, or whose values must stay apart."""
    queries = plan.queries or ((plan.incremental,) if plan.incremental is not None else ())
    for query in () if plan.by_version else queries:
        path = query.cursor.cursor_path
        if (rule := book.rule_of(name(path.replace(".", "__")))) != "keep":
            why = f"its cursor {path} is compared and sent back as the API gives it, and its rule is {rule}"
            hint = "leave the rule out, or read it without an incremental"
            yield Problem(_place(plan, path), why, hint=hint, code="settings-conflict")
    keys = {*_key(plan), *_listed(plan.hints.get("merge_key"))}
    for column in sorted(keys):
        if (rule := book.rule_of(name(column))) in ("drop", "mask"):
            why, hint = f"rows are told apart by it, and {rule} makes many of them one", "use hash, or another key"
            yield Problem(_place(plan, column), why, hint=hint, code="settings-conflict")
    for column, _ in settings.deleted_when:
        if book.rule_of(name(column)) != "keep":
            why = f"{setting_place(plan.name, 'deleted_when')} asks the table for its values as they come"
            yield Problem(_place(plan, column), why, hint="leave the rule out", code="settings-conflict")


def _listed(key: Any) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(map(str, key)) if isinstance(key, list | tuple) else ()


def _place(plan: ResourcePlan, column: str) -> str:
    return f"{_SECTION}[{f'{table_of(plan)}.{column}'!r}]"
