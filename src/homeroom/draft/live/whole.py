"""A whole draft by asking: key, lists, then each list's rows, paging, key, changes, columns and kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from homeroom.draft.live.api import Api, Endpoint, Seen
from homeroom.draft.live.auth import Admitted
from homeroom.draft.live.changes import Changes, find_changes
from homeroom.draft.live.columns import columns_of
from homeroom.draft.live.envelope import Found, Row
from homeroom.draft.live.keys import find_key
from homeroom.draft.live.paging import Paged, Style, find_paging
from homeroom.draft.live.rates import rate_headers, rate_of
from homeroom.draft.live.relations import Child, Parent, find_detail, find_parent, with_parent
from homeroom.draft.values import Confidence, Draft, DraftedResource, Guess, Left
from homeroom.errors import AuthError, HomeroomError, RequestError
from homeroom.events import Hook, ResourceFinished, ResourceStarted, emit
from homeroom.fetch.prober import Prober

_NO_KEY: Guess[tuple[str, ...]] = Guess((), Confidence.LIKELY, "one object is no list: it is replaced each time")
_SINCE = "{incremental.start_value}"
Admit = Callable[[Api, Sequence[Endpoint]], Admitted]
"""Finds out how the key is sent, or knows it."""


def draft_api(
    base_url: str,
    endpoints: Sequence[Endpoint],
    admit: Admit,
    prober: Prober,
    hooks: Sequence[Hook] = (),
) -> Draft:
    """Find out how these lists of an API are read.

    Raises `AuthError` where the key is refused, `HomeroomError` where no list answers.
    """
    api = Api(base_url, prober)
    admitted = admit(api, endpoints)
    api.auth = admitted.signs
    drafting = _Drafting(api, hooks)
    resources = drafting.all(endpoints)
    if not resources:
        raise drafting.nothing(endpoints)
    note = rate_headers(api.seen)
    return Draft(
        source=base_url,
        base_url=Guess(base_url, Confidence.CERTAIN, "as given; lists answer below it"),
        auth=admitted.auth,
        resources=tuple(resources),
        secrets=admitted.secrets,
        sync=rate_of(api.seen),
        left=tuple(drafting.left),
        notes=(note,) if note else (),
        requests=api.requests,
    )


class _Drafting:
    """List by list; what one shows is tried first at the next."""

    def __init__(self, api: Api, hooks: Sequence[Hook]) -> None:
        self.left: list[Left] = []
        self._api, self._hooks = api, hooks
        self._style = Style()
        self._filter: str | None = None
        self._parents: list[Parent] = []
        self._with_children: set[str] = set()
        self._refused: HomeroomError | None = None

    def all(self, endpoints: Sequence[Endpoint]) -> list[DraftedResource]:
        """The resources, in the order given. Long lists are looked at first: they show how short ones are paged."""
        firsts = [self._first(endpoint) for endpoint in endpoints]
        roots = [(endpoint, seen) for endpoint, seen in firsts if seen is not None and seen.is_list]
        found: dict[str, DraftedResource] = {}
        for endpoint, seen in sorted(roots, key=lambda each: -len(each[1].rows)):
            self._add(found, endpoint, partial(self._drafted, endpoint, seen))
        for endpoint, first in firsts:
            if endpoint.name not in found:
                self._add(found, endpoint, partial(self._child, endpoint, first))
        for name in self._with_children:
            found[name] = _read_whole(found[name])
        return [found[endpoint.name] for endpoint in endpoints if endpoint.name in found]

    def _add(
        self, found: dict[str, DraftedResource], endpoint: Endpoint, act: Callable[[], DraftedResource | None]
    ) -> None:
        """What `act` makes of a list; a list that fails in the middle is left out, and the others go on."""
        try:
            drafted = act()
        except HomeroomError as error:
            self._refused = self._refused or error
            self.left.append(Left(endpoint.name, str(error)))
            return
        if drafted is not None:
            found[endpoint.name] = drafted

    def nothing(self, endpoints: Sequence[Endpoint]) -> HomeroomError:
        """The error of a draft without a resource."""
        if self._refused is not None:
            return self._refused
        why = "; ".join(left.why for left in self.left)
        return RequestError(
            f"none of the lists answers below {self._api.base_url} ({why}); "
            "give the URL as far as all lists share it, and each list by --endpoint",
            code="not-found",
        )

    def _first(self, endpoint: Endpoint) -> tuple[Endpoint, Seen | None]:
        """The list and its first answer; None where the path has a hole, or where there was none."""
        if "{" in endpoint.path:
            return endpoint, None
        emit(self._hooks, ResourceStarted(endpoint.name))
        try:
            seen = self._api.ask(endpoint)
        except HomeroomError as error:
            self._refused = self._refused or error
            self.left.append(Left(endpoint.name, str(error)))
            return endpoint, None
        # Django sends those who leave the last slash out somewhere else, for each request.
        is_moved = urlsplit(seen.answer.url).path.endswith(f"/{endpoint.path}/")
        return (replace(endpoint, path=f"{endpoint.path}/") if is_moved else endpoint), seen

    def _child(self, endpoint: Endpoint, seen: Seen | None) -> DraftedResource | None:
        """A list that lies in the rows of another one; what is none is left out, with the reason."""
        if any(left.name == endpoint.name for left in self.left):
            return None
        is_missing = seen is None or seen.status in (400, 404, 405)
        child = find_parent(self._api, endpoint, self._parents) if is_missing else None
        if child is None:
            self._leave(endpoint, seen)
            return None
        self._with_children.add(child.parent.name)
        return self._drafted(child.endpoint, child.seen, child)

    def _leave(self, endpoint: Endpoint, seen: Seen | None) -> None:
        if seen is None:
            why = f"{endpoint.path} has no list before its {{}} among those given: give that as --endpoint, too"
        elif seen.status in (401, 403):
            why = f"{endpoint.path} is answered {seen.status}: the key may not read it"
            refused = AuthError(why, resource=endpoint.name, status=seen.status, code="right-missing")
            self._refused = self._refused or refused
        elif seen.status == 405 and "POST" in (seen.header("Allow") or ""):
            why = f"{endpoint.path} is asked by POST: give it as --endpoint 'POST {endpoint.path}' if that reads a list"
        elif seen.error:
            why = f"{endpoint.path}: {seen.error}"
        elif seen.status >= 400:
            within = f", nor within a row of {', '.join(each.name for each in self._parents)}" if self._parents else ""
            why = f"{endpoint.path} is answered {seen.status}{within}"
        else:
            kind = (seen.header("Content-Type") or "nothing").partition(";")[0]
            why = f"{endpoint.path} is answered {seen.status} with {kind}, and no list of objects"
        self.left.append(Left(endpoint.name, why))

    def _drafted(self, endpoint: Endpoint, seen: Seen, child: Child | None = None) -> DraftedResource:
        assert seen.found is not None
        place = seen.found.value.path
        paged = find_paging(self._api, endpoint, seen, place, self._style)
        if paged.paginator.confidence is not Confidence.GUESS:
            self._style = paged.style
        rows = self._with_parent(child, paged.rows)
        key = _NO_KEY if seen.found.value.is_single else find_key(rows, endpoint.name)
        changes = find_changes(self._api, endpoint, seen, place, self._filter) if seen.rows and child is None else None
        self._filter = (changes and changes.param) or self._filter
        columns = columns_of(endpoint.name, paged.rows, key.value)
        notes = [*paged.notes]
        if child is None:
            notes.append(find_detail(self._api, endpoint, paged.rows, key.value))
            if len(key.value) == 1:
                self._parents.append(Parent(endpoint.name, endpoint.path, key.value[0], paged.rows))
        emit(self._hooks, ResourceFinished(endpoint.name, "drafted", len(paged.rows), paged.paginator.evidence))
        return DraftedResource(
            name=endpoint.name,
            path=child.path if child else self._path(endpoint, seen),
            paginator=paged.paginator,
            selector=_selector(seen.found),
            primary_key=key,
            method=endpoint.method,
            params={} if endpoint.in_body else paged.params,
            json=_body(paged, changes) if endpoint.in_body else None,
            incremental=None if changes is None else changes.incremental,
            columns=columns,
            include_from_parent=(child.parent.key,) if child else (),
            sync=paged.sync,
            notes=tuple(note for note in notes if note),
        )

    def _with_parent(self, child: Child | None, rows: tuple[Row, ...]) -> Sequence[Row]:
        if child is None:
            return rows
        second = () if child.second is None else child.second[0].rows
        return with_parent(child, rows, second)

    def _path(self, endpoint: Endpoint, seen: Seen) -> Guess[str]:
        rows = "1 row" if len(seen.rows) == 1 else f"{len(seen.rows):,} rows"
        return Guess(endpoint.path, Confidence.CERTAIN, f"answers 200 with {rows}")


def _read_whole(parent: DraftedResource) -> DraftedResource:
    """A list with lists in its rows: asked for what is new alone, it would lose the new rows below old ones."""
    if parent.incremental is None or parent.incremental.value is None:
        return parent
    said = (
        f"{parent.incremental.evidence}; not used, because the lists below rows that have not changed would not be read"
    )
    json = None if parent.json is None else {key: value for key, value in parent.json.items() if value != _SINCE}
    return replace(parent, incremental=Guess(None, parent.incremental.confidence, said), json=json)


def _body(paged: Paged, changes: Changes | None) -> Mapping[str, Any]:
    """What a list that is read by POST is asked with, but for its place."""
    since = {changes.param: _SINCE} if changes is not None and changes.param else {}
    return {**paged.params, **since}


def _selector(found: Guess[Found]) -> Guess[str]:
    others = tuple(each.path for each in found.others)
    return Guess(found.value.path, found.confidence, found.evidence, others)
