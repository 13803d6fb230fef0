"""The columnar lanes of one read: which resources have one, and when its load files are handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from homeroom.dlt_seam import columnar as seam
from homeroom.dlt_seam import extraction
from homeroom.source.hiding import Screen
from homeroom.source.pages import KeyRules, Source

if TYPE_CHECKING:
    from dlt.common.schema import Schema

    from homeroom.dlt_seam.shadow import Shadow
    from homeroom.source.columnar import Lane
    from homeroom.source.learning import Learner


class Lanes:
    """A lane for each resource that may have one, begun with its first page."""

    def __init__(self, *, improved: bool) -> None:
        self._improved = improved
        self._learners: dict[str, Learner | None] = {}
        self._improvers: dict[str, Learner] = {}
        self._lanes: dict[str, Lane | None] = {}
        self._waiting: set[str] = set()
        self._shadow: Shadow | None = None

    def forget(self, name: str) -> None:
        """A new read of this resource begins."""
        self._waiting.discard(name)
        self._learners.pop(name, None)
        if lane := self._lanes.pop(name, None):
            lane.drop()

    def give_up(self, name: str) -> None:
        """The resource failed: what it has written goes nowhere."""
        if lane := self._lanes.get(name):
            lane.drop()
        self._lanes[name] = None

    def of(
        self, name: str, keys: KeyRules, rows_of: Callable[[Source], list[Any]], cursor: Any, screen: Screen | None
    ) -> Lane | None:
        """The lane of a resource; None where its rows must go to dlt as objects.

        `cursor` is its `Incremental`, bound to the state of the pipeline; None without one. `screen` hides its columns.
        """
        if name not in self._lanes:
            self._lanes[name] = self._begun(name, keys, rows_of, cursor, screen)
        return self._lanes[name]

    def improver_of(self, name: str) -> Learner | None:
        """What a resource's rows go through where all go to dlt as objects; None where they go as they are."""
        if self._improved and name not in self._learners:
            self._learners[name] = self._improver(name)
        return self._learners.get(name) if self._improved else None

    def shadow(self) -> Shadow | None:
        """What is known of the rows of all resources ahead of dlt; None outside of an extraction."""
        package, schema = seam.current_package(), extraction.current_schema()
        return None if package is None or schema is None else self._shadow_of(schema, package.load_id)

    def finish(self, name: str, *, latest: bool) -> Iterator[Any]:
        """Hand over a resource's load files: items to be yielded to dlt; `latest`: the last row of each key alone."""
        lane = self._lanes.get(name)
        if lane is not None:
            try:
                yield from lane.finish(latest=latest)
            finally:
                lane.drop()

    def finish_last(
        self, name: str, more_to_come: Callable[[], bool], has_repeats: Callable[[], bool]
    ) -> Iterator[Any]:
        """`finish` for a resource with several readers at a time: one of them waits until there is nothing to come."""
        if self._lanes.get(name) is None or name in self._waiting:
            return
        self._waiting.add(name)
        try:
            while more_to_come():
                yield None
        finally:
            self._waiting.discard(name)
        yield from self.finish(name, latest=has_repeats())

    def _begun(
        self, name: str, keys: KeyRules, rows_of: Callable[[Source], list[Any]], cursor: Any, screen: Screen | None
    ) -> Lane | None:
        package, schema = seam.current_package(), extraction.current_schema()
        resource = extraction.current_resource(name)
        if package is None or schema is None or resource is None or seam.obstacle(resource, schema, cursor) is not None:
            return None
        shadow = self._shadow_of(schema, package.load_id)
        table = shadow.prepare(resource)
        if seam.table_obstacle(schema, table) is not None:
            return None
        from homeroom.source.columnar import Choice, Lane
        from homeroom.source.learning import Improver, Learner

        choice = None if cursor is None else Choice(seam.fields_of_cursor(cursor) or (), cursor)
        learner = Improver(table, shadow) if self._improved else Learner(table, shadow)
        return Lane(learner, shadow, package, keys, rows_of, choice, screen)

    def _improver(self, name: str) -> Learner | None:
        package, schema = seam.current_package(), extraction.current_schema()
        resource = extraction.current_resource(name)
        if package is None or schema is None or resource is None or seam.depends_on_rows(resource):
            return None
        shadow = self._shadow_of(schema, package.load_id)
        table = shadow.prepare(resource)
        from homeroom.source.learning import Improver

        if not seam.may_evolve(schema, table):
            return None
        return self._improvers.setdefault(table, Improver(table, shadow))  # resources of one table learn together

    def _shadow_of(self, schema: Schema, load_id: str) -> Shadow:
        """One for all resources of an extraction: it is a copy of the whole schema."""
        # Here and elsewhere: pyarrow takes 0.1 s to import, which a run without a row does not need.
        from homeroom.dlt_seam.shadow import Shadow

        if self._shadow is None or self._shadow.load_id != load_id:
            self._shadow = Shadow(schema, load_id)
            self._improvers = {}
        return self._shadow
