"""The platforms are package data: they are in the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.catalog import PLATFORMS

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_every_platform() -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed: make test does it")
    builder = wheel.WheelBuilder(str(ROOT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    assert {f"homeroom/platforms/{file.name}" for file in PLATFORMS.iterdir()} <= packed
    assert {"homeroom/catalog/shelf.py", "homeroom/config/config.schema.json"} <= packed
