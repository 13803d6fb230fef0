"""dlt's working folder of a replay, and what a killed one has left there.

It is apart from that of the syncs, because in it the pipeline remembers what it did before the run that is replayed:
the next sync shall not read from there.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from homeroom import load

if TYPE_CHECKING:
    from dlt import Pipeline

ROOM = "replays"


@dataclass(frozen=True, slots=True)
class Taking:
    """A load that takes the place of earlier ones in the tables (root tables) that are appended to."""

    load_id: str
    before: list[str]
    tables: list[str]


def open_folder(target: load.Target, name: str, home: Path) -> Pipeline:
    """The pipeline of a replay, as the destination knows it."""
    pipeline = load.open_pipeline(target, name, home, room=ROOM)
    load.clear_leftovers(pipeline)
    return pipeline


def note_taking(target: load.Target, name: str, home: Path, taking: Taking) -> None:
    """Write down what is about to be loaded, so that it can be finished whatever step a kill falls on."""
    note = _note(target, name, home)
    part = note.with_suffix(".part")
    part.write_bytes(orjson.dumps(asdict(taking)))
    part.replace(note)


def finish_replays(target: load.Target, home: Path) -> None:
    """Bring to its end what a replay into this target was killed in; nothing where there is none.

    Where its load is committed, what earlier loads had appended goes; else what it has appended itself.
    Raises `LoadError` where the destination cannot be reached: then it is for the next run to do.
    """
    folder = _folder(target, home)
    for working in [path for path in folder.glob("*") if path.is_dir()]:
        pipeline = open_folder(target, working.name, home)
        note = _note(target, working.name, home)
        taking = Taking(**orjson.loads(note.read_bytes())) if note.exists() else None
        if taking is not None and load.was_committed(pipeline, taking.load_id):
            load.remove_loads(pipeline, taking.before, taking.tables)
    drop_folder(target, home)


def drop_folder(target: load.Target, home: Path) -> None:
    """Remove the folder: the replay is done."""
    shutil.rmtree(_folder(target, home), ignore_errors=True)


def _folder(target: load.Target, home: Path) -> Path:
    return home / ROOM / load.target_id(target)


def _note(target: load.Target, name: str, home: Path) -> Path:
    return _folder(target, home) / f"{name}.json"
