"""From a document to the draft: what is asked for of its lists, each with all that is described of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from homeroom.dlt_seam.row_names import RowNames
from homeroom.draft.described.address import address, variable_prefix
from homeroom.draft.described.columns import columns_of
from homeroom.draft.described.document import Document, parameters_in
from homeroom.draft.described.increments import increment
from homeroom.draft.described.keys import Key, Keys
from homeroom.draft.described.listing import Listing, listing
from homeroom.draft.described.paging import paging
from homeroom.draft.described.parents import Bound, Parents
from homeroom.draft.described.routes import Chosen, Route, common_prefix, named, newest
from homeroom.draft.described.security import security
from homeroom.draft.values import Confidence, Draft, DraftedResource, Guess, Left
from homeroom.errors import ConfigError, Problem

_MOST_NAMED = 20
"""How many names of lists an error shows."""


def draft_description(
    document: Mapping[str, Any], source: str, *, endpoints: Sequence[str] = (), base_url: str | None = None
) -> Draft:
    """A draft of the lists that a document describes, as `read_description` gives it.

    `source` says where the document is from; a URL is what its relative addresses hold from. `endpoints` are names or
    paths of lists, all where empty; the lists that these are children of come with them. `base_url` is the user's,
    in place of the described server; it may leave out the path that is described. Raises ConfigError where no list
    is left that can be read.
    """
    whole = _Whole(Document(document), source, base_url)
    return whole.draft(endpoints)


class _Whole:
    """All that is known of a document's lists, whichever of them are asked for: so names do not depend on that."""

    def __init__(self, document: Document, source: str, base_url: str | None) -> None:
        self._document = document
        self._source = source
        found = {operation.path: listing(document, operation) for operation in document.operations}
        lists = [one for one in found.values() if isinstance(one, Listing)]
        self._elsewhere = [one for one in lists if one.operation.server]
        lists = [one for one in lists if not one.operation.server]
        self._not_taken = {path: why for path, why in found.items() if isinstance(why, str)}
        self._prefix: Route = common_prefix(lists)
        self._chosen: Chosen = newest(lists)
        spelled = RowNames()
        self._names = named(self._chosen.listings, self._prefix, lambda text: spelled.column([text]))
        self._keys = Keys(document, document.operations)
        self._parents = Parents(document, self._chosen.listings, self._names, self._keys)
        self._bounds = {one.operation.path: self._parents.bound(one) for one in self._chosen.listings}
        self._address = address(document, source, self._prefix, base_url)

    def draft(self, endpoints: Sequence[str]) -> Draft:
        asked, unknown = self._asked(endpoints)
        taken = self._with_parents(asked)
        resources = tuple(self._resource(one, bound, taken) for one, bound in taken)
        left = (*unknown, *self._left(asked, is_all=not endpoints))
        if not resources:
            raise self._refusal(left)
        operations = [one.operation for one, _ in taken] or [one.operation for one in self._chosen.listings]
        prefix = variable_prefix(self._document.title)
        signed = security(self._document, operations, self._address.base_url.value, self._source, prefix)
        return Draft(
            source=self._source,
            base_url=self._address.base_url,
            auth=signed.auth,
            resources=resources,
            secrets=(*self._address.secrets, *signed.secrets),
            headers=signed.headers,
            left=left,
            notes=(*signed.notes, *self._notes()),
        )

    def _refusal(self, left: Sequence[Left]) -> ConfigError:
        """Nothing can be read: why, for each list, and the names of those that are there."""
        names = [self._names[one.operation.path] for one in self._chosen.listings]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        allowed = ", ".join(names[:_MOST_NAMED]) + more if names else None
        problems = []
        for one in left:
            close = get_close_matches(one.name.strip("/"), names, n=1)
            hint = f"did you mean `{close[0]}`?" if close else None
            problems.append(Problem("", one.why, repr(one.name), allowed, hint, file=self._source, code="unknown-name"))
        nothing = Problem(
            "paths",
            "the API description describes no list of objects that GET gives",
            file=self._source,
            code="no-rows-there",
        )
        return ConfigError(problems or [nothing])

    def _asked(self, endpoints: Sequence[str]) -> tuple[list[Listing], list[Left]]:
        """The lists that are asked for, and what of the asked is none."""
        if not endpoints:
            return list(self._chosen.listings), []
        asked: list[Listing] = []
        unknown: list[Left] = []
        for endpoint in endpoints:
            found = [one for one in self._chosen.listings if self._is(one, endpoint)]
            asked += [one for one in found if one not in asked]
            if not found:
                unknown.append(Left(endpoint, self._why_unknown(endpoint)))
        return asked, unknown

    def _is(self, one: Listing, endpoint: str) -> bool:
        path = one.operation.path.strip("/")
        paths = {path, "/".join(one.operation.segments[len(self._prefix) :])}
        return endpoint == self._names[one.operation.path] or endpoint.strip("/") in paths

    def _why_unknown(self, endpoint: str) -> str:
        path = "/" + endpoint.strip("/")
        for given in (path, "".join(f"/{each}" for each in self._prefix) + path):
            if given in self._not_taken:
                return self._not_taken[given]
            for one, best in self._chosen.older:
                if one.operation.path == given:
                    return self._why_older(one, best)
            if any(operation.path == given for operation in self._document.operations):
                return "it is described, but not as a list of objects"
        return "the description has no list of this name or path"

    def _with_parents(self, asked: Iterable[Listing]) -> list[tuple[Listing, Bound]]:
        """The lists that can be read, each behind its parent, in the order of the document."""
        wanted: set[str] = set()
        for one in asked:
            above: Listing | None = one
            while above is not None and above.operation.path not in wanted:
                bound = self._bounds[above.operation.path]
                if isinstance(bound, str):
                    break
                wanted.add(above.operation.path)
                above = bound.parent
        found = [(one, self._bounds[one.operation.path]) for one in self._chosen.listings]
        kept = [(one, b) for one, b in found if isinstance(b, Bound) and one.operation.path in wanted]
        return sorted(kept, key=lambda each: self._depth(each[1]))

    def _depth(self, bound: Bound) -> int:
        depth = 0
        while bound.parent is not None:
            depth += 1
            above = self._bounds[bound.parent.operation.path]
            if isinstance(above, str):
                break
            bound = above
        return depth

    def _resource(self, one: Listing, bound: Bound, taken: Sequence[tuple[Listing, Bound]]) -> DraftedResource:
        name = self._names[one.operation.path]
        pages = paging(self._document, one)
        key, included = self._key(one, bound)
        lent = {field for other, b in taken if b.parent is one for field in b.borrowed.values()}
        changes, beside = increment(self._document, one) if key.value else (None, {})
        path, query = self._path(one, bound)
        sync = dict(pages.sync)
        if changes is not None and any(b.parent is one for _, b in taken):
            why = "; it is not used, because the rows below those that have not changed would not be asked for then"
            changes, beside = Guess(None, Confidence.CERTAIN, changes.evidence.partition(";")[0] + why), {}
        elif changes is not None and bound.parent is not None:
            evidence = (
                "each parent's rows are asked for from its own newest one, so that none of a new parent is missed"
            )
            sync["cursor_per_parent"] = Guess(True, Confidence.CERTAIN, evidence)
        return DraftedResource(
            name=name,
            path=Guess(path, bound.confidence, bound.evidence),
            paginator=pages.paginator,
            selector=one.selector,
            primary_key=key,
            params={**query, **pages.params, **beside},
            incremental=changes,
            columns=columns_of(self._document, one.row, name),
            include_from_parent=tuple(dict.fromkeys((*included, *sorted(lent)))),
            sync=sync,
            notes=self._notes_of(one),
        )

    def _key(self, one: Listing, bound: Bound) -> tuple[Key, tuple[str, ...]]:
        """The key of a list's rows, and the fields of the parent that they need."""
        own = self._keys.own(one)
        if bound.parent is None:
            return own, ()
        parent = self._names[bound.parent.operation.path]
        field = next(iter(bound.fields.values()))
        added = f"_{parent}_{field}"
        named_by = self._parents.names_parent(one, bound)
        if not own.value:
            pair = self._keys.pair(one, added, [next(iter(bound.fields)), *([named_by] if named_by else [])])
            own = pair or own
            return own, (field,) if added in own.value or named_by is None else ()
        if named_by is not None:
            return own, ()
        if self._parents.is_of_several(one, bound):
            evidence = f"{own.evidence}; the same rows are described elsewhere too, so they may be of several {parent}"
            return Guess((*own.value, added), Confidence.LIKELY, evidence, (own.value,)), (field,)
        return own, (field,)

    def _path(self, one: Listing, bound: Bound) -> tuple[str, dict[str, Any]]:
        """The path with the parent's fields in it, and the query parameters that are filled too."""
        parent = self._names[bound.parent.operation.path] if bound.parent is not None else ""
        values = {name: f"{{resources.{parent}.{field}}}" for name, field in bound.fields.items()} | dict(bound.fixed)
        path = "/".join(one.operation.segments[len(self._prefix) :])
        path += "/" if one.operation.path.endswith("/") else ""
        in_path = set(parameters_in(path))
        for name in in_path:
            path = path.replace(f"{{{name}}}", values[name])
        return path, {name: value for name, value in values.items() if name not in in_path}

    def _notes_of(self, one: Listing) -> tuple[str, ...]:
        said = one.operation.summary or one.operation.described.split("\n", 1)[0]
        notes = [f"{said.rstrip('.')}: GET {one.operation.path}" if said else f"GET {one.operation.path}"]
        if one.operation.deprecated:
            notes.append("The description calls it deprecated, and has no newer one.")
        return tuple(notes)

    def _left(self, asked: Sequence[Listing], *, is_all: bool) -> list[Left]:
        """What is a list, or looks like one, and is no resource."""
        left = []
        for one in asked:
            bound = self._bounds[one.operation.path]
            if isinstance(bound, str):
                left.append(Left(f"GET {one.operation.path}", bound))
        if is_all:
            left += [Left(f"GET {one.operation.path}", self._why_older(one, best)) for one, best in self._chosen.older]
            left += [Left(f"GET {path}", why) for path, why in self._not_taken.items()]
            left += [
                Left(f"GET {one.operation.path}", f"it is described for a server of its own, {one.operation.server}")
                for one in self._elsewhere
            ]
        return left

    def _why_older(self, one: Listing, best: Listing) -> str:
        what = "deprecated" if one.operation.deprecated else "older"
        return f"the {what} version of the same list as {self._names[best.operation.path]}"

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if not self._document.tells_null and self._chosen.listings:
            notes.append(
                "The description never says of a field whether it may be null, so no column is declared as never null."
            )
        if self._document.unresolved:
            some = ", ".join(self._document.unresolved[:3])
            rest = len(self._document.unresolved) - 3
            more = f" and {rest} more" if rest > 0 else ""
            notes.append(f"References of the description lead nowhere in it, and were passed over: {some}{more}.")
        return tuple(notes)
