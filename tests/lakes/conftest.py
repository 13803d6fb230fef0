"""The campus of tests/sync, synced to files and to Delta and Iceberg tables, and to DuckDB beside them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).parent))

from lake_rows import Lake  # noqa: E402


def _campus_of_sync() -> ModuleType:
    spec = importlib.util.spec_from_file_location("campus_of_sync", TESTS / "sync" / "conftest.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_sync = _campus_of_sync()
alone, elsewhere, fresh = _sync.alone, _sync.elsewhere, _sync.fresh
open_campus, campus = _sync.open_campus, _sync.campus

if TYPE_CHECKING:
    from campus_of_sync import Campus


@pytest.fixture(params=["delta", "iceberg"])
def lake(request: pytest.FixtureRequest, campus: Campus, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A campus whose tables are of one format."""
    pytest.importorskip("deltalake" if request.param == "delta" else "pyiceberg")
    return Lake(campus, request.param, monkeypatch)


@pytest.fixture
def folder(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A campus whose tables are plain files."""
    return Lake(campus, None, monkeypatch)
