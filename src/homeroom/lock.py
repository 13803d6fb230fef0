"""One run at a time for a destination and dataset: two would clear each other's packages as leftovers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from homeroom.errors import LoadError
from homeroom.folders import private_folder, unwritable


@contextmanager
def only_run(home: Path, key: str, where: str, hint: str = "write to another dataset with --dataset") -> Iterator[None]:
    """Hold the lock of a target. Raises `LoadError` where another process holds it; `where` names the target there.

    `hint` is what to do instead of waiting. Raises `DiskError` where the lock cannot be written. The process's number
    stands beside the lock, not in it: who asks for a lock empties its file.
    """
    folder = private_folder(private_folder(home) / "locks")  # with `parents` the mode would be the last one's alone
    holder = folder / f"{key}.pid"
    # Whatever thread lets it go: dlt closes in one what it has pulled in another.
    lock = FileLock(folder / f"{key}.lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
        holder.touch(0o600)
        holder.write_text(str(os.getpid()))
    except Timeout:
        raise LoadError(
            f"another run{_process(holder)} writes to {where}, at this moment; wait for its end, or {hint}",
            code="locked",
        ) from None
    except OSError as error:
        lock.release()
        raise unwritable(f"the lock {holder}", error.strerror or type(error).__name__) from None
    try:
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _process(holder: Path) -> str:
    try:
        return f" (process {int(holder.read_text())})"
    except (OSError, ValueError):
        return ""
