"""A folder that holds one bundle: it appears whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from homeroom.errors import ConfigError, DiskError, Problem
from homeroom.oneroster_export.bundle import Bundle
from homeroom.oneroster_export.csv_files import files_of
from homeroom.oneroster_export.standard import ALL_FILES, MANIFEST

_OURS = {f"{file}.csv" for file in (*ALL_FILES, MANIFEST)}


def refuse_taken(folder: Path) -> None:
    """Raise `ConfigError` where something other than an earlier export is there."""
    if not folder.exists():
        return
    if not folder.is_dir():
        hint = "name a folder"
        raise ConfigError([Problem("DIR", "this is a file", repr(str(folder)), hint=hint, code="wrong-flag")])
    here = {path.name for path in folder.iterdir()}
    if not here or (f"{MANIFEST}.csv" in here and here <= _OURS):
        return
    hint = "name a folder that is empty or not there yet, or the folder of an earlier export"
    message = "other files are in this folder"
    raise ConfigError([Problem("DIR", message, repr(str(folder)), hint=hint, code="wrong-flag")])


@contextmanager
def folder_beside(folder: Path) -> Iterator[Path]:
    """A folder for the owner alone, which takes the place of `folder` at the end; where an error comes it is gone."""
    place = folder.resolve()
    with _told(folder):
        place.parent.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield made
        with _told(folder):
            _replace(place, made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write the files, for the owner alone. Raises `DiskError` where that is not possible."""
    with _told(folder):
        for name, content in files_of(bundle):
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)


def _replace(place: Path, made: Path) -> None:
    aside = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    if place.exists():
        place.rename(aside / "before")
    try:
        made.rename(place)
    except OSError:
        if (aside / "before").exists():
            (aside / "before").rename(place)
        shutil.rmtree(aside, ignore_errors=True)
        raise
    shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DiskError(f"{folder} cannot be written ({why}); make room, or name a folder that can be") from None
