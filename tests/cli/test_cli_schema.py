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

from homeroom.catalog import fill, list_platforms
from homeroom.config.model import SyncModel

if TYPE_CHECKING:
    from conftest import Homeroom

ROOT = Path(__file__).parents[2]
Config = Callable[..., str]


def fits(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> bool:
    """Whether a value is right by the part of JSON Schema that we write (draft 7: nothing beside a `$ref` counts)."""

    def fit(each: dict[str, Any], value: Any = value) -> bool:
        return fits(value, each, definitions)

    if "$ref" in schema:
        return fit(definitions[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema and not any(map(fit, schema["anyOf"])):
        return False
    if not all(map(fit, schema.get("allOf", ()))):
        return False
    if "if" in schema and not fit(schema.get("then" if fit(schema["if"]) else "else", {})):
        return False
    if ("enum" in schema or "const" in schema) and value not in schema.get("enum", [schema.get("const")]):
        return False
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
        return all(fit(schema.get("items", {}), each) for each in value)
    if not isinstance(value, dict):
        return True
    if not {*schema.get("required", ())} <= value.keys():
        return False
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    free = [key for key in value if any(re.search(each, key) for each in schema.get("patternProperties", ()))]
    if others is False and not value.keys() <= known.keys() | {*free}:
        return False
    return all(fit(known.get(key, others or {}), each) for key, each in value.items() if key not in free)


@pytest.fixture(scope="module")
def schema(homeroom: Homeroom) -> dict[str, Any]:
    """What `homeroom schema` prints."""
    result = homeroom("schema")
    assert result.exit_code == 0
    return orjson.loads(result.stdout)  # type: ignore[no-any-return]


def is_right(content: Any, schema: dict[str, Any]) -> bool:
    """Whether the schema takes a config."""
    return fits(content, schema, schema["$defs"])


def shipped() -> list[Any]:
    """Every config of the catalogue, as `init` writes it without a value."""
    return [pytest.param(yaml.safe_load(fill(each, "it", {}, {}).text), id=each.platform) for each in list_platforms()]


def documented() -> list[Any]:
    """Every config of the docs."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/config.md")]
    blocks = [block for text in texts for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)]
    files = [file.read_text(encoding="utf-8") for file in (ROOT / "examples").glob("*.yaml")]
    return [yaml.safe_load(block) for block in [*blocks, *files] if "client:" in block]


@pytest.mark.parametrize("content", documented(), ids=lambda each: str(each.get("name", "config")))
def test_the_schema_takes_every_config_of_the_docs(content: Any, schema: dict[str, Any]) -> None:
    assert is_right(content, schema)


@pytest.mark.parametrize("content", shipped())
def test_the_schema_takes_every_config_of_the_catalogue(content: Any, schema: dict[str, Any]) -> None:
    assert is_right(content, schema)


def auths() -> list[Any]:
    """Every auth section of the docs."""
    text = (ROOT / "docs/config.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(auth:.*?)```", text, flags=re.DOTALL)
    return [pytest.param(each := yaml.safe_load(block)["auth"], id=each["type"]) for block in blocks]


@pytest.mark.parametrize("auth", auths())
def test_the_schema_takes_every_auth_type_of_the_docs_and_no_key_of_another(auth: Any, schema: dict[str, Any]) -> None:
    content = {"source": {"client": {"base_url": "https://a.example", "auth": auth}, "resources": ["people"]}}
    assert is_right(content, schema)
    auth["username" if auth["type"] != "http_basic" else "token"] = "x"
    assert not is_right(content, schema)


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
        (("source", "resources", 0, "columns"), {"email": {"nulable": False}}),
        (("source", "resources", 0, "endpoint", "dataselector"), "data"),
        (("source", "resources", 0, "endpoint", "paginator"), {"type": "offfset", "limit": 10}),
        (("source", "resources", 0, "endpoint", "paginator"), {"type": "offset"}),
        (("source", "resources", 0, "endpoint", "paginator"), {"type": "offset", "limit": "${LIMIT}"}),
        (("source", "resources", 0, "endpoint", "paginator"), {"type": "offset", "limit": 10, "page_param": "p"}),
        (("source", "resources", 0, "endpoint", "paginator"), {"limit": 10}),
        (("source", "client", "auth"), {"type": "oauth2", "token": "x"}),
        (("source", "client", "auth"), {"tokn": "x"}),
        (("source", "client", "auth"), "oath2"),
    ],
)
def test_the_schema_refuses_what_is_wrong(path: tuple[Any, ...], value: Any, schema: dict[str, Any]) -> None:
    (first, *_) = documented()
    part = content = orjson.loads(orjson.dumps(first))
    for key in path[:-1]:
        part = part[key] if isinstance(part, list) else part.setdefault(key, {})
    part[path[-1]] = value
    assert not is_right(content, schema)


def test_the_schema_is_written_for_editors(homeroom: Homeroom) -> None:
    result = homeroom("schema", "-o", "editor.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "# yaml-language-server: $schema=editor.json" in result.stderr
    assert Path("editor.json").read_text() == homeroom("schema").stdout
    assert homeroom("schema", "-o", "editor.json").exit_code == 0  # an older one is replaced


def test_a_file_that_is_no_schema_is_not_overwritten(homeroom: Homeroom, config: Config) -> None:
    text = Path(config("terms")).read_text()
    result = homeroom("schema", "-o", "campus.yaml")
    assert result.exit_code == 2 and "--output: it is there already, and is no schema of ours" in result.stderr
    assert Path("campus.yaml").read_text() == text
    assert homeroom("schema", "campus.yaml", "-o", "x.json").exit_code == 2


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
