"""The paths of a description side by side: which lists are the same in an older version, and what each is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from homeroom.draft.described.document import Operation, parameters_in
from homeroom.draft.described.listing import Listing
from homeroom.draft.described.words import is_version, noun, singular, version_of

_VAGUE = {"children", "related", "all", "list", "items", "search", "history", "details", "values", "results"}
"""What names nothing without what stands in front of it."""

Route = tuple[str, ...]
"""A path to compare: versions and the names of parameters do not count."""


def route(segments: Sequence[str]) -> Route:
    """The route of a path's segments."""
    named = (each.removesuffix(".json") for each in segments if not is_version(each))
    return tuple("{}" if parameters_in(each) else each for each in named)


def common_prefix(listings: Iterable[Listing]) -> Route:
    """The segments that all lists have in front, and that are therefore of the base URL; empty where there are none.

    The last segment of a list is its own; and where all lists lie under one, that one names something.
    """
    fronts = [tuple(takewhile(lambda each: not parameters_in(each), one.operation.segments)) for one in listings]
    if not fronts:
        return ()
    first, last = min(fronts), max(fronts)
    shared = tuple(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    if any(len(front) <= len(shared) for front in fronts):
        shared = shared[:-1]
    following = {front[len(shared)] for front in fronts if len(front) > len(shared)}
    is_one_list = len(following) == 1 and len(shared) > 0 and not _looks_like_api(shared[-1])
    return shared[:-1] if is_one_list else shared


def _looks_like_api(segment: str) -> bool:
    return is_version(segment) or segment.lower() in ("api", "rest", "public", "services")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Lists, each in its newest version; `older` maps each other to the one taken."""

    listings: tuple[Listing, ...]
    older: tuple[tuple[Listing, Listing], ...]


def newest(listings: Iterable[Listing]) -> Chosen:
    """One list of each route: not deprecated before deprecated, then the newest version."""
    by_route: dict[Route, list[Listing]] = {}
    for one in listings:
        by_route.setdefault(route(one.operation.segments), []).append(one)
    taken, older = [], []
    for versions in by_route.values():
        best = max(versions, key=lambda one: (not one.operation.deprecated, _version(one.operation)))
        taken.append(best)
        older += [(one, best) for one in versions if one is not best]
    return Chosen(tuple(taken), tuple(older))


def _version(operation: Operation) -> tuple[int, ...]:
    return next((version_of(segment) for segment in operation.segments if is_version(segment)), ())


def named(listings: Sequence[Listing], prefix: Route, spelled: Callable[[str], str]) -> Mapping[str, str]:
    """A name for the list of each path, unique and as short as that allows; `spelled` makes a table's name of a text.

    The literal segments behind the last parameter, and in front of these as many as are needed, in the singular. A
    list whose name needs nothing in front has it before others.
    """
    parts = {one.operation.path: _parts(one, len(prefix), spelled) for one in listings}
    names: dict[str, str] = {}
    waiting = list(parts)
    for used in range(1, max((len(each) for each in parts.values()), default=0) + 1):
        by_name: dict[str, list[str]] = {}
        for path in waiting:
            by_name.setdefault(_name(parts[path], used), []).append(path)
        for name, paths in by_name.items():
            whole = [path for path in paths if len(parts[path]) <= used]
            owner = paths[0] if len(paths) == 1 else whole[0] if len(whole) == 1 else None
            if owner is not None and name not in names.values():
                names[owner] = name
        waiting = [path for path in waiting if path not in names]
    for path in waiting:
        names[path] = _numbered(_name(parts[path], len(parts[path])), names.values())
    return names


def _parts(one: Listing, skipped: int, spelled: Callable[[str], str]) -> list[str]:
    """Runs of literal segments, the last one first."""
    runs: list[list[str]] = [[]]
    for segment in one.operation.segments[skipped:]:
        if parameters_in(segment):
            runs.append([])
        elif not is_version(segment):
            runs[-1].append(spelled(segment.removesuffix(".json")))
    found = [[*map(singular, run[:-1]), run[-1]] for run in runs if run] or [["rows"]]
    texts = ["_".join(run) for run in found]
    if one.ends_in_parameter:
        parameter = parameters_in(one.operation.segments[-1])[-1]
        texts[-1] += f"_by_{noun(parameter) or spelled(parameter)}"
    texts.reverse()
    if len(texts) > 1 and texts[0] in _VAGUE:
        texts[:2] = [f"{singular(texts[1])}_{texts[0]}"]
    return texts


def _name(parts: Sequence[str], used: int) -> str:
    return "_".join([*(singular(part) for part in parts[1:used][::-1]), parts[0]])


def _numbered(name: str, taken: Iterable[str]) -> str:
    used, number = {*taken}, 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}" if name in used else name
