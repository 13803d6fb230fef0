"""Folders of local state, for their owner alone."""

from __future__ import annotations

from pathlib import Path

from homeroom.errors import DiskError


def private_folder(folder: Path) -> Path:
    """The folder, made if it is missing. Raises `DiskError` where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise DiskError(f"the folder {folder} cannot be made: a file is there; set HOMEROOM_HOME to a folder") from None
    except OSError as error:
        raise unwritable(f"the folder {folder}", error.strerror or type(error).__name__) from None
    return folder


def unwritable(what: str, why: str) -> DiskError:
    """The error of local state that cannot be written, and `why` in the system's words."""
    return DiskError(
        f"{what} cannot be written ({why}); make room or make it writable, or set HOMEROOM_HOME to another folder"
    )
