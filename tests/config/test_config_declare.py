"""`columns:` are put into a YAML file by its text; everything else of it stays as it is."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.config.declare import write_columns
from homeroom.errors import ConfigError

COLUMNS: dict[str, Any] = {
    "people": {"id": {"data_type": "bigint", "nullable": False}, "yes": {"data_type": "text"}},
    "terms": {"name": {"data_type": "text"}},
}

TEXT = """\
# a school
source:
  client: {base_url: https://api.example.com}   # where
  resources:
    - name: people   # all of them
      endpoint:
        path: /people
    # flow
    - {name: terms, endpoint: {path: /terms}}

sync: {rate: 10/s}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A config of two resources, written in two ways."""
    made = tmp_path / "school.yaml"
    made.write_text(TEXT)
    return made


def by_name(file: Path) -> dict[str, Any]:
    """The resources of a file."""
    return {each["name"]: each for each in yaml.safe_load(file.read_text())["source"]["resources"]}


def test_columns_are_added_and_all_other_lines_stay(file: Path) -> None:
    assert write_columns(str(file), COLUMNS).added == {"people": ("id", "yes"), "terms": ("name",)}
    assert {name: each["columns"] for name, each in by_name(file).items()} == COLUMNS
    assert [line for line in TEXT.splitlines() if line not in file.read_text()] == [
        "    - {name: terms, endpoint: {path: /terms}}"
    ]
    assert "      columns:\n        id: {data_type: bigint, nullable: false}\n" in file.read_text()


@pytest.mark.parametrize(
    "held",
    ["      columns:\n        # mine\n        id: {data_type: text}\n", "      columns: {id: {data_type: text}}\n"],
    ids=["block", "flow"],
)
def test_columns_that_are_declared_already_stay_as_they_are(file: Path, held: str) -> None:
    file.write_text(TEXT.replace("      endpoint:\n", f"{held}      endpoint:\n"))
    assert write_columns(str(file), COLUMNS).added["people"] == ("yes",)
    assert by_name(file)["people"]["columns"] == {"id": {"data_type": "text"}, "yes": {"data_type": "text"}}


def test_a_second_time_nothing_is_written(file: Path) -> None:
    write_columns(str(file), COLUMNS)
    before = file.read_bytes()
    assert write_columns(str(file), COLUMNS).added == {}
    assert file.read_bytes() == before


def test_the_ends_of_lines_stay(file: Path) -> None:
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    write_columns(str(file), COLUMNS)
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")
    assert by_name(file)["people"]["columns"] == COLUMNS["people"]


def test_a_resource_that_is_a_name_alone_is_left(file: Path) -> None:
    file.write_text(TEXT.replace("{name: terms, endpoint: {path: /terms}}", "terms"))
    assert write_columns(str(file), COLUMNS).left == ("terms",)


def test_a_file_that_would_mean_something_else_is_not_written(file: Path) -> None:
    shared = TEXT.replace("- name: people   # all of them", "- &people\n      name: people")
    file.write_text(shared.replace("sync: {rate: 10/s}", "other: *people"))
    with pytest.raises(ConfigError, match="cannot be added to"):
        write_columns(str(file), COLUMNS)
    assert "columns" not in file.read_text()


@pytest.mark.parametrize("name", ["school.json", "school.toml", "nowhere.yaml"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    if name != "nowhere.yaml":
        (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigError, match="only YAML files are written"):
        write_columns(str(tmp_path / name), COLUMNS)
