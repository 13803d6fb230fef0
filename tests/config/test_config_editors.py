"""The JSON Schema that editors read: the file that ships, the line that names it, and what a real validator says."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.catalog import fill, list_platforms
from homeroom.config.editors import (
    SCHEMA_FILE,
    editor_line,
    schema_text,
    write_schema,
    write_schema_beside,
)
from homeroom.config.json_schema import config_schema
from homeroom.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "src/homeroom/config/config.schema.json"


def test_the_schema_that_ships_is_the_one_that_is_made() -> None:
    made = json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("HOMEROOM_WRITE_SCHEMA"):
        SHIPPED.write_text(made, encoding="utf-8")
    assert schema_text() == made, "write it: HOMEROOM_WRITE_SCHEMA=1 pytest tests/config/test_config_editors.py"


def test_every_key_says_what_it_is_for() -> None:
    definitions = config_schema()["$defs"]
    keys = [(name, key, part) for name, each in definitions.items() for key, part in each["properties"].items()]
    assert [f"{name}.{key}" for name, key, part in keys if not part.get("description")] == []


def test_the_line_of_a_config_leads_to_the_schema_beside_it(tmp_path: Path) -> None:
    config = tmp_path / "campus.yaml"
    written = write_schema_beside(config)
    named = editor_line(config).removeprefix("# yaml-language-server: $schema=")
    assert config.parent / named == written
    assert json.loads(written.read_text())["title"] == "Homeroom config"
    assert editor_line(tmp_path / "campus.toml") == f"#:schema ./{SCHEMA_FILE}"
    assert editor_line(tmp_path / "campus.json") == ""


def test_an_older_schema_is_replaced_and_another_file_is_not(tmp_path: Path) -> None:
    file = tmp_path / SCHEMA_FILE
    file.write_text('{\n "$schema": "…",\n "title": "Homeroom config"}')
    write_schema(file)
    assert file.read_text() == schema_text()
    file.write_text('{"title": "Their own"}')
    with pytest.raises(ConfigError, match="it is there already, and is no schema of ours"):
        write_schema(file)
    assert file.read_text() == '{"title": "Their own"}'
    with pytest.raises(ConfigError, match="there is no such folder"):
        write_schema(tmp_path / "nowhere" / "x.json")


# What a real validator says; `fits` of tests/cli/test_cli_schema.py is our own reading of JSON Schema.


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(schema_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("platform", list_platforms(), ids=lambda each: each.platform)
def test_a_real_validator_takes_every_config_of_the_catalogue(validator: Any, platform: Any) -> None:
    content = yaml.safe_load(fill(platform, "it", {}, {}).text)
    assert [error.message for error in validator.iter_errors(content)] == []


RIGHT = """
source:
  client: {base_url: "https://a.example", auth: {type: oauth2, access_token_url: "https://a.example/t"}}
  resources:
    - {name: people, endpoint: {path: people, paginator: {type: offset, limit: 10}}}
sync: {deadline: 2h, resources: {people: {error_when: [a, b]}}}
"""


def leaves(error: Any) -> list[Any]:
    return [leaf for each in error.context for leaf in leaves(each)] if error.context else [error]


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("limit: 10", "limt: 10", "'limt' was unexpected"),
        ("type: offset", "type: ofset", "'ofset' is not one of"),
        ("type: oauth2", "type: oauth", "'oauth' is not one of"),
        ("access_token_url", "token_url", "'token_url' was unexpected"),
        ("base_url", "baseurl", "'baseurl' was unexpected"),
        ("path: people", "paht: people", "'paht' was unexpected"),
        ("deadline", "dedline", "'dedline' was unexpected"),
        ("error_when", "errors_when", "'errors_when' was unexpected"),
        ("sync:", "sink:", "'sink' was unexpected"),
    ],
)
def test_a_real_validator_names_a_typo(validator: Any, right: str, wrong: str, words: str) -> None:
    assert not list(validator.iter_errors(yaml.safe_load(RIGHT)))
    errors = validator.iter_errors(yaml.safe_load(RIGHT.replace(right, wrong)))
    assert any(words in leaf.message for error in errors for leaf in leaves(error))
