"""The journal of a run that was kept after its load, and is read instead of the API."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from homeroom.journal import tables, trail
from homeroom.journal.clerk import Clerk
from homeroom.journal.kept import KeptPage, Whose
from homeroom.journal.trail import Trail
from homeroom.journal.veil import Blank, Veil

if TYPE_CHECKING:
    from homeroom.privacy.seal import Seal


_SEALED = "sealed with another key: set the privacy key as it was then"


@dataclass(frozen=True, slots=True)
class About:
    """What a replay must know of the run beside its pages.

    `config` is an absolute path, or `module:attribute`; `folder` is where the run was started. `target` is the short
    name of its destination and dataset, `destination` how that was written, without a password; `reference` is the
    same where it leads there, and empty where it would hold a password. `resources` are those that were read, `state`
    is what the pipeline remembered of the source before. `span` and `full_refresh` are what it was told to ask for.
    """

    run_id: str
    name: str
    started_at: datetime
    config: str
    config_hash: str
    folder: str
    target: str
    destination: str
    reference: str
    dataset: str
    resources: tuple[str, ...]
    state: str
    span: tuple[str, str] | None = None
    full_refresh: bool = False

    def to_text(self) -> str:
        """As it is written down."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_text(cls, text: str) -> About:
        """What was written down."""
        said = orjson.loads(text)
        started_at = datetime.fromisoformat(said["started_at"])
        span = None if said.get("span") is None else tuple(said["span"])
        return cls(**{**said, "started_at": started_at, "resources": tuple(said["resources"]), "span": span})


def read_about(path: Path) -> About:
    """What a file of kept pages says of its run. Raises `ValueError` where it is none, or is torn."""
    clerk = Clerk(path)
    try:
        clerk.do(tables.open_tables).result()
        return _about(clerk.do(_head).result())
    finally:
        clerk.close()


def _about(said: Mapping[str, str]) -> About:
    if "replay" not in said:
        raise ValueError("is a journal without a trail")
    try:
        return About.from_text(said["replay"])
    except (KeyError, TypeError) as error:
        raise ValueError("is of another version of homeroom") from error


class KeptRun:
    """The kept pages of a run. All of SQLite happens in one thread of its own; methods may be called from any.

    `veiled` are the config's secrets, each in all the forms in which it may stand in a text; `seal` is what its pages
    are sealed with, None where they are not. `unreadable` is why no page can be had; empty where they can.
    Raises what `read_about` does; `StoppedError` where the file cannot be written.
    """

    def __init__(self, path: Path, veiled: Collection[Collection[str]] = (), seal: Seal | None = None) -> None:
        self._clerk = Clerk(path)
        try:
            salt = self._clerk.do(tables.open_tables).result()
            said = self._clerk.do(_head).result()
            self.about = _about(said)
            self._veil = Veil(salt, veiled, seal)
            _, _, sealed_by = said["secrets"].partition("+")
            # By another key nothing is found: the keys of requests have it in them too.
            self.unreadable = _SEALED if sealed_by and sealed_by != self._veil.sealed_by else ""
            if said["secrets"] != self._veil.mark:
                self._veil = Blank(salt, veiled, seal if "+" in said["secrets"] else None)
            self._load_id = said["load_id"]
            self._replays = _replays(said)
            self._trails = self._clerk.do(trail.read).result()
        except BaseException:
            self.close()
            raise

    @property
    def load_ids(self) -> list[str]:
        """The loads that have brought its rows to a table: its own, and those of its replays."""
        return [load_id for load_id in (self._load_id, *self._replays) if load_id]

    def add_load(self, load_id: str) -> None:
        """Note that another load is about to bring its rows to a table."""

        def act(db: sqlite3.Connection) -> list[str]:
            replays = [*_replays(_head(db)), load_id]
            db.execute("INSERT OR REPLACE INTO head VALUES ('replays', ?)", (orjson.dumps(replays).decode(),))
            return replays

        self._replays = self._clerk.do(act).result()

    def key_of(self, content: Any) -> bytes:
        """The key of what can be written as JSON, as the journal has made it."""
        return self._veil.key_of(content)

    def next_trail(self, whose: Whose) -> Trail | None:
        """What a chain has brought; of several that began with the same request each once. None: nothing is here."""
        left = self._trails.get(whose)
        return left.pop(0) if left else None

    def get(self, whose: Whose, number: int) -> Future[KeptPage | str]:
        """A page, or why it cannot be had. Its URL may lack a secret that is another one now."""
        return self._clerk.do(lambda db: _read(db, self._veil, whose, number))

    def close(self) -> None:
        """Close the file."""
        self._clerk.close()


def _head(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT name, value FROM head"))


def _replays(said: Mapping[str, str]) -> list[str]:
    return list(orjson.loads(said.get("replays", "[]")))


def _read(db: sqlite3.Connection, veil: Veil, whose: Whose, number: int) -> KeptPage | str:
    if db.execute("SELECT 1 FROM pages WHERE id = ?", (number,)).fetchone() is None:
        return "is not in the file"
    try:
        page = tables.select(db, veil, whose, number)
    except ValueError:
        return f"is {_SEALED}"
    if isinstance(veil, Blank):
        headers = [value for _, value in page.answer.headers]
        if veil.sign.encode() in page.answer.body or any(veil.sign in value for value in headers):
            return "quotes a key or password of the config that is another one now; set it as it was then"
    return page
