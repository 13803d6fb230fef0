"""Wheel and sdist of this tree, built once; HOMEROOM_DIST names a folder with ready ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode adds no folder
sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tools"))

from builds import Built, build
from environments import Environment, tools_in

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    ready = os.environ.get("HOMEROOM_DIST")
    return Built.of(Path(ready)) if ready else build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Today's pip, in an environment where nothing else is."""
    return tools_in(tmp_path_factory.mktemp("pip") / "env")
