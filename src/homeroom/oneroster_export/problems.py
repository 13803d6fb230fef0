"""All that is wrong with a bundle."""

from __future__ import annotations

from pathlib import Path

from homeroom.oneroster_export.checking import Violation, fields_wrong, read_bundle
from homeroom.oneroster_export.meaning import meaning_wrong


def problems_of(folder: Path) -> list[Violation]:
    """Every violation of OneRoster 1.2's CSV binding in the files of a folder, read back from it; empty if none."""
    found: list[Violation] = []
    read = read_bundle(folder, found)
    return [*found, *fields_wrong(read), *meaning_wrong(read)]
