"""The columnar lane of one resource: batches of pages to load files, page by page as objects where one does not fit.

Types are never guessed. The first page, and any later one that brings something new, is shown to dlt's own
normaliser on a copy of the schema (`dlt_seam.shadow`); what that makes of it is what columns are read as. A page
that then still does not fit exactly goes to dlt as rows of Python, and dlt's normaliser does there what it always
does. Both kinds end up in one table in one load.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pyarrow as pa

from homeroom.decode_columns import (
    Batch,
    RowFields,
    Slice,
    decode_columns,
    is_marked,
    read_fields,
    reading_schema,
)
from homeroom.dlt_seam import columnar as seam
from homeroom.dlt_seam.shadow import Shadow, rounded
from homeroom.layout import Keys, MisfitError, Table, UnfitError, has_nested
from homeroom.shape_columns import KEY_TYPES, IdRules, Shaped, as_it_is, shape
from homeroom.source.hiding import Screen
from homeroom.source.learning import Learner
from homeroom.source.pages import Columns, KeyRules, Objects, PageKeys, Source
from homeroom.source.twice import Twice, last_places
from homeroom.spool import LoadFile, RoundingError, Spool, recast, without_repeats
from homeroom.values import Page

TRIAL_PAGES = 20
"""Pages after which the lane is given up where most of them did not fit at first: to learn costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What picks rows before they are stored, and the keys that it looks at: an `incremental`.

    It is called with some fields of the rows, in their order, and returns those to keep; None for none.
    """

    fields: tuple[str, ...]
    keep: Callable[[list[RowFields]], list[RowFields] | None]


@dataclass(frozen=True, slots=True)
class Read:
    """Pages that fit: their rows, the tables these make, the primary keys of each page, and the ids of the rows."""

    slices: Sequence[Slice]
    batch: Batch
    tables: Sequence[tuple[str, pa.Table]]
    keys: Sequence[PageKeys]
    ids: pa.Array


class Lane:
    """Where one resource's pages are read as columns, from its first page to its last in one extraction.

    `rows_of` decodes a page to rows, checked; it may raise, and then the page is in neither lane. `choice` picks
    the rows to store of those that go as columns. `screen` hides columns: all that is learnt is learnt of hidden rows,
    and of `_raw` alone as what JSON they are read; None where nothing is hidden.
    """

    def __init__(
        self,
        learner: Learner,
        shadow: Shadow,
        package: seam.Package,
        keys: KeyRules,
        rows_of: Callable[[Source], list[Any]],
        choice: Choice | None = None,
        screen: Screen | None = None,
    ) -> None:
        self._screen = screen
        self._raw = Keys()
        self._table = learner.table
        self._learner = learner
        self._shadow = shadow
        self._package = package
        self._keys = keys
        self._rows_of = rows_of
        self._choice = choice
        self._layout: Table | None = None
        self._ids: IdRules | None = None
        self._twice: Twice | None = None
        self._files: dict[str, pa.Schema] = {}
        self._spool = Spool(package.folder)
        self._given_up = ""
        self._tried = self._failed = 0

    def take(self, sources: Sequence[Source]) -> Iterator[Columns | Objects]:
        """What became of pages that follow each other; rows of columns are in the load files already."""
        fit = [source for source in sources if source.page.facts.rows]
        none: list[Any] | None = [] if self._keys.key else None
        empty = [(source.page, none) for source in sources if not source.page.facts.rows]
        if empty:
            yield Columns(empty)
        if self._layout is None and not self._given_up:
            # What is learnt of the first page mostly fits the others of its batch.
            yield from self._one_by_one(fit[:1])
            fit = fit[1:]
        if not fit:
            return
        try:
            found = None if self._given_up else self._read(fit)
        except MisfitError:
            yield from self._one_by_one(fit)
            return
        yield from self._kept(fit, found) if found else map(self._as_objects, fit)

    def apart(self, source: Source, kept: list[Any]) -> Objects:
        """A page that goes as objects whatever its rows are: of these, as they came, `kept` alone are stored."""
        left = self._learner.rows(self._hidden(kept))
        return replace(self._as_objects(source), kept=left, why="a person who is forgotten")

    def finish(self, *, latest: bool) -> Iterator[Any]:
        """Hand the load files over: items for dlt, to be yielded as they come. Raises `DataError`.

        `latest`: of rows with one key only the last one; dlt's merge would take any of them.
        """
        files = [self._cast(file) for file in self._spool.finish()]
        root = [file for file in files if file.table == self._table]
        if latest and root and self._twice is not None:
            files = self._twice.last(files)
        elif latest and root:
            # Rows of nested tables need a row of the root table: dlt's merge leaves out those that have none.
            files = [*without_repeats(root, self._keys.key), *(file for file in files if file.table != self._table)]
        # Arrow keeps what it needed: 160 MB after 200,000 rows, which the load can use.
        pa.default_memory_pool().release_unused()
        for file in sorted(files, key=lambda file: file.table != self._table):
            if file.table == self._table:
                yield seam.root_file(file.path, file.rows)
                file.path.unlink(missing_ok=True)
            else:
                self._package.nested_file(file.table, file.path)

    def drop(self) -> None:
        """Forget what was not handed over."""
        self._spool.drop()

    def _cast(self, file: LoadFile) -> LoadFile:
        """The file with the types that its columns have by now."""
        try:
            return recast(file, self._files[file.table])
        except RoundingError as error:
            raise rounded(file.table, error.column) from None

    def _one_by_one(self, sources: Sequence[Source]) -> Iterator[Columns | Objects]:
        """The pages that fit, what is new in them learnt, and the others as objects; all in their order."""
        fit: list[Source] = []
        for source in sources:
            if self._fits(source):
                fit.append(source)
                continue
            yield from self._kept_if_any(fit)  # before what is new changes the columns
            fit = []
            rows, why = self._tested(source)
            if rows is None:
                fit.append(source)
            else:
                yield self._objects(source.page, rows, why)
        yield from self._kept_if_any(fit)

    def _kept_if_any(self, sources: Sequence[Source]) -> Iterator[Columns | Objects]:
        if sources:
            yield from self._kept(sources, self._read(sources))

    def _fits(self, source: Source) -> bool:
        if self._given_up:
            return False
        self._tried += 1
        return self._misfit(source) is None

    def _tested(self, source: Source) -> tuple[list[Any] | None, str]:
        """None where the page fits after what is new in it was learnt; else its rows, and why it does not."""
        came = self._rows_of(source)
        raw = self._hidden(came)
        rows = self._learner.rows(raw)
        if self._given_up:
            return rows, self._given_up
        if (why := _never_fits(source.page)) is not None:
            self._given_up = why
            return rows, why
        try:
            self._learn(raw, came)
        except UnfitError as error:
            self._given_up = str(error)
            return rows, self._given_up
        self._failed += 1
        if self._tried >= TRIAL_PAGES and self._failed * 2 > self._tried:
            self._given_up = "most pages do not fit the columns, or bring new ones"
        left = self._misfit(source)
        return (None, "") if left is None else (rows, left)

    def _misfit(self, source: Source) -> str | None:
        try:
            self._read([source])
        except MisfitError as error:
            return str(error)
        return None

    def _hidden(self, rows: list[Any]) -> list[Any]:
        return rows if self._screen is None else self._screen.rows(rows)

    def _learn(self, rows: list[Any], came: list[Any]) -> None:
        self._learner.learn(rows)
        layout, ids = self._learner.layout(), self._id_rules()
        if self._screen is not None:
            for row in came:
                self._raw.see(row)
            layout = self._screen.layout(layout, self._raw)
        types = {leaf.column: leaf.type for leaf in layout.leaves()}
        if any(types.get(name) not in KEY_TYPES for name in (*self._keys.key, *(ids.key or ()))):
            raise UnfitError("its key is no number, text or flag")
        if ids.key and not ids.roots and has_nested(layout.row):
            # Of two rows with one key the nested ones have the same ids, and files cannot tell whose is whose.
            raise UnfitError("rows of its nested tables are known by the key of their row, and do not tell their root")
        self._layout, self._ids = layout, ids
        if self._twice is None and self._keys.keeps_last and {*(ids.key or ())} == {*self._keys.key}:
            self._twice = Twice(self._table, ids.names)
        self._files = self._shadow.publish(self._table)

    def _read(self, sources: Sequence[Source]) -> Read:
        """The tables that pages make, nothing written. Raises `MisfitError`."""
        if self._layout is None:
            raise MisfitError("rows of which nothing is known yet")
        given = sources[0].given.keys()
        if self._choice is not None and given & {*self._choice.fields}:
            raise MisfitError("an incremental on a field of its parent")
        slices = [_slice(source) for source in sources]
        batch = decode_columns(slices, reading_schema(self._layout, given))
        shaped = self._shaped(batch.rows)
        root = shaped[0].columns
        for name in self._keys.required:
            if name not in root or root[name].null_count:
                raise MisfitError("a null where none may be")
        ids = root[self._shadow.ids.row]
        if self._twice is not None and self._twice.has_gone_as_object(ids):
            raise MisfitError("a row that has come before and did not fit the columns")
        return Read(slices, batch, self._tables(shaped), self._keys_of(root, batch.lengths), ids)

    def _shaped(self, rows: pa.StructArray) -> list[Shaped]:
        assert self._layout is not None and self._ids is not None
        return shape(rows, self._layout, self._ids, as_it_is if self._screen is None else self._screen.array)

    def _tables(self, shaped: Sequence[Shaped]) -> list[tuple[str, pa.Table]]:
        return [(each.name, _fitted(each, self._files[each.name])) for each in shaped]

    def _id_rules(self) -> IdRules:
        return IdRules(
            names=self._shadow.ids,
            load_id=self._shadow.load_id,
            roots=self._shadow.has_root_key(self._table),
            key=self._shadow.key_of_ids(self._table),
            hash_key=seam.hash_key,
            hash_nested=seam.hash_nested,
        )

    def _kept(self, sources: Sequence[Source], read: Read) -> Iterator[Columns | Objects]:
        """Write the rows; the pages with their keys, those of rows that are not stored too."""
        try:
            tables = self._chosen(read)
        except Exception:
            # Raised by an incremental: dlt shall raise it in its own place and words.
            self._given_up = "an error of its incremental"
            yield from map(self._as_objects, sources)
            return
        for name, rows in tables:
            self._spool.add(name, rows)
        if self._twice is not None:
            self._twice.wrote(tables)
        self._tried += len(sources)
        yield Columns([(source.page, own) for source, own in zip(sources, read.keys, strict=True)])

    def _chosen(self, read: Read) -> Sequence[tuple[str, pa.Table]]:
        places = self._places(read)
        if places is None:
            return read.tables
        return self._tables(self._shaped(read.batch.rows.take(places))) if len(places) else ()

    def _places(self, read: Read) -> pa.Array | None:
        """The rows to store, by their places; None for all."""
        places = None
        if self._choice is not None:
            fields = read_fields(read.slices, self._choice.fields)
            kept = self._choice.keep(fields if self._screen is None else self._screen.fields(fields)) or []
            if len(kept) < len(read.batch.rows):
                places = pa.array([row.place for row in kept], pa.int64())
        if self._twice is None:
            return places
        last = last_places(read.ids if places is None else read.ids.take(places))
        if last is None:
            return places
        return last if places is None else places.take(last)

    def _keys_of(self, root: Mapping[str, pa.Array], lengths: Sequence[int]) -> list[PageKeys]:
        if not self._keys.key:
            return [None] * len(lengths)
        columns = [root[name] for name in self._keys.key]
        keys: Any = columns[0]
        if len(columns) > 1:
            keys = list(zip(*(column.to_pylist() for column in columns), strict=True))
        ends = itertools.accumulate(lengths)
        return [keys[end - length : end] for end, length in zip(ends, lengths, strict=True)]

    def _as_objects(self, source: Source) -> Objects:
        return self._objects(source.page, self._learner.rows(self._hidden(self._rows_of(source))), self._given_up)

    def _objects(self, page: Page, rows: list[Any], why: str) -> Objects:
        if self._twice is not None and self._ids is not None and self._ids.key:
            order = [self._keys.key.index(column) for column in self._ids.key]
            found = [key if len(order) > 1 else (key,) for key in self._keys.of(rows) or () if key is not None]
            self._twice.went_as_objects(self._ids.hash_key(self._ids.key, [[key[at] for at in order] for key in found]))
        return Objects(page, rows, why)


def _fitted(shaped: Shaped, schema: pa.Schema) -> pa.Table:
    """The rows with all columns of the table, in its order."""
    if not shaped.columns.keys() <= {*schema.names}:
        raise MisfitError("a column that the table does not have")
    return pa.Table.from_arrays([_column(shaped, field) for field in schema], schema=schema)


def _column(shaped: Shaped, field: pa.Field) -> pa.Array:
    values = shaped.columns.get(field.name)
    if values is None:
        values = pa.nulls(shaped.rows, field.type)
    if values.type != field.type or (values.null_count and not field.nullable):
        raise MisfitError("a null where none may be")
    return values


def _never_fits(page: Page) -> str | None:
    """Why neither this page nor those after it can be read as columns, whatever is learnt of its rows."""
    if page.selector.keys is None:
        return "rows that are searched for in the whole answer"
    if is_marked(page.body):
        return "text in characters that mean something else in dlt's JSON"
    return None


def _slice(source: Source) -> Slice:
    facts = source.page.facts
    if facts.data is None or source.cast is not None:
        raise MisfitError("rows that were searched for in the whole answer")
    given = msgspec.json.encode(_plain(source.given)) if source.given else None
    return Slice(facts.data, facts.rows, given)


def _plain(value: Any) -> Any:
    """The value, if it is of JSON alone; a step of the user's may have put anything into a parent's row."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if value is None or type(value) in (str, int, float, bool):
        return value
    raise MisfitError("a field of its parent that is no JSON")
