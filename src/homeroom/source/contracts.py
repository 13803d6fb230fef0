"""Schema contracts while a resource is read: rows that dlt would drop in silence are noted, `freeze` ends the run.

A contract is asked of the rows as they go to dlt, behind all steps and the incremental. What it refuses is taken out
here, so that dlt meets no such row, and every row that came is in the table or among the rejects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam import columnar, contracts
from homeroom.dlt_seam import extraction as seam
from homeroom.errors import ContractError
from homeroom.layout import UnfitError
from homeroom.ledger import ResourceLedger
from homeroom.rejects import Rejects
from homeroom.shape import RowRules, is_null, keys_of, null_column, required_reason

if TYPE_CHECKING:
    from dlt.common.schema import Schema
    from dlt.extract import DltResource

    from homeroom.dlt_seam.contracts import Judge
    from homeroom.dlt_seam.shadow import Shadow
    from homeroom.values import Page

DISCARD, FREEZE = "discard_row", "freeze"


@dataclass(frozen=True, slots=True)
class _Carried:
    """The page that rows came on, for as long as they go through the steps; rows are known by what they are."""

    page: Page
    rows: Sequence[Any]

    def number_of(self, row: Any) -> int | None:
        """The row's number on its page, from 1; None for one that a step has made."""
        return next((number for number, each in enumerate(self.rows, start=1) if each is row), None)


class Contract:
    """The contract of one resource in one read; the last step that its rows go through.

    `rules` are what rows must obey whatever steps have done to them. `keeps_nulls`: a row with a null where none may
    be is a reject under `discard_row`; else it ends the read, as there is no place for it (a plain `pipeline.run`).
    """

    def __init__(
        self, judge: Judge, share: Callable[[], object], rejects: Rejects, rules: RowRules, *, keeps_nulls: bool
    ) -> None:
        self._judge = judge
        self._share = share
        self._rejects = rejects
        self._rules = rules
        self._keeps_nulls = keeps_nulls
        self._trusts = False

    @property
    def takes_nulls(self) -> bool:
        """Whether it decides on rows with a null where none may be."""
        mode = self._judge.contract["data_type"]
        return self._judge.lets_none or mode == FREEZE or (mode == DISCARD and self._keeps_nulls)

    def checked_before(self, required: tuple[str, ...]) -> tuple[str, ...]:
        """Of the columns that may not be null those that are still to be checked as rows come."""
        return () if self.takes_nulls else tuple(column for column in required if column in self._rules.required)

    def __call__(self, rows: Any, meta: Any = None) -> Any:
        """The rows that may be stored. Raises `ContractError` under `freeze`."""
        if not isinstance(meta, _Carried):
            return rows
        kept = [row for row in (rows if isinstance(rows, list) else [rows]) if self._fits(row, meta)]
        return contracts.page_of(kept, None)

    def watched(self, validate: Callable[..., Any]) -> Callable[..., Any]:
        """A step that checks rows by a model, and drops some under `discard_row`: each that it drops is noted."""
        if DISCARD not in (self._judge.contract["columns"], self._judge.contract["data_type"]):
            return validate

        def validated(rows: Any, meta: Any = None) -> Any:
            if not isinstance(meta, _Carried) or not isinstance(rows, list):
                return validate(rows, meta)
            checked = [(row, validate(row, meta)) for row in rows]
            for row in (row for row, found in checked if found is None):
                self._reject(row, meta, None, "it does not fit its model")
            return [found for _, found in checked if found is not None] or None

        return validated

    def _fits(self, row: Any, carried: _Carried) -> bool:
        page = carried.page
        if self._judge.lets_none:
            self._reject(row, carried, None, f"table {self._judge.table} is new")
            return False
        column = null_column(row, self._rules) if self.takes_nulls else None
        if column is not None:
            why = f"column {column} is null, but {required_reason(column, self._rules)}"
            if self._judge.contract["data_type"] == FREEZE:
                raise ContractError(f"{self._where(row, carried)}: {why}; nothing was loaded", resource=page.resource)
            self._reject(row, carried, column, f"column {column} is null")
            return False
        if self._trusts:
            return True
        try:
            found = self._judge.judge(row)
        except contracts.FrozenError as error:
            raise error.told(page.resource, self._where(row, carried)) from None
        except UnfitError:
            self._trusts = True  # dlt's normaliser refuses this row for good, and the load fails
            self._rejects.is_blind = True
            return True
        return self._noted(found, row, carried)

    def _noted(self, found: contracts.Judgement, row: Any, carried: _Carried) -> bool:
        """Whether the row itself may be stored; what is refused of it is noted."""
        for column in found.dropped:
            self._rejects.drop_value(column)
        fits = True
        for each in found.refused:
            is_root = each.table == self._judge.table
            fits = fits and not is_root
            if each.column is None and self._judge.contract["tables"] != DISCARD:
                self._rejects.drop_value(each.table)
                continue
            if is_root:
                self._reject(row, carried, each.column, each.reason)
                continue
            number = carried.number_of(row)
            self._rejects.add(carried.page.number, number, each.column, each.reason, each.row, each.table)
        if not fits and found.is_new:
            self._share()  # its columns, as in dlt, which makes them of a row that it then drops
        return fits

    def _reject(self, row: Any, carried: _Carried, column: str | None, reason: str) -> None:
        """Note that the row itself stays out of its table."""
        self._rejects.add(carried.page.number, carried.number_of(row), column, reason, row)
        keys = keys_of([row], self._rules)
        self._rejects.has_keyless = self._rejects.has_keyless or not keys or is_null(keys[0])

    def _where(self, row: Any, carried: _Carried) -> str:
        page, number = carried.page, carried.number_of(row)
        at = "" if number is None else f", row {number}"
        return f"resource {page.resource}, page {page.number} ({page.place}){at}"


class Contracts:
    """The contracts of all resources of a source, each begun with the first page of a read."""

    def __init__(self, shadow: Callable[[], Shadow | None], *, keeps_nulls: bool) -> None:
        self._shadow = shadow
        self._keeps_nulls = keeps_nulls
        self._held: dict[str, Contract | None] = {}

    def forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._held.pop(name, None)

    def of(self, entry: ResourceLedger) -> Contract | None:
        """The contract of a resource, None without one. Raises `ContractError` where its hints break it."""
        name = entry.resource
        if name not in self._held:
            self._held[name] = self._begun(entry)
        return self._held[name]

    def _begun(self, entry: ResourceLedger) -> Contract | None:
        resource, schema = seam.current_resource(entry.resource), seam.current_schema()
        if resource is None or schema is None or columnar.current_package() is None:
            return None
        if not contracts.has_plain_hints(resource):
            return None
        sharing = columnar.sharing_table(resource, schema)
        if (shadow := self._shadow_of_contracts(sharing, schema)) is None:
            return None
        for other in sharing:
            shadow.prepare(other)  # a contract is its table's
        table = shadow.prepare(resource)
        namer = seam.column_namer(schema)
        key, judge = tuple(map(namer, seam.declared_columns(resource)[0])), shadow.judge_of(table)
        rules = RowRules(key, judge.required, namer)
        entry.rejects = entry.rejects or Rejects(entry.resource)
        contract = Contract(judge, lambda: shadow.share(table), entry.rejects, rules, keeps_nulls=self._keeps_nulls)
        contracts.replace_validator(contract.watched)
        contracts.end_with(contract)
        return contract

    def _shadow_of_contracts(self, resources: Sequence[DltResource], schema: Schema) -> Shadow | None:
        """The shadow, where a contract holds for one of the resources."""
        return self._shadow() if any(contracts.is_contracted(each, schema) for each in resources) else None

    @staticmethod
    def carried(page: Page, rows: list[Any]) -> Any:
        """Rows to be yielded to dlt with the page that they came on."""
        return contracts.page_of(rows, _Carried(page, rows))
