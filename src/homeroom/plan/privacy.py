"""Rules of privacy by resource: which hold for columns that refer to others, and what stands against one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.dlt_seam.extraction import column_namer
from homeroom.errors import Problem
from homeroom.plan.resource import ResourcePlan, SourcePlan, setting_place
from homeroom.privacy import Book, Guess, PrivacySettings, Rule, class_rules, guess_of
from homeroom.privacy.book import SEPARATOR
from homeroom.privacy.person import singular
from homeroom.privacy.profiles import without_places_around
from homeroom.values import ResourceSettings, SyncSettings

At = tuple[str, str]
"""A table and a column of it."""

_SECTION = "privacy.columns"
_NO_SETTINGS = ResourceSettings()


def rules_of(plan: SourcePlan, settings: PrivacySettings, sync: SyncSettings) -> Mapping[str, Mapping[At, Rule]]:
    """The rules of each resource that has any, by table and column: those of `columns`, then those of the classes.

    A column that refers to a hidden one has its rule, where the config gives it none of its own: a field that
    `include_from_parent` brings, with all that is in it, one that dlt's `references` tell of, one by which `deleted_in`
    names deleted rows; and one that is named for a key which is hashed. So an id is hidden the same wherever it stands.
    Where everything that names a person is hidden, what rows are told apart by, and referred to by, is hashed.
    """
    if not settings.hides:
        return {}
    name = column_namer(None)
    guess = guess_of(settings, name)
    own: dict[At, Rule] = {(name(table), name(column)): rule for (table, column), rule in settings.columns.items()}
    tables = {each.name: table_of(each) for each in plan.resources}
    pairs = [p for each in plan.resources for p in references_of(each, tables, _settings_of(each, sync))]
    inner = {at for pair in pairs for at in pair}
    rules = without_places_around({**class_rules(settings, name), **own}, inner, {*own})
    if settings.profile == "deidentified":
        _hash_keys({*_keys(plan, tables), *(source for _, source in pairs)} - own.keys(), rules, guess)
    # One refers to another that refers to a third, in any order.
    for _ in range(len(pairs) + 1):
        before = dict(rules)
        rules |= {at: "hash" for at in _named_for_hashed_keys(plan, tables, rules) if at not in own}
        for at, source in pairs:
            _follow(at, source, rules, own, guess)
        if rules == before:
            break
    own_rules = {each.name: _within(tables[each.name], rules) for each in plan.resources}
    return {resource: found for resource, found in own_rules.items() if found}


def _named_for_hashed_keys(plan: SourcePlan, tables: Mapping[str, str], rules: Mapping[At, Rule]) -> Iterator[At]:
    """The columns of other tables that are named for a key which is hashed: `user_id` for `users.id`, and for
    `users.user_id`.

    Root tables alone: which others are nested in them nobody knows before rows come.
    """
    name = column_namer(None)
    for each in plan.resources:
        table, key = tables[each.name], _key(each)
        if len(key) == 1 and rules.get((table, name(key[0]))) == "hash":
            column, thing = name(key[0]), singular(table)
            named = [f"{thing}_{column}", *([column] if column.startswith(f"{thing}_") else [])]
            yield from ((other, one) for other in dict.fromkeys(tables.values()) if other != table for one in named)


def _hash_keys(keys: set[At], rules: dict[At, Rule], guess: Guess | None) -> None:
    """Have what rows are told apart and referred to by hashed, where the profile would take it out."""
    for table, column in keys:
        if Book(table, rules, column_namer(None), guess).rule_of(column) in ("drop", "mask"):
            rules[table, column] = "hash"


def _follow(at: At, source: At, rules: dict[At, Rule], own: Mapping[At, Rule], guess: Guess | None) -> None:
    """Give a column the rule of the one that it refers to."""
    book = Book(source[0], rules, column_namer(None), guess)
    rule = book.rule_of(source[1])
    if at not in own and rule != "keep":
        rules[at] = rule
    elif book.own_rule_of(source[1]) is not None:
        rules.setdefault(at, rule)  # or a profile might guess otherwise
    rules |= {inner: each for inner, each in _inside(at, source, rules).items() if inner not in own}


def _inside(at: At, source: At, rules: Mapping[At, Rule]) -> dict[At, Rule]:
    """The rules of what is in an object or a list, for a column that holds the same."""
    (table, column), (other, named) = at, source
    whole, listed = f"{table}{SEPARATOR}{column}", f"{other}{SEPARATOR}{named}"
    found = dict[At, Rule]()
    for (place, name), rule in rules.items():
        if place == other and name.startswith(f"{named}{SEPARATOR}"):
            found[table, column + name.removeprefix(named)] = rule
        elif place == listed or place.startswith(f"{listed}{SEPARATOR}"):
            found[whole + place.removeprefix(listed), name] = rule
    return found


def _keys(plan: SourcePlan, tables: Mapping[str, str]) -> Iterator[At]:
    for each in plan.resources:
        for column in (*_key(each), *_listed(each.hints.get("merge_key"))):
            yield tables[each.name], column_namer(None)(column)


def _settings_of(plan: ResourcePlan, sync: SyncSettings) -> ResourceSettings:
    return sync.resources.get(plan.name, _NO_SETTINGS)


def table_of(plan: ResourcePlan) -> str:
    """The name of a resource's root table; its own where rows choose their table."""
    name = plan.hints.get("table_name") or plan.name
    return column_namer(None)(name if isinstance(name, str) else plan.name)


def _within(table: str, rules: Mapping[At, Rule]) -> dict[At, Rule]:
    return {at: rule for at, rule in rules.items() if at[0] == table or at[0].startswith(f"{table}__")}


def references_of(plan: ResourcePlan, tables: Mapping[str, str], settings: ResourceSettings) -> Iterator[tuple[At, At]]:
    """The columns of a resource that the config says refer to others, each with the one that it refers to."""
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
    rules, guess = rules_of(plan, settings, sync), guess_of(settings, name)
    own = {(name(table), name(column)) for table, column in settings.columns}
    for table in dict.fromkeys(table for table, _ in own):
        if not any(table == each or table.startswith(f"{each}__") for each in known):
            yield Problem(_SECTION, "no resource makes such a table", repr(table), ", ".join(sorted(known)))
            return
    for each in plan.resources:
        found = rules.get(each.name, {})
        if callable(each.hints.get("table_name")) and own & found.keys():
            why = f"rows of {each.name} choose their table, so no rule can name their columns"
            yield Problem(_SECTION, why, hint="give it one table_name", code="settings-conflict")
        book = Book(table_of(each), found, name, guess)
        if callable(each.hints.get("columns")) and book.hides:
            why = f"columns of {each.name} are a model's, which would refuse what is stored instead"
            yield Problem(_SECTION, why, hint="declare them as a mapping", code="settings-conflict")
        if book.hides:
            yield from _needed(each, book, _settings_of(each, sync), own)


def _needed(plan: ResourcePlan, book: Book, settings: ResourceSettings, own: set[At]) -> Iterator[Problem]:
    """Columns that are needed as they come, or whose values must stay apart."""
    name = column_namer(None)

    def problem(column: str, why: str, hint: str) -> Problem:
        if (book.table, name(column.replace(".", "__"))) not in own:
            hint = "the profile hides it: give it the rule keep, if it may be stored"
        return Problem(_place(plan, column), why, hint=hint, code="settings-conflict")

    queries = plan.queries or ((plan.incremental,) if plan.incremental is not None else ())
    for query in () if plan.by_version else queries:
        path = query.cursor.cursor_path
        if (rule := book.rule_of(name(path.replace(".", "__")))) != "keep":
            why = f"its cursor {path} is compared and sent back as the API gives it, and its rule is {rule}"
            yield problem(path, why, "leave the rule out, or read it without an incremental")
    keys = {*_key(plan), *_listed(plan.hints.get("merge_key"))}
    for column in sorted(keys):
        if (rule := book.rule_of(name(column))) in ("drop", "mask"):
            why = f"rows are told apart by it, and {rule} makes many of them one"
            yield problem(column, why, "use hash, or another key")
    for column, _ in settings.deleted_when:
        if book.rule_of(name(column)) != "keep":
            why = f"{setting_place(plan.name, 'deleted_when')} asks the table for its values as they come"
            yield problem(column, why, "leave the rule out")


def _listed(key: Any) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(map(str, key)) if isinstance(key, list | tuple) else ()


def _place(plan: ResourcePlan, column: str) -> str:
    return f"{_SECTION}[{f'{table_of(plan)}.{column}'!r}]"
