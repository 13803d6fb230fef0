"""Pages into the ledger and on to dlt: as columns where their resource has a lane, else as rows of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import ref

from homeroom.decode import decode_rows
from homeroom.dlt_seam import extraction as seam
from homeroom.ledger import ResourceLedger
from homeroom.plan import ResourcePlan
from homeroom.privacy.forgetting import Forgetting, Sieve
from homeroom.shape import RowRules, check_required, is_null, keys_of, with_parent_fields
from homeroom.source.casting import Casting
from homeroom.source.contracts import Contracts
from homeroom.source.hiding import Hiding
from homeroom.source.lanes import Lanes
from homeroom.source.pages import Columns, KeyRules, Objects, Source
from homeroom.values import FieldCast

if TYPE_CHECKING:
    from homeroom.source.columnar import Lane

Rows = list[Any]

LEFT_OUT = object()
"""In the place of a row that a step has made, and that is about somebody who is forgotten."""


def _nothing() -> None:
    """In the place of a reference to a pipe."""


class Entrance:
    """The one way by which pages of a source come in. `limit`: rows of a resource at most, None for all.

    `strict`: nothing is kept of rows that break a contract (plain `pipeline.run`).
    """

    def __init__(
        self,
        *,
        improved: bool,
        limit: int | None,
        strict: bool,
        casts: Mapping[str, Sequence[FieldCast]],
        hiding: Hiding,
    ) -> None:
        self.improves = improved
        self.hiding = hiding
        self.forgetting: Forgetting | None = None
        self._sieves: dict[str, Sieve] = {}
        self._stepped: dict[str, tuple[Callable[[], object], bool]] = {}
        self._casting = Casting(casts)
        self.lanes = Lanes(improved=improved)
        self.contracts = Contracts(self.lanes.shadow, keeps_nulls=not strict)
        self._limit = limit

    def rules(self, name: str) -> RowRules:
        """What the rows of a resource must obey, as its hints are now."""
        namer = seam.column_namer(seam.current_schema())
        self._casting.begin(name, namer)
        self.hiding.begin(name, namer)
        self._see_steps(name)
        resource = seam.current_resource(name)
        if resource is None:
            return RowRules((), (), namer)
        key, required = seam.declared_columns(resource)
        schema = seam.current_schema()
        if self.forgetting is not None and schema is not None:
            table = name if resource.has_dynamic_table_name else seam.own_table(resource, schema)
            self._sieves[name] = Sieve(
                self.forgetting.person, self.forgetting.is_forgotten, table, {*map(namer, (*key, *required))}, namer
            )
        # Where the user's own steps follow they may still fill a null; dlt's normaliser then has the last word.
        guarded = seam.in_extraction() and not seam.has_user_steps(resource)
        return RowRules(tuple(map(namer, key)), tuple(map(namer, required)) if guarded else (), namer)

    def lane(self, plan: ResourcePlan, rules: RowRules, cursor: Any) -> Lane | None:
        """The resource's columnar lane in this read; None where its pages must go as objects."""
        if self._limit is not None:
            return None
        resource = seam.current_resource(plan.name)
        keeps_last = resource is not None and seam.merges_by_key(resource)
        keys = KeyRules(rules.key, rules.required, lambda rows: keys_of(rows, rules), keeps_last)
        return self.lanes.of(plan.name, keys, lambda source: _rows(source, rules), cursor, self.hiding.of(plan.name))

    def entered(
        self, entry: ResourceLedger, sources: Sequence[Source], lane: Lane | None, rules: RowRules
    ) -> Iterator[Rows]:
        """Enter pages in the ledger; the rows of each that goes to dlt as objects."""
        sources = [self._casting.cast(source) for source in sources]
        if said := self._casting.remark(entry.resource):
            entry.remark(said)
        contract = self.contracts.of(entry) if lane is None and sources else None
        if contract is not None:
            rules = replace(rules, required=contract.checked_before(rules.required))
        for source in sources if lane is None else ():
            came = _rows(source, rules)
            if self._limit is not None:
                came = came[: max(0, self._limit - entry.rows_received)]
            rows = self._stored(entry.resource, came)
            own = keys_of(rows, rules)
            known = own if contract is None or own is None else [key for key in own if not is_null(key)]
            entry.page(source.page, len(rows), known, keyless=len(own or ()) - len(known or ()))
            if (kept := self._kept(entry.resource, came)) is not None:
                rows = self._stored(entry.resource, kept)
            yield rows if contract is None else self.contracts.carried(source.page, rows)
        for read in self._taken(lane, entry.resource, sources, rules) if lane is not None else ():
            if isinstance(read, Columns):
                for page, keys in read.pages:
                    entry.page(page, page.facts.rows, keys, as_columns=True)
                if not all(page.facts.rows for page, _ in read.pages):
                    yield []  # as of any empty page: dlt then knows of the table
            else:
                entry.page(read.page, len(read.rows), keys_of(read.rows, rules), why=read.why)
                yield read.rows if read.kept is None else read.kept

    def _taken(self, lane: Lane, name: str, sources: Sequence[Source], rules: RowRules) -> Iterator[Columns | Objects]:
        """What became of pages in a lane of columns. One with a forgotten person goes as objects."""
        together: list[Source] = []
        for source in sources:
            kept = self._kept(name, _rows(source, rules)) if name in self._sieves else None
            if kept is None:
                together.append(source)
                continue
            yield from lane.take(together)
            together = []
            yield lane.apart(source, kept)
        yield from lane.take(together)

    def _kept(self, name: str, rows: Rows) -> Rows | None:
        """The rows of a page, as they came, without forgotten persons; None where there is none in them."""
        sieve = self._sieves.get(name)
        sifted = None if sieve is None or self.forgetting is None else sieve.sift(rows)
        if sifted is None or self.forgetting is None:
            return None
        kept, touched = sifted
        self.forgetting.note(name, touched)
        return kept

    def known_row(self, name: str, row: Any) -> Any:
        """A row that has been through the config's own steps, which may name a person otherwise than it came."""
        kept = self._kept(name, [row])
        return row if kept is None else kept[0] if kept else LEFT_OUT

    def stored_row(self, name: str, row: Any) -> Any:
        """A row that has been through the user's own steps, as it is stored."""
        return self._as_stored(name, [row])[0]

    def _see_steps(self, name: str) -> None:
        """Have rows that go through steps of Python stored as they come out of these."""
        pipe, (known, _) = seam.current_pipe(), self._stepped.get(name, (_nothing, False))
        if pipe is None or pipe is not known():  # once, before steps of ours may follow
            changes = self.improves or self.hiding.hides(name)
            ends = changes and seam.ends_with_map(lambda row: self.stored_row(name, row))
            # Weak: the fetch thread has us, and an iteration that is given up ends only when nothing holds its pipe.
            self._stepped[name] = _nothing if pipe is None else ref(pipe), ends

    def _stored(self, name: str, rows: Rows) -> Rows:
        """The rows as they are stored. Where steps of Python follow, `stored_row` is the last of them."""
        return rows if not rows or self._stepped[name][1] else self._as_stored(name, rows)

    def _as_stored(self, name: str, rows: Rows) -> Rows:
        """The rows without what the rules of privacy hide, and as `sync.tables` has them."""
        improver, hidden = self.lanes.improver_of(name), self.hiding.rows(name, rows)
        if improver is None:
            return hidden
        improved = improver.rows(hidden)
        return self.hiding.with_clear(improved, hidden)


def has_steps(name: str) -> bool:
    """Whether steps of the user's follow the pages of a resource."""
    resource = seam.current_resource(name)
    return resource is not None and seam.has_user_steps(resource)


def _rows(source: Source, rules: RowRules) -> Rows:
    rows = decode_rows(source.page)
    if source.cast is not None:
        source.cast(rows)
    with_parent_fields(rows, source.given)
    check_required(source.page, rows, rules)
    return rows
