"""The version is written in one place, and the changelog tells it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from builds import Built
from packaging.version import Version
from release_version import refusals, released, written_version

from homeroom import __version__

ROOT = Path(__file__).parent.parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
READY = "# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-11-23\n\n- It counts.\n\n## 1.1.0 - 2026-10-01\n"


def test_both_files_of_a_release_have_the_version_of_the_package(built: Built) -> None:
    assert built.metadata()["Version"] == __version__
    assert built.wheel.name == f"homeroom-{__version__}-py3-none-any.whl"
    assert built.sdist.name == f"homeroom-{__version__}.tar.gz"


def test_the_version_is_read_without_an_import() -> None:
    assert written_version() == __version__


def test_pyproject_has_no_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert "version" in project["dynamic"]


def test_no_release_of_the_changelog_is_newer_than_the_version() -> None:
    assert [version for version, _ in released(CHANGELOG) if Version(version) > Version(__version__)] == []


def test_the_changelog_begins_with_what_is_unreleased_or_with_this_version() -> None:
    heading = next(line for line in CHANGELOG.splitlines() if line.startswith("## "))
    assert heading == "## Unreleased" or heading.startswith(f"## {__version__} - ")


def test_a_version_with_its_heading_and_its_day_may_be_released() -> None:
    assert refusals("1.2.0", READY, []) == []


@pytest.mark.parametrize(
    ("version", "changelog", "changed", "words"),
    [
        ("1.3.0", READY, [], "no heading for version 1.3.0 above the others (the topmost is 1.2.0)"),
        ("1.1.0", READY, [], "no heading for version 1.1.0"),
        ("1.0.0", "## Unreleased\n", [], "(none has a version)"),
        ("1.2.0", READY.replace(" - 2026-11-23", ""), [], "gives version 1.2.0 no day"),
        ("1.2.0", READY.replace("Unreleased\n", "Unreleased\n\n- It sings.\n"), [], "move them under ## 1.2.0"),
        ("1.2.0", READY, ["school.yaml"], "files are in no commit: school.yaml"),
    ],
)
def test_a_release_that_is_not_ready_is_refused(version: str, changelog: str, changed: list[str], words: str) -> None:
    (refusal,) = refusals(version, changelog, changed)
    assert words in refusal
