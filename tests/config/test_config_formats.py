"""One config, however it is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.config import load_config

CONTENT = {
    "name": "campus",
    "destination": "duckdb:///campus.duckdb",
    "source": {
        "client": {
            "base_url": "https://api.example.com",
            "auth": {"type": "api_key", "name": "api_key", "api_key": "${API_KEY}", "location": "query"},
        },
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [
            {
                "name": "users",
                "endpoint": {"path": "/v1/users", "paginator": {"type": "offset", "limit": 100}},
            },
            {"name": "courses", "endpoint": {"path": "/v1/courses"}},
        ],
    },
    "sync": {"concurrency": 4, "resources": {"users": {"total_header": "X-Total"}}},
}
YAML = """
name: campus
destination: duckdb:///campus.duckdb
source:
  client:
    base_url: https://api.example.com
    auth: {type: api_key, name: api_key, api_key: "${API_KEY}", location: query}
  resource_defaults: {primary_key: id, write_disposition: merge}
  resources:
    - name: users
      endpoint: {path: /v1/users, paginator: {type: offset, limit: 100}}
    - name: courses
      endpoint: {path: /v1/courses}
sync:
  concurrency: 4
  resources: {users: {total_header: X-Total}}
"""
TOML = """
name = "campus"
destination = "duckdb:///campus.duckdb"
[source.client]
base_url = "https://api.example.com"
auth = {type = "api_key", name = "api_key", api_key = "${API_KEY}", location = "query"}
[source.resource_defaults]
primary_key = "id"
write_disposition = "merge"
[[source.resources]]
name = "users"
endpoint = {path = "/v1/users", paginator = {type = "offset", limit = 100}}
[[source.resources]]
name = "courses"
endpoint.path = "/v1/courses"
[sync]
concurrency = 4
resources.users.total_header = "X-Total"
"""
BARE = """
client:
  base_url: https://api.example.com
  auth: {type: api_key, name: api_key, api_key: "${API_KEY}", location: query}
resource_defaults: {primary_key: id, write_disposition: merge}
resources:
  - name: resource_name
    endpoint: {path: /v1/resource, data_selector: data, paginator: {type: offset, limit: 100}}
"""
ENVIRON = {"API_KEY": "k-123456"}


def test_yaml_json_and_toml_give_the_same_config(load):
    texts = {"a.yaml": YAML, "a.yml": YAML, "a.json": json.dumps(CONTENT), "a.toml": TOML}
    configs = [replace(load(text, file, ENVIRON), file=None) for file, text in texts.items()]
    assert configs[0].source["client"]["auth"]["api_key"] == "k-123456"
    assert configs.count(configs[0]) == 4


@pytest.mark.parametrize("value", ["CONTENT", "lambda: CONTENT"])
def test_a_python_attribute_or_callable_gives_the_same_config(load, tmp_path, value):
    expected = load(YAML, "a.yaml", ENVIRON)
    module = f"campus_{len(value)}"
    Path(f"{module}.py").write_text(f"CONTENT = {CONTENT!r}\nconfig = {value}\n")
    config = load_config(f"{module}:config", environ=ENVIRON)
    assert replace(config, file="a.yaml") == expected


def test_a_bare_dlt_config_is_the_source_and_takes_its_name_from_the_file(load):
    config = load(BARE, "resource_file.yaml", ENVIRON)
    assert config.name == "resource_file"
    assert list(config.source) == ["client", "resource_defaults", "resources"]
    assert (config.destination, config.dataset) == (None, None)


def test_the_name_of_a_python_config_is_its_module(load):
    load(BARE, "x.yaml", ENVIRON)
    Path("uni_config.py").write_text("c = {'client': {'base_url': 'https://x.org'}, 'resources': ['a']}")
    assert load_config("uni_config:c", environ={}).name == "uni_config"


def test_the_hash_covers_the_placeholder_and_not_the_secret(load):
    one = load(BARE, environ={"API_KEY": "first-key"})
    two = load(BARE, environ={"API_KEY": "second-key"})
    assert one.config_hash == two.config_hash
    assert len(one.config_hash) == 16


def test_the_hash_changes_with_the_content(load):
    assert load(BARE, environ=ENVIRON).config_hash != load(YAML, environ=ENVIRON).config_hash


def test_the_hash_of_a_python_config_takes_functions_by_their_name(load):
    load(BARE, environ=ENVIRON)
    text = "def keep(row): return True\n" + (
        "c = {'client': {'base_url': 'https://x.org'}, 'resources': "
        "[{'name': 'a', 'processing_steps': [{'filter': keep}]}]}"
    )
    Path("steps_one.py").write_text(text)
    one = load_config("steps_one:c", environ={})
    assert one.config_hash == load_config("steps_one:c", environ={}).config_hash
    assert callable(one.source["resources"][0]["processing_steps"][0]["filter"])


def test_an_empty_sync_section_means_the_defaults(load):
    config = load("source: {client: {base_url: https://x.org}, resources: [a]}\nsync:\n")
    assert config.sync.concurrency == 16
    assert config.sync.retry.attempts == 6
