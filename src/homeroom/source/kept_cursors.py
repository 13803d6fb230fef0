"""The cursors of a source's resources over one read: how far each may go on for the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.standing import standing_in, with_standing
from homeroom.ledger import Ledger, Verdict
from homeroom.plan import ResourcePlan, SourcePlan
from homeroom.source.cursors import WHOLE, OwnCursors, as_it_came
from homeroom.source.hiding import Hiding
from homeroom.source.keeping import lands_in_part
from homeroom.source.kept_ends import KeptEnds
from homeroom.source.options import ReadingOptions
from homeroom.values import Status


class KeptCursors:
    """dlt's cursors, which move with the rows and are set back here, and our own, which are moved here alone."""

    def __init__(self, plan: SourcePlan, ledger: Ledger, options: ReadingOptions, hiding: Hiding) -> None:
        self._plans = {p.name: p for p in plan.resources}
        self._has_cursor = {p.name: p.incremental is not None for p in plan.resources}
        self._ledger = ledger
        self._options = options
        self._hiding = hiding
        self._states: dict[str, dict[str, Any]] = {}
        self._held: set[str] = set()
        self._kept_ends = KeptEnds()
        self._own: dict[str, OwnCursors] = {}

    def begin(self, name: str) -> None:
        """A new read of this resource begins."""
        self._held.discard(name)
        self._kept_ends.forget(name)
        if self._has_cursor[name]:
            self._states[name] = seam.copy_state(name)
        if self._plans[name].queries:
            begun, above = self._options.begun_at or datetime.now(UTC), self._ledger.entries[name].parent
            may_be_full = above is None or self._reads_all(above)
            known = standing_in(self._states[name])
            noted = as_it_came if above is None else partial(self._hiding.noted, above)
            self._own[name] = OwnCursors(self._plans[name], known, begun, may_be_full=may_be_full, noted=noted)

    def own(self, name: str) -> OwnCursors | None:
        """Our own cursors of a resource; None where it has none, or dlt's."""
        return self._own.get(name)

    def see(self, plan: ResourcePlan, items: Iterable[object]) -> None:
        """Look at the pages that came."""
        self._kept_ends.see(plan, items)

    def keep(self, name: str, verdict: Verdict, parent: Verdict | None) -> None:
        """Set back the cursor of a read that was not whole: it has moved with the rows that came.

        Those that did not come would never be asked for again. Cursors of our own are moved here, as far as their
        chains were read whole.
        """
        own, entry = self._own.get(name), self._ledger.entries[name]
        for said in own.remarks() if own is not None else ():
            entry.remark(said)
        if own is None and self._has_cursor[name] and (verdict.status not in WHOLE or entry.has_skipped):
            self.hold(name)
        elif own is None and self._has_cursor[name]:
            self._kept_ends.set_back(self._plans[name], self._states[name])
        lands = verdict.status in WHOLE or (verdict.status is Status.INCOMPLETE and lands_in_part(name))
        if own is not None and lands and not (entry.is_cut or entry.has_skipped) and not self._options.is_cut:
            above = entry.parent in self._ledger.entries and not self.reads_in_part(str(entry.parent))
            all_parents = above and parent is not None and parent.status is Status.COMPLETE
            seam.put_state(name, with_standing(self._states[name], own.moved(verdict.status, all_parents=all_parents)))

    def hold_parents(self, root: str) -> None:
        """Set back the cursors of parents that have a child which was not read whole.

        By a cursor that has moved they would not come again, and nobody would ask for the rows of that child.
        """
        verdicts = self._ledger.verdicts(())
        failed = {name for name, said in verdicts.items() if said.status not in WHOLE}
        for name in (root, *self._descendants(root)):
            if failed.intersection(self._descendants(name)):
                self.hold(name)

    def hold(self, name: str) -> None:
        """Set the cursor of a resource back to where it was before its read: the next one brings the same rows."""
        if self._has_cursor[name]:
            seam.put_state(name, self._states[name])
            self._held.add(name)

    def would_double(self, name: str) -> bool:
        """Whether rows of a resource would come again and be there twice: its table is appended to, a cursor stays."""
        plan = self._plans.get(name)
        if plan is None or not plan.appends:
            return False
        return name in self._held or any(name in self._descendants(held) for held in self._held)

    def reads_in_part(self, name: str) -> bool:
        """Whether a read asks for new rows alone: by a cursor of the resource's own, or of one it is read for."""
        if name not in self._ledger.entries:
            return True  # a `DltResource` of the user's: nobody knows which parents it brings
        parent, own = self._ledger.entries[name].parent, self._own.get(name)
        in_part = self._has_cursor[name] and not (own is not None and own.is_whole)
        return in_part or (parent is not None and self.reads_in_part(parent))

    def _reads_all(self, name: str) -> bool:
        """Whether a resource is asked for all of its rows that the config wants, and those it is read for are too."""
        parent = self._ledger.entries[name].parent if name in self._ledger.entries else None
        own = self._own.get(name)
        is_all = own.is_full if own is not None else not self._has_cursor.get(name, False)
        return is_all and (parent is None or self._reads_all(parent))

    def _descendants(self, name: str) -> list[str]:
        return [entry.resource for entry in self._ledger.family(name)[1:]]
