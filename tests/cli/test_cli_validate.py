"""`homeroom validate`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from conftest import Homeroom

WRONG = """\
destination: duckdb:///rows.duckdb
dataset: rows
source:
  client: {base_url: https://x.example}
  resources:
    - name: users
      endpoint: {path: /users, datta_selector: data}
sync:
  concurrency: 0
  colour: red
"""


def test_a_right_config_is_said_to_be_right(homeroom: Homeroom, config: Callable[..., str]) -> None:
    result = homeroom("validate", config("people", "terms"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "campus.yaml is right: 2 resources (people, terms) into duckdb:///rows.duckdb, dataset campus\n"
    )


def test_a_right_config_as_json(homeroom: Homeroom, config: Callable[..., str]) -> None:
    result = homeroom("validate", config("people", "terms"), "--json")
    assert orjson.loads(result.stdout) == {"valid": True, "name": "campus", "resources": ["people", "terms"]}


@pytest.mark.parametrize("verb", ["validate", "sync"])
def test_a_key_in_the_file_is_told_of_and_not_shown(homeroom: Homeroom, config: Callable[..., str], verb: str) -> None:
    file = Path(config("terms"))
    file.write_text(file.read_text().replace("${API_KEY}", os.environ["API_KEY"]))
    result = homeroom(verb, str(file))
    assert result.exit_code == 0 and os.environ["API_KEY"] not in result.stderr + result.stdout
    (told,) = [line for line in result.stderr.splitlines() if "stands in the file itself" in line]
    assert "campus.yaml:" in told and 'write "${API_KEY}" there' in told


@pytest.fixture
def wrong() -> str:
    """A config with three problems."""
    Path("school.yaml").write_text(WRONG)
    return "school.yaml"


def test_every_problem_of_a_wrong_config_is_a_line_with_its_place(homeroom: Homeroom, wrong: str) -> None:
    result = homeroom("validate", wrong)
    places = [line.split(": ")[1] for line in result.stderr.splitlines()]
    assert places == ["school.yaml:7", "school.yaml:9", "school.yaml:10"]
    assert all(line.startswith("error: ") for line in result.stderr.splitlines())
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_wrong_config_as_json(homeroom: Homeroom, wrong: str) -> None:
    result = homeroom("validate", wrong, "--json")
    answer: dict[str, Any] = orjson.loads(result.stdout)
    assert (result.exit_code, answer["valid"]) == (2, False)
    places = [(problem["file"], problem["line"], problem["path"]) for problem in answer["problems"]]
    assert places == [
        ("school.yaml", 7, "source.resources[0].endpoint.datta_selector"),
        ("school.yaml", 9, "sync.concurrency"),
        ("school.yaml", 10, "sync.colour"),
    ]


def test_a_dataset_named_like_its_file_is_a_problem_with_a_line(homeroom: Homeroom) -> None:
    text = WRONG.partition("sync:")[0].replace("datta", "data")
    Path("school.yaml").write_text(text)
    result = homeroom("validate", "school.yaml")
    assert result.stderr.startswith("error: school.yaml:2: dataset: the dataset may not be named like the DuckDB file")
    assert result.exit_code == 2


@pytest.mark.parametrize(("name", "said"), [("folder", "this is a directory"), ("none.yaml", "there is no such file")])
def test_a_config_that_cannot_be_read_is_one_line(homeroom: Homeroom, name: str, said: str) -> None:
    Path("folder").mkdir()
    result = homeroom("validate", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {name}: {said}")
    assert len(result.stderr.splitlines()) == 1


def test_a_secret_that_is_not_set_is_a_problem(
    homeroom: Homeroom, config: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = config("people")
    monkeypatch.delenv("API_KEY")
    result = homeroom("validate", file)
    assert result.exit_code == 2
    assert "API_KEY" in result.stderr and "campus.yaml:" in result.stderr


def test_a_name_between_colons_is_no_picture(homeroom: Homeroom) -> None:
    result = homeroom("validate", "nothere:boom:")
    assert result.stderr.startswith("error: nothere:boom:: ")
    assert "💥" not in homeroom("validate", "nothere:boom").stderr
