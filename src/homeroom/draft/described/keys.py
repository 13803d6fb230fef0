"""By what a described row is told from all others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from homeroom.draft.described.document import Document, Operation, parameters_in
from homeroom.draft.described.listing import IDENTITIES, Listing
from homeroom.draft.described.routes import Route, route
from homeroom.draft.described.shapes import Shape
from homeroom.draft.described.words import noun, plain, schema_noun, thing, words
from homeroom.draft.values import Confidence, Guess

_MARKS = ("x-primary-key", "x-primarykey", "x-pk", "x-identity", "x-key")
_UNIQUE = re.compile(
    r"\b(unique(ly)? (id|identif\w*|key)|primary (key|id|identifier)|identif\w+ uniquely|system[- ]unique)\b",
    re.IGNORECASE,
)
_SCALARS = ("string", "integer", "number")
Key = Guess[tuple[str, ...]]


class Keys:
    """The keys of a document's lists; `operations` are all of its GETs, whose paths tell what identifies a row."""

    def __init__(self, document: Document, operations: Sequence[Operation]) -> None:
        self._document = document
        self._details: dict[Route, Operation] = {}
        self._by_schema: dict[str, list[Operation]] = {}
        for operation in operations:
            if operation.segments and parameters_in(operation.segments[-1]):
                self._details.setdefault(route(operation.segments), operation)
                if operation.answer.shape is not None and operation.answer.shape.name:
                    self._by_schema.setdefault(operation.answer.shape.name, []).append(operation)

    def detail(self, one: Listing) -> Operation | None:
        """The operation that gives a single row of a list, at the list's path and one parameter more."""
        return self._details.get((*route(one.operation.segments), "{}"))

    def own(self, one: Listing) -> Key:
        """The key, of the row's own fields; empty where no field looks like one.

        Below a parent `userId` is no key of a row that is no user: it says whom the row relates to its parent.
        """
        fields = self._scalars(one.row)
        is_child = any(map(parameters_in, one.operation.segments))
        return (
            self._marked(one.row, fields)
            or self._by_name(one, fields, is_child=is_child)
            or (None if is_child else self._by_detail(one, fields))
            or self._by_words(one, fields, is_child=is_child)
            or Guess((), Confidence.GUESS, self._why_none(one))
        )

    def pair(self, one: Listing, parent_field: str, fields_of_parent: Sequence[str]) -> Key | None:
        """The key of rows that relate a parent to something: by what identifies one below its parent.

        `fields_of_parent` are names of the row's fields that may name the parent; `parent_field` is the name of the
        field that `include_from_parent` adds, taken where the row has none of them.
        """
        fields = self._scalars(one.row)
        if told := self._by_path_of_row(one, fields):
            return told
        detail = self.detail(one)
        names = parameters_in(detail.segments[-1]) if detail else ()
        found, by, sure = None, "", Confidence.GUESS
        if names and (found := _named(fields, names[-1])):
            by, sure = f"the path of a single row ends in {{{names[-1]}}}", Confidence.LIKELY
        elif found := _reference_of(one, fields, fields_of_parent):
            by = f"{found} says what the row relates its parent to"
        if found is None:
            return None
        above = next((name for name in (_named(fields, each) for each in fields_of_parent) if name), None)
        return Guess((above or parent_field, found), sure, f"no field of its own is an identity; {by}")

    def _by_path_of_row(self, one: Listing, fields: Mapping[str, Shape]) -> Key | None:
        """The two fields that identify such a row in the path by which it is got, wherever that is."""
        for operation in self._by_schema.get(one.row.name, ()):
            names = [name for segment in operation.segments for name in parameters_in(segment)]
            found = [field for field in (_named(fields, name) for name in names) if field]
            if len(found) > 1 and found[-1] == _named(fields, names[-1]):
                evidence = f"no field of its own is an identity; a single row is got by {' and '.join(found[-2:])}"
                return Guess(tuple(found[-2:]), Confidence.LIKELY, evidence)
        return None

    def _scalars(self, row: Shape) -> Mapping[str, Shape]:
        shapes = {name: self._document.shape(raw) for name, raw in row.properties.items()}
        return {name: shape for name, shape in shapes.items() if shape.kind in _SCALARS or not shape.kind}

    def _marked(self, row: Shape, fields: Mapping[str, Shape]) -> Key | None:
        """What the schema itself marks: a field, or the row with the names of its fields."""
        names = tuple(name for name, shape in fields.items() if any(shape.raw.get(mark) is True for mark in _MARKS))
        for mark in _MARKS:
            said = row.raw.get(mark)
            given = [said] if isinstance(said, str) else said if isinstance(said, list) else []
            if given and all(isinstance(name, str) and name in row.properties for name in given):
                names = tuple(given)
        return Guess(names, Confidence.CERTAIN, "the description marks it as the key") if names else None

    def _by_name(self, one: Listing, fields: Mapping[str, Shape], *, is_child: bool) -> Key | None:
        of, last = schema_noun(one.row.name), "" if is_child else _last_noun(one)
        wanted = [*IDENTITIES, *(f"{what}{end}" for what in (of, last) for end in IDENTITIES if what)]
        for name in wanted:
            found = next((field for field in fields if plain(field) == name), None)
            if found is not None and not fields[found].nullable:
                return self._named_key(one, found, fields[found])
        return None

    def _named_key(self, one: Listing, name: str, shape: Shape) -> Key:
        if _UNIQUE.search(shape.described):
            return Guess((name,), Confidence.CERTAIN, f"{name} is described as unique")
        detail = self.detail(one)
        if detail:
            parameter = parameters_in(detail.segments[-1])[-1]
            return Guess(
                (name,), Confidence.LIKELY, f"{name} is named like a key, and a single row is got by {{{parameter}}}"
            )
        return Guess((name,), Confidence.LIKELY, f"{name} is named like a key")

    def _by_detail(self, one: Listing, fields: Mapping[str, Shape]) -> Key | None:
        """The field that the path of a single row names."""
        detail = self.detail(one)
        if detail is None:
            return None
        parameter = parameters_in(detail.segments[-1])[-1]
        found = _named(fields, parameter)
        return Guess((found,), Confidence.LIKELY, f"a single row is got by {{{parameter}}}") if found else None

    def _by_words(self, one: Listing, fields: Mapping[str, Shape], *, is_child: bool) -> Key | None:
        found = [name for name, shape in fields.items() if _UNIQUE.search(shape.described) and _is_identifier(name)]
        of = schema_noun(one.row.name)
        own = [name for name in found if not noun(name) or noun(name) == of] or ([] if is_child else found)
        return Guess((own[0],), Confidence.GUESS, f"{own[0]} is described as unique") if len(own) == 1 else None

    def _why_none(self, one: Listing) -> str:
        if not one.row.properties:
            return "no field of the rows is described, so no key is known: rows are replaced, not merged"
        return "no field of the rows looks like a key: rows are replaced, not merged"


def _last_noun(one: Listing) -> str:
    literals = [segment for segment in one.operation.segments if not parameters_in(segment)]
    return thing(literals[-1]) if literals else ""


def _is_identifier(name: str) -> bool:
    return bool(words(name)) and words(name)[-1] in (
        "id",
        "uuid",
        "guid",
        "key",
        "code",
        "number",
        "name",
        "identifier",
    )


def _named(fields: Mapping[str, Shape], name: str) -> str | None:
    return next((field for field in fields if plain(field) == plain(name)), None)


def _reference_of(one: Listing, fields: Mapping[str, Shape], parents: Sequence[str]) -> str | None:
    """The field that identifies something else than the parent: what the list is named after, or the only one."""
    above = {plain(name) for name in parents}
    found = [name for name in fields if noun(name) and words(name)[-1] == "id" and plain(name) not in above]
    named = [name for name in found if noun(name) == _last_noun(one)]
    return named[0] if named else found[0] if len(found) == 1 else None
