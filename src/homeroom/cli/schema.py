"""`homeroom schema`: of the config file, of the tables of a synced config, and what of these can be declared."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.table import Table

from homeroom.cli.console import Voice
from homeroom.errors import ConfigError, Problem

if TYPE_CHECKING:
    from homeroom.sync_run.options import SyncOptions
    from homeroom.sync_run.tables import Columns, Synced


def print_config_schema(voice: Voice) -> None:
    """The JSON Schema of the config file."""
    from homeroom.config.json_schema import config_schema

    _write(voice, orjson.dumps(config_schema(), option=orjson.OPT_INDENT_2).decode())


def print_tables(voice: Voice, config: str, options: SyncOptions, *, as_json: bool) -> None:
    """The tables of a synced config."""
    from homeroom.sync_run.tables import show_tables

    synced = show_tables(config, options)
    if as_json:
        _write(voice, orjson.dumps(_json(synced)).decode())
    elif not synced.tables:
        voice.say(f"{synced.name} has no tables in {synced.where}, dataset {synced.dataset}: no run has brought a row.")
    else:
        voice.out.print(_rendered(synced))


def print_columns(voice: Voice, config: str, options: SyncOptions, *, as_json: bool, write: bool) -> None:
    """The columns of each resource as `columns:` would declare them; `write`: into the config, too."""
    from homeroom.config.declare import write_columns
    from homeroom.sync_run.tables import infer_columns

    found = infer_columns(config, options)
    if not write:
        _print_columns(voice, found, as_json=as_json)
        return
    written = write_columns(config, found)
    if as_json:
        _write(voice, orjson.dumps({"added": {**written.added}, "left": list(written.left)}).decode())
    for name, columns in written.added.items():
        voice.say(f"{config}: {name}: {len(columns)} columns declared: {', '.join(columns)}")
    if not written.added and not written.left:
        voice.say(f"{config} declares all columns already; nothing was written.")
    if written.left:
        left = {name: found[name] for name in written.left}
        voice.say(f"Could not be written into {config} (paste them yourself): {', '.join(written.left)}")
        if not as_json:
            _print_columns(voice, left, as_json=False)


def refuse_write_alone(write: bool, infer: bool, config: str | None) -> None:
    """Raise `ConfigError` for flags that do nothing without others."""
    if write and not infer:
        why, hint = "writes what --infer finds", "give both: --infer --write"
        raise ConfigError([Problem("--write", why, hint=hint, code="wrong-flag")])
    if infer and config is None:
        why, hint = "needs a config that was synced", "homeroom schema CONFIG --infer"
        raise ConfigError([Problem("--infer", why, hint=hint, code="wrong-flag")])


def _print_columns(voice: Voice, found: dict[str, Columns], *, as_json: bool) -> None:
    from homeroom.config.declare import as_text

    if as_json:
        _write(voice, orjson.dumps({"resources": {name: {"columns": each} for name, each in found.items()}}).decode())
        return
    for name, columns in found.items():
        _write(voice, f"# resource {name}\ncolumns:\n{as_text(columns, 2)}")


def _rendered(synced: Synced) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("table", "column", "type", "nullable", "key"):
        table.add_column(heading)
    for each in synced.tables:
        for number, column in enumerate(each.columns):
            nullable = "yes" if column.nullable else "no"
            table.add_row("" if number else each.name, column.name, column.kind, nullable, column.key)
    return table


def _json(synced: Synced) -> dict[str, Any]:
    tables = [
        {**asdict(each), "columns": [{**asdict(c), "data_type": c.kind} for c in each.columns]}
        for each in synced.tables
    ]
    for column in (column for each in tables for column in each["columns"]):
        del column["kind"]
    return {"name": synced.name, "destination": synced.where, "dataset": synced.dataset, "tables": tables}


def _write(voice: Voice, text: str) -> None:
    voice.out.file.write(text + "\n")
    voice.out.file.flush()
