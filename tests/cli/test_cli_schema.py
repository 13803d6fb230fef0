"""`homeroom schema`: of the config file, of the tables of a synced config, and `columns:` inferred from these."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pytest
import yaml

from homeroom.config.model import SyncModel

if TYPE_CHECKING:
    from conftest import Homeroom

ROOT = Path(__file__).parents[2]
Config = Callable[..., str]


def fits(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    """Whether a value is right by the part of JSON Schema that we write."""
    if "$ref" in schema:
        return fits(value, definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return any(fits(value, each, definitions) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in schema.get("enum", [schema.get("const")])
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
    wanted = schema.get("type", [])
    names = [wanted] if isinstance(wanted, str) else wanted
    flag = isinstance(value, bool)
    if names and not any(
        (flag if name == "boolean" else not flag and isinstance(value, kinds[name])) for name in names
    ):
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, list):
        return all(fits(each, schema.get("items", {}), definitions) for each in value)
    if not isinstance(value, dict):
        return True
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    if not {*schema.get("required", ())} <= value.keys() or (others is False and not value.keys() <= known.keys()):
        return False
    return all(fits(each, known.get(key, others or {}), definitions) for key, each in value.items())


@pytest.fixture(scope="module")
def schema(homeroom: Homeroom) -> dict[str, Any]:
    """What `homeroom schema` prints."""
    result = homeroom("schema")
    assert result.exit_code == 0
    return orjson.loads(result.stdout)  # type: ignore[no-any-return]


def is_right(content: Any, schema: dict[str, Any]) -> bool:
    """Whether the schema takes a config."""
    return fits(content, schema, schema["$defs"])


def documented() -> list[Any]:
    """Every config of the docs."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/config.md")]
    blocks = [block for text in texts for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)]
    files = [file.read_text(encoding="utf-8") for file in (ROOT / "examples").glob("*.yaml")]
    return [yaml.safe_load(block) for block in [*blocks, *files] if "client:" in block]


@pytest.mark.parametrize("content", documented(), ids=lambda each: str(each.get("name", "config")))
def test_the_schema_takes_every_config_of_the_docs(content: Any, schema: dict[str, Any]) -> None:
    assert is_right(content, schema)


def test_the_schema_takes_a_bare_dlt_config(schema: dict[str, Any]) -> None:
    (first, *_) = documented()
    assert is_right(first["source"], schema)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("sync", "concurency"), 4),
        (("sync", "concurrency"), "many"),
        (("sync", "tables"), "nice"),
        (("sync", "resources", "courses", "deletes"), "some"),
        (("nmae",), "x"),
        (("source", "client"), "https://api.example.com"),
        (("source", "resources", 0, "write_disposition"), "upsert"),
        (("source", "resources", 0, "schema_contract"), {"columns": "ignore"}),
        (("source", "resources", 0, "columns"), {"email": {"nullable": "perhaps"}}),
    ],
)
def test_the_schema_refuses_what_is_wrong(path: tuple[Any, ...], value: Any, schema: dict[str, Any]) -> None:
    (first, *_) = documented()
    part = content = orjson.loads(orjson.dumps(first))
    for key in path[:-1]:
        part = part[key] if isinstance(part, list) else part.setdefault(key, {})
    part[path[-1]] = value
    assert not is_right(content, schema)


def test_the_schema_has_every_setting(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["SyncModel"]["properties"].keys() == SyncModel.model_fields.keys()


def test_the_tables_of_a_synced_config_are_printed(homeroom: Homeroom, config: Config) -> None:
    file = config("people", "terms")
    assert homeroom("sync", file).exit_code == 0
    result = homeroom("schema", file)
    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0 and lines[0] == ["table", "column", "type", "nullable", "key"]
    assert [line for line in lines if line and line[0] == "people"] == [
        ["people", "id", "bigint", "no", "primary", "key"]
    ]
    assert ["_dlt_parent_id", "text", "no", "parent's", "id"] in lines


def test_the_tables_of_a_synced_config_are_one_json_object(homeroom: Homeroom, config: Config) -> None:
    file = config("terms")
    homeroom("sync", file)
    (table,) = orjson.loads(homeroom("schema", file, "--json").stdout)["tables"]
    assert (table["name"], table["resource"], table["parent"]) == ("terms", "terms", None)
    assert table["columns"][0] == {"name": "id", "nullable": False, "key": "primary key", "data_type": "bigint"}


@pytest.mark.parametrize("more", [(), ("--infer",), ("--infer", "--write")])
def test_a_config_that_was_never_synced_is_told_so(homeroom: Homeroom, config: Config, more: tuple[str, ...]) -> None:
    result = homeroom("schema", config("terms"), *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing of it was ever synced there" in result.stderr and "run homeroom sync" in result.stderr


@pytest.mark.parametrize("more", [("x.yaml", "--write"), ("--infer",), ("--infer", "--write")])
def test_flags_that_do_nothing_alone_are_refused(homeroom: Homeroom, more: tuple[str, ...]) -> None:
    assert homeroom("schema", *more).exit_code == 2


def test_what_is_inferred_has_types_and_what_is_never_null(homeroom: Homeroom, config: Config) -> None:
    file = config("people")
    homeroom("sync", file)
    columns = orjson.loads(homeroom("schema", file, "--infer", "--json").stdout)["resources"]["people"]["columns"]
    with duckdb.connect("rows.duckdb", read_only=True) as db:
        for name, hints in columns.items():
            ((nulls,),) = db.execute(f"SELECT count(*) FROM campus.people WHERE {name} IS NULL").fetchall()
            assert hints.get("nullable", True) is (nulls > 0)
    assert columns["id"] == {"data_type": "bigint", "nullable": False}
    assert not [name for name in columns if name.startswith("_dlt")]
    printed = yaml.safe_load(homeroom("schema", file, "--infer").stdout)
    assert printed == {"columns": columns}


def held(file: str = "rows.duckdb") -> dict[str, Any]:
    """The columns of every table of a dataset, and the rows of the people."""
    sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'campus' ORDER BY ALL"
    with duckdb.connect(file, read_only=True) as db:
        columns = [row for row in db.execute(sql).fetchall() if not row[0].startswith(("_dlt", "_homeroom"))]
        rows = db.execute("SELECT COLUMNS('^[^_]') FROM campus.people").fetchall()
    return {"columns": columns, "rows": sorted(map(repr, rows))}


def test_what_is_written_is_right_and_makes_the_same_tables(homeroom: Homeroom, config: Config) -> None:
    file = config("people", "terms")
    homeroom("sync", file)
    text = Path(file).read_text()
    result = homeroom("schema", file, "--infer", "--write")
    assert result.exit_code == 0 and "people: " in result.stderr
    written = yaml.safe_load(Path(file).read_text())
    assert all("columns" in each for each in written["source"]["resources"])
    assert homeroom("validate", file).exit_code == 0
    assert homeroom("sync", file, "--to", "duckdb:///again.duckdb").exit_code == 0
    assert held("again.duckdb") == held()
    assert homeroom("sync", file).exit_code == 0  # into the tables that are there, too
    again = homeroom("schema", file, "--infer", "--write")
    assert "declares all columns already" in again.stderr
    for line in text.splitlines():
        assert line in Path(file).read_text().splitlines()


def test_other_formats_than_yaml_are_not_written(homeroom: Homeroom, config: Config) -> None:
    content = yaml.safe_load(Path(config("terms")).read_text())
    Path("campus.json").write_bytes(orjson.dumps(content))
    assert homeroom("sync", "campus.json").exit_code == 0
    result = homeroom("schema", "campus.json", "--infer", "--write")
    assert result.exit_code == 2 and "only YAML files are written" in result.stderr
    assert "columns:" in homeroom("schema", "campus.json", "--infer").stdout
