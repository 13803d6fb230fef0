"""`homeroom check`: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
import yaml

from homeroom import check_run
from homeroom.demo import School

if TYPE_CHECKING:
    from conftest import Homeroom


@pytest.fixture
def config(school: School, tmp_path: Path) -> Path:
    """A config of the sample school: one resource right, one whose selector is wrong."""
    auth = {"type": "api_key", "name": "X-Api-Key", "api_key": "${API_KEY}", "location": "header"}
    paginator = {"type": "offset", "limit": 5}
    resources = [
        {"name": "people", "endpoint": {"path": "/v1/people", "data_selector": "data", "paginator": paginator}},
        {"name": "terms", "endpoint": {"path": "/v1/terms", "data_selector": "items", "paginator": paginator}},
    ]
    source = {
        "client": {"base_url": school.url, "auth": auth},
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": resources,
    }
    file = tmp_path / "campus.yaml"
    file.write_text(yaml.safe_dump({"source": source}), encoding="utf-8")
    return file


def test_a_line_for_each_aspect_of_each_resource(homeroom: Homeroom, config: Path) -> None:
    result = homeroom("check", config)
    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 3
    aspects = ["auth", "path", "envelope", "paging", "keys", "types", "filter", "rights"]
    assert [line[1] for line in lines if line[0] == "terms"] == aspects
    assert any(line[:3] == ["terms", "envelope", "failed"] and "'data'," in line for line in lines)
    assert result.stdout.splitlines()[-1] == (
        "campus: 1 of 2 resources failed (terms); 3 requests made, nothing written."
    )
    assert "read people: 5 rows, ok" in result.stderr


def test_json_is_one_object(homeroom: Homeroom, config: Path) -> None:
    result = homeroom("check", config, "--json", "-q")
    said = orjson.loads(result.stdout)
    assert (said["name"], said["passes"], said["exit_code"], said["requests"]) == ("campus", False, 3, 3)
    first = {"resource": "people", "aspect": "auth", "verdict": "ok", "text": "accepted", "code": None}
    assert said["findings"][0] == first
    assert result.stderr == ""


def test_a_config_that_is_wrong_exits_with_2_before_any_request(homeroom: Homeroom, config: Path) -> None:
    config.write_text(config.read_text().replace("client", "klient"), encoding="utf-8")
    result = homeroom("check", config, "--json")
    assert result.exit_code == 2
    assert orjson.loads(result.stdout)["error"] == "ConfigError"


def test_ctrl_c_exits_with_130(homeroom: Homeroom, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_run, "check", interrupted)
    assert homeroom("check", config).exit_code == 130
