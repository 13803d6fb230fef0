"""Refresh tokens that a server has put in the place of the configured one: in a file, for the next run.

A server that rotates them takes each once. Whoever loses the newest is locked out until a person allows the app again.
So the file is made ready before a token is used, written through to the disk before its successor is, and held by one
process from the one to the other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from homeroom.errors import DiskError, TransientError
from homeroom.folders import private_folder, unwritable

_WAIT_S = 120.0
"""Longer than a token endpoint may take to answer."""
_MOST = 8
"""Configured tokens whose successors are kept; an older one has been replaced by a person since."""
_ROOM = b" " * 64 * 1024


class _Kept(msgspec.Struct):
    """A refresh token, and when it came."""

    token: str
    at: datetime


class KeptToken:
    """The newest refresh token for one configured token, while the file's lock is held.

    Another configured token, such as one that somebody was given anew, has a successor of its own.
    """

    def __init__(self, file: Path, configured: str) -> None:
        self._file = file
        self._mark = hashlib.sha256(configured.encode()).hexdigest()
        self._configured = configured
        self._next = file.with_suffix(".next")

    @property
    def newest(self) -> str:
        """The token to use: the configured one where no server has replaced it."""
        found = _read(self._file).get(self._mark)
        return found.token if found else self._configured

    def make_ready(self) -> None:
        """See that `keep` will find room. Raises `DiskError`."""
        self._write(_ROOM)

    def keep(self, token: str) -> None:
        """Write the token through to the disk, in the place of the one before. Raises `DiskError`."""
        known = _read(self._file)
        known.pop(self._mark, None)
        newest = [*known.items(), (self._mark, _Kept(token, datetime.now(UTC)))][-_MOST:]
        self._write(msgspec.json.encode(dict(newest)))
        try:
            self._next.replace(self._file)
            _sync_folder(self._file.parent)
        except OSError as error:
            raise self._unwritable(error) from None

    def drop_room(self) -> None:
        """Let go what `make_ready` has taken."""
        with suppress(OSError):
            self._next.unlink(missing_ok=True)

    def _write(self, content: bytes) -> None:
        """Over what is there, so that the room taken before is what is written to."""
        try:
            handle = os.open(self._next, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> Exception:
        return unwritable(f"the refresh token's file {self._file}", error.strerror or type(error).__name__)


@contextmanager
def kept_token(home: Path, url: str, client_id: str, configured: str) -> Iterator[KeptToken]:
    """The newest token of a client at an endpoint, to be used and replaced by nobody else meanwhile.

    Raises `TransientError` where another run has held it for two minutes, `DiskError` where it cannot be held.
    """
    folder = private_folder(private_folder(home) / "tokens")
    name = hashlib.sha256(f"{url}\n{client_id}".encode()).hexdigest()[:32]
    lock = FileLock(folder / f"{name}.lock", timeout=_WAIT_S, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise TransientError("another run is using the refresh token; run again later", code="locked") from None
    except OSError as error:
        raise unwritable(f"the lock {lock.lock_file}", error.strerror or type(error).__name__) from None
    kept = KeptToken(folder / f"{name}.json", configured)
    try:
        yield kept
    finally:
        kept.drop_room()
        lock.release()


def _read(file: Path) -> dict[str, _Kept]:
    """All that is kept, oldest first. What cannot be read was not written by us: a broken disk, or a hand."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, _Kept])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        told = f"the refresh token's file {file} cannot be read ({type(error).__name__})"
        hint = "mend it, or remove it and set refresh_token to a new one"
        raise DiskError(f"{told}; {hint}", code="file-damaged") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
