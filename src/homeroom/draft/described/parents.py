"""Where the values of a list's parameters come from: which other list is its parent, and which field of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.draft.described.document import Document, Parameter, parameters_in
from homeroom.draft.described.keys import Keys
from homeroom.draft.described.listing import Listing
from homeroom.draft.described.routes import Route, route
from homeroom.draft.described.words import is_version, noun, plain, schema_noun, thing
from homeroom.draft.values import Confidence


@dataclass(frozen=True, slots=True)
class Bound:
    """How a list is asked for: each of its parameters by a field of its `parent`'s rows, or by a fixed value.

    `borrowed` maps a field of the parent's rows that its own parent gives to that grandparent's field: the parent
    must include it. `confidence` and `evidence` are those of the path.
    """

    parent: Listing | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    borrowed: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    """Required query parameters of which nothing gives a value."""
    confidence: Confidence = Confidence.CERTAIN
    evidence: str = "the path is described as a list"


@dataclass(frozen=True, slots=True)
class _Need:
    """A parameter that needs a value from elsewhere; `index` is the place of its segment, None in a query."""

    name: str
    index: int | None


class Parents:
    """The parents of all lists of a document; `names` are those of their resources, by path."""

    def __init__(self, document: Document, listings: Sequence[Listing], names: Mapping[str, str], keys: Keys) -> None:
        self._document = document
        self._listings = listings
        self._names = names
        self._keys = keys
        self._by_route: dict[Route, Listing] = {route(one.operation.segments): one for one in listings}
        self._known: dict[str, Bound | str] = {}

    def bound(self, one: Listing) -> Bound | str:
        """How to ask for a list; or why nothing gives what its path needs."""
        return self._bound(one, ())

    def _bound(self, one: Listing, trail: tuple[str, ...]) -> Bound | str:
        path = one.operation.path
        if path not in self._known:
            found = self._find(one, (*trail, path))
            if trail and isinstance(found, str):
                return found  # on another way to it there may be a parent that is on this one
            self._known[path] = found
        return self._known[path]

    def _find(self, one: Listing, trail: tuple[str, ...]) -> Bound | str:
        fixed, choices = self._fixed(one)
        needs = [_Need(name, index) for name, index in _path_parameters(one) if name not in fixed]
        asked = [each for each in one.operation.query if each.required and _is_without_value(each)]
        for name, value in ((each.name, _value_of(each)) for each in one.operation.query if each.required):
            if value is not None:
                fixed[name] = value
        if needs:
            found = self._by_parents(one, needs, trail)
            if isinstance(found, str):
                return found
            return self._finished(found, fixed, choices, tuple(each.name for each in asked))
        if len(asked) == 1 and noun(asked[0].name):
            by_query = self._by_parents(one, [_Need(asked[0].name, None)], trail)
            if isinstance(by_query, Bound):
                return self._finished(by_query, fixed, choices, ())
        return self._finished(Bound(), fixed, choices, tuple(each.name for each in asked))

    def _finished(
        self, found: Bound, fixed: Mapping[str, str], choices: Mapping[str, tuple[str, ...]], lacking: tuple[str, ...]
    ) -> Bound:
        said, confidence = [found.evidence], found.confidence
        for name, value in fixed.items():
            confidence = Confidence.GUESS
            rest = ", ".join(choices.get(name, ()))
            said.append(f"{name} must be given, {value} is taken" + (f" (it may also be {rest})" if rest else ""))
        for name in lacking:
            confidence = Confidence.GUESS
            said.append(f"the query parameter {name} must be given, and nothing says what: add it under params")
        return Bound(found.parent, found.fields, fixed, choices, found.borrowed, lacking, confidence, "; ".join(said))

    def _fixed(self, one: Listing) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
        """Path parameters that are no identifiers but one of a few words: the first of these, and the others."""
        fixed, choices = {}, {}
        for name, _ in _path_parameters(one):
            parameter = one.operation.parameter(name)
            values = tuple(map(str, parameter.shape.values)) if parameter else ()
            default = parameter.shape.raw.get("default") if parameter else None
            if values or isinstance(default, str):
                fixed[name] = default if isinstance(default, str) else values[0]
                choices[name] = tuple(value for value in values if value != fixed[name])
        return fixed, choices

    def _by_parents(self, one: Listing, needs: Sequence[_Need], trail: tuple[str, ...]) -> Bound | str:
        last, why = needs[-1], ""
        for candidate, sure, how in self._candidates(one, last):
            if candidate.operation.path in trail:
                continue
            bound = self._bound(candidate, trail)
            if isinstance(bound, str) or bound.lacking:
                why = f"; {self._names[candidate.operation.path]} would, but cannot be read itself"
                continue
            found = self._with(one, needs, candidate, bound)
            if found is None:
                continue
            fields, borrowed = found
            if not self._may_have(candidate, fields[last.name]):
                continue
            what = last.name if last.index is None else f"{{{last.name}}}"
            given = f"{what} is taken from {self._names[candidate.operation.path]}, {how}"
            return Bound(candidate, fields, borrowed=borrowed, confidence=sure, evidence=given)
        where = f"its path needs {{{last.name}}}" if last.index is not None else f"it needs {last.name}"
        return f"{where}, and no list of the description gives it{why}"

    def _candidates(self, one: Listing, need: _Need) -> Iterator[tuple[Listing, Confidence, str]]:
        """Lists whose items a parameter may identify, the likeliest first."""
        seen: set[str] = {one.operation.path}
        front = route(one.operation.segments[: need.index]) if need.index is not None else ()
        at = self._by_route.get(front)
        if at is not None and at.operation.path not in seen:
            seen.add(at.operation.path)
            yield at, Confidence.CERTAIN, "the list in front of it in the path"
        wanted = {noun(need.name), _noun_before(one, need)} - {""}
        named = [each for each in self._listings if each.operation.path not in seen and _last_noun(each) in wanted]
        own = noun(need.name)
        named.sort(key=lambda each: (-_shared(each, one), _last_noun(each) != own, _depth(each)))
        for each in named:
            yield each, Confidence.LIKELY, "the list of that name"

    def _with(
        self, one: Listing, needs: Sequence[_Need], parent: Listing, bound: Bound
    ) -> tuple[dict[str, str], dict[str, str]] | None:
        """A field of the parent's rows for each parameter; None where one has none."""
        fields = {needs[-1].name: self.identity(parent, needs[-1].name)}
        borrowed: dict[str, str] = {}
        above = {index: name for name, index in _path_parameters(parent)}
        for need in needs[:-1]:
            name = self._same(one, need, parent, above)
            if name is not None and name in bound.fields and bound.parent is not None:
                field_above = bound.fields[name]
                borrowed[f"_{self._names[bound.parent.operation.path]}_{field_above}"] = field_above
                fields[need.name] = f"_{self._names[bound.parent.operation.path]}_{field_above}"
                continue
            in_row = next((each for each in parent.row.properties if plain(each) == plain(need.name)), None)
            if in_row is None:
                return None
            fields[need.name] = in_row
        return fields, borrowed

    def _same(self, one: Listing, need: _Need, parent: Listing, above: Mapping[int, str]) -> str | None:
        """The parent's parameter that is the same as one of ours: behind the same segments, or of the same name."""
        front = route(one.operation.segments[: need.index])
        for index, name in above.items():
            if route(parent.operation.segments[:index]) == front:
                return name
        return next((name for name in above.values() if plain(name) == plain(need.name) and noun(name)), None)

    def identity(self, parent: Listing, parameter: str) -> str:
        """The field of the parent's rows that a parameter takes."""
        own, of = noun(parameter), schema_noun(parent.row.name)
        own = "" if own == "parent" else own
        same = next((name for name in parent.row.properties if plain(name) == plain(parameter)), None)
        is_its_own = not own or not of or of.endswith(own) or own.endswith(of)
        if same is not None and not is_its_own:
            return same
        key = self._keys.own(parent).value
        if len(key) == 1:
            return key[0]
        return same or "id"

    def _may_have(self, parent: Listing, name: str) -> bool:
        """Whether the parent's rows may have a field: all may, where none is described."""
        return not parent.row.properties or name in parent.row.properties

    def names_parent(self, one: Listing, bound: Bound) -> str | None:
        """The field of the rows that says which parent they belong to."""
        wanted = [name for name in bound.fields if noun(name)]
        if bound.parent is not None:
            of = _last_noun(bound.parent)
            wanted += [f"{of}_id"] if of else []
        last = next(iter(bound.fields), None)
        wanted = [name for name in wanted if name == last or name not in bound.fields]
        return next((name for name in one.row.properties for want in wanted if plain(name) == plain(want)), None)

    def is_of_several(self, one: Listing, bound: Bound) -> bool:
        """Whether the same rows may be listed under several parents: they are described elsewhere, without this one."""
        name = one.row.name
        if not name or bound.parent is None:
            return False
        front = route(one.operation.segments[: _last_index(one) + 1])
        for operation in self._document.operations:
            shape = operation.answer.shape
            segments = route(operation.segments)
            if shape is not None and shape.name == name and segments[: len(front)] != front:
                return True
        others = (other for other in self._listings if other is not one and other.row.name == name)
        return any(route(other.operation.segments)[: len(front)] != front for other in others)


def _path_parameters(one: Listing) -> list[tuple[str, int]]:
    """The parameters of a path, each with the place of its segment."""
    return [(name, index) for index, each in enumerate(one.operation.segments) for name in parameters_in(each)]


def _last_index(one: Listing) -> int:
    found = _path_parameters(one)
    return found[-1][1] if found else -1


def _is_without_value(parameter: Parameter) -> bool:
    return _value_of(parameter) is None


def _value_of(parameter: Parameter) -> str | None:
    """The value that a required parameter has where nobody says another one."""
    default = parameter.shape.raw.get("default")
    if default is not None and not isinstance(default, list | dict):
        return str(default)
    return str(parameter.shape.values[0]) if parameter.shape.values else None


def _noun_before(one: Listing, need: _Need) -> str:
    """What the segment in front of a parameter is a list of."""
    if not need.index:
        return ""
    before = one.operation.segments[need.index - 1]
    return "" if parameters_in(before) else thing(before)


def _last_noun(one: Listing) -> str:
    """What a list is a list of, by the last segment of its path."""
    if one.ends_in_parameter:
        return ""
    literals = [each for each in one.operation.segments if not parameters_in(each) and not is_version(each)]
    return thing(literals[-1]) if literals else ""


def _shared(one: Listing, other: Listing) -> int:
    """How many parameters two paths have in common in front."""
    pairs = zip(route(one.operation.segments), route(other.operation.segments), strict=False)
    shared: list[str] = []
    for mine, theirs in pairs:
        if mine != theirs:
            break
        shared.append(mine)
    return shared.count("{}")


def _depth(one: Listing) -> int:
    return len(_path_parameters(one))
