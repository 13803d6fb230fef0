"""`homeroom schema`: of the config file, of the tables of a synced config, and what of these can be declared."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.table import Table

from homeroom.cli.console import Voice
from homeroom.config.editors import write_schema_beside
from homeroom.errors import ConfigError, HomeroomError, Problem

if TYPE_CHECKING:
    from homeroom.sync_run.tables import Columns, Synced


def print_config_schema(voice: Voice, output: Path | None) -> None:
    """The JSON Schema of the config file: printed, or written to `output`."""
    from homeroom.config.editors import editor_line, schema_text, write_schema

    if output is None:
        _write(voice, schema_text().rstrip("\n"))
        return
    write_schema(output, place="--output")
    line = editor_line(Path("x.yaml")).partition("=")[0]
    voice.say(f"{output}: the JSON Schema of a config. First line of a config beside it: {line}={output.name}")


def print_tables(voice: Voice, config: str, to: str | None, dataset: str | None, *, as_json: bool) -> None:
    """The tables of a synced config."""
    from homeroom.sync_run import SyncOptions
    from homeroom.sync_run.tables import show_tables

    synced = show_tables(config, SyncOptions(to, dataset))
    if as_json:
        _write(voice, orjson.dumps(_json(synced)).decode())
    elif not synced.tables:
        voice.say(f"{synced.name} has no tables in {synced.where}, dataset {synced.dataset}: no run has brought a row.")
    else:
        voice.out.print(_rendered(synced))


def print_columns(
    voice: Voice, config: str, to: str | None, dataset: str | None, *, as_json: bool, write: bool
) -> None:
    """The columns of each resource as `columns:` would declare them; `write`: into the config, too."""
    from homeroom.config.declare import write_columns
    from homeroom.sync_run import SyncOptions
    from homeroom.sync_run.tables import infer_columns

    found = infer_columns(config, SyncOptions(to, dataset))
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


def write_for_editors(voice: Voice, config: Path) -> None:
    """Put the schema beside a config. Without it the config is as good."""
    try:
        write_schema_beside(config)
    except HomeroomError as error:
        voice.say(f"editors will not know the keys of {config}: {error}")


def refuse_flags_alone(write: bool, infer: bool, output: Path | None, config: str | None) -> None:
    """Raise `ConfigError` for flags that do nothing without others, or with them."""
    if output is not None and config is not None:
        hint = "leave CONFIG out, or print it: homeroom schema CONFIG > FILE"
        raise ConfigError(
            [Problem("--output", "is for the schema of the config file", str(output), hint=hint, code="wrong-flag")]
        )
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
