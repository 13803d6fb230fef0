"""The worked example of CONTRIBUTING.md: one YAML is a platform, from `catalog show` to rows that are counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from canned import Asked, Says, read

from homeroom.catalog import find_platform, shelf
from homeroom.values import Proof, Status

if TYPE_CHECKING:
    from conftest import Homeroom

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
(EXAMPLE,) = re.findall(r"```yaml\n(platform: .*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(autouse=True)
def lantern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue of the example alone."""
    folder = tmp_path / "platforms"
    folder.mkdir()
    (folder / "lantern.yaml").write_text(EXAMPLE, encoding="utf-8")
    monkeypatch.setattr(shelf, "PLATFORMS", folder)
    yield


def test_the_example_is_right_and_is_shown(homeroom: Homeroom) -> None:
    shown = homeroom("catalog", "show", "lantern")
    assert shown.exit_code == 0, shown.stderr
    assert "| `members` | `id`, `full_name`, `email` | `house` | `birth_date` | `joined_at` |" in shown.stdout


def test_init_writes_its_config_and_validate_takes_it(homeroom: Homeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTERN_TOKEN", "k3y-0f-lantern")
    told = homeroom("init", "lantern", "--base-url", "https://college.lantern.example")
    assert told.exit_code == 0, told.stderr
    assert "Grant it: members:read" in told.stderr
    validated = homeroom("validate", "lantern.yaml")
    assert validated.exit_code == 0, validated.stderr


def test_it_reads_every_row(tmp_path: Path) -> None:
    assert find_platform("lantern").platform == "lantern"
    done = read("lantern", members, {"LANTERN_URL": "https://x"}, tmp_path)
    line = done.report.resources["members"]
    assert (line.status, line.proof, line.rows_in_table) == (Status.COMPLETE, Proof.COUNT, 57)


def members(asked: Asked) -> Says:
    assert asked.path == "/api/members"
    page = int(asked.query["page"])
    rows = [{"id": number, "full_name": "Zoë"} for number in range(57)]
    return Says({"members": rows[20 * (page - 1) : 20 * page], "pages": 3, "total": 57})
