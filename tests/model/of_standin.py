"""A stand-in of tests/standins, synced with the shipped config and its model."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "standins"))

import counts
import reads
from reads import Read

from homeroom.edu_values import ModelReport

_SET_BY_COUNTS = ("MOODLE_TOKEN", "ONEROSTER_CLIENT_SECRET", "ONEROSTER_SECRET")


@dataclass(frozen=True)
class OfStandIn:
    """What a sync of a stand-in left; `counts` are the stand-in's own numbers, by resource."""

    read: Read
    model: ModelReport
    counts: Mapping[str, int]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query over `edu` gives."""
        return self.read.rows(sql)


def synced(platform: str, folder: Path) -> OfStandIn:
    """One sync of the platform's stand-in by its shipped config, which has `model:`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        for name in _SET_BY_COUNTS:
            patch.setenv(name, "")  # counts sets it, and this puts back what was
        with counts.PLATFORMS[platform](folder) as (values, own):  # type: ignore[attr-defined]
            read = reads.sync(reads.filled(platform, values, folder), folder)
    assert read.report.model is not None
    return OfStandIn(read, read.report.model, own)
