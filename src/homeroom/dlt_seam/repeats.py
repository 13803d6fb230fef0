"""Rows of one key that came twice, where they lie as objects in an extracted package: the last one stays."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import msgspec
from dlt.common.schema.typing import TTableSchema
from dlt.common.schema.utils import get_columns_names_with_prop
from dlt.common.storages.load_package import PackageStorage, ParsedLoadJobFileName
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.merging import way_of_table

_OBJECTS = "typed-jsonl"

Rows = list[msgspec.Raw]


def keep_last(pipeline: Pipeline, load_id: str, tables: Collection[str]) -> None:
    """Take out of the package's rows those whose key comes again behind them; called before it is normalised.

    Tables that do not merge by their key keep all. dlt's own merge would take any of them, whichever is first at
    the destination.
    """
    packages: PackageStorage = pipeline._get_normalize_storage().extracted_packages
    schema, folder = pipeline.default_schema, Path(packages.storage.storage_path)
    found: dict[str, list[Path]] = {}
    for path in packages.list_new_jobs(load_id):
        job = ParsedLoadJobFileName.parse(path)
        if job.table_name in tables and job.file_format == _OBJECTS and merges(schema.tables[job.table_name]):
            found.setdefault(job.table_name, []).append(folder / path)
    for table, files in found.items():
        key = frozenset(get_columns_names_with_prop(schema.tables[table], "primary_key", include_incomplete=True))
        if key:
            in_order = sorted(files, key=lambda file: file.stat().st_mtime_ns)
            _rewrite(in_order, key, schema.naming.normalize_path)


def merges(table: TTableSchema) -> bool:
    """Whether of rows with one key the table holds one, and nothing else says which (`dedup_sort`)."""
    return way_of_table(table).keeps_one and not get_columns_names_with_prop(
        table, "dedup_sort", include_incomplete=True
    )


def _rewrite(files: list[Path], key: Collection[str], namer: Callable[[str], str]) -> None:
    """Write anew the files, given in the order of their rows, from which rows go."""
    seen: set[tuple[bytes, ...]] = set()
    for file in reversed(files):
        lines = list(_read(file))
        kept = [_without(rows, key, namer, seen) for rows in reversed(lines)][::-1]
        if sum(map(len, kept)) < sum(map(len, lines)):
            with gzip.open(file, "wb") as out:
                out.writelines(b"[" + b",".join(map(bytes, rows)) + b"]\n" for rows in kept if rows)


def _read(file: Path) -> Iterator[Rows]:
    with gzip.open(file) as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Rows)


def _without(rows: Rows, key: Collection[str], namer: Callable[[str], str], seen: set[tuple[bytes, ...]]) -> Rows:
    """The rows whose key is not among `seen`, which then holds theirs too."""
    kept = []
    for row in reversed(rows):
        if not bytes(row).startswith(b"{"):
            kept.append(row)  # a step of the config has made it; it has no key
            continue
        fields = msgspec.json.decode(row, type=dict[str, msgspec.Raw])
        values = tuple(bytes(value) for name, value in sorted(fields.items()) if namer(name) in key)
        if values not in seen:
            seen.add(values)
            kept.append(row)
    return kept[::-1]
