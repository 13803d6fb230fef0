"""Deletes by absence that a run owes: noted before its load, so that a later run makes up for those of a killed one.

Which rows a proved read did not bring is told by their load: they still bear one that the table knew before it. So what
is owed can be told at any time after, whatever other loads came in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson

from homeroom.folders import private_folder, unwritable


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed to one table behind a read that was proved.

    `way` is soft or hard; `came` rows were read, `held` and the loads `known` were in the table before. `parents`: of
    rows with these values in `columns` alone, None for all rows. `on_demand`: all rows are read only where that is
    asked for. `is_doubtful`: rows that came may not be in the table, so that loads do not tell.
    """

    resource: str
    table: str
    way: str
    came: int
    held: int
    known: Sequence[str]
    columns: Sequence[str] = ()
    parents: Sequence[Sequence[str]] | None = None
    on_demand: bool = False
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Debt:
    """What a run owes once its load is committed. `at` is the time that its marks bear."""

    run_id: str
    load_id: str
    at: datetime
    owed: Sequence[Owed]


class DebtFile:
    """The debts of one config and target; without a `path` nothing is noted, and nothing owed.

    Raises `DiskError` where the file cannot be written. One that cannot be read is none: its deletes wait for the next
    read of all rows.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.earlier = [] if path is None else _read(path)

    def add(self, debt: Debt) -> None:
        """Note what is owed from the load on that is about to be made."""
        if debt.owed:
            self.put([*self.earlier, debt])

    def clear(self) -> None:
        """Nothing is owed any more."""
        if self._path is not None:
            with suppress(OSError):  # told again is better than a run that fails behind its load
                self._path.unlink(missing_ok=True)

    def put(self, debts: Iterable[Debt]) -> None:
        """Write these down in the place of all that was noted."""
        if self._path is None:
            return
        private_folder(private_folder(self._path.parent.parent) / self._path.parent.name)
        part = self._path.with_suffix(".part")
        try:
            part.write_bytes(orjson.dumps([*debts]))
            part.chmod(0o600)
            part.replace(self._path)
        except OSError as error:
            raise unwritable(f"the note {self._path}", error.strerror or type(error).__name__) from None


def _read(path: Path) -> list[Debt]:
    try:
        found = orjson.loads(path.read_bytes())
        return [
            Debt(
                run_id=each["run_id"],
                load_id=each["load_id"],
                at=datetime.fromisoformat(each["at"]),
                owed=[Owed(**owed) for owed in each["owed"]],
            )
            for each in found
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def without_parents(path: Path, ids: Sequence[str]) -> None:
    """Take out of the notes what is owed to the rows of one parent, who is forgotten: they are gone.

    Raises `DiskError` where the file cannot be written.
    """
    file = DebtFile(path)
    if not file.earlier:
        return
    debts = [replace(debt, owed=[_without(each, {*ids}) for each in debt.owed]) for debt in file.earlier]
    if debts != file.earlier:
        file.put(debts)


def _without(owed: Owed, ids: set[str]) -> Owed:
    if owed.parents is None:
        return owed
    return replace(owed, parents=[each for each in owed.parents if not ids & {*each}])
