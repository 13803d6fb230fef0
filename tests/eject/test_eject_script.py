"""What stands in a script, and what is said of what does not."""

from __future__ import annotations

import ast
import datetime
import sys
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from dlt.sources.rest_api.config_setup import create_auth

from homeroom import catalog
from homeroom.auth_types.oauth1 import OAuth1
from homeroom.config import load_config
from homeroom.eject import Script, eject
from homeroom.eject.literal import Code, as_source
from homeroom.errors import ConfigError
from homeroom.plan.casting import field_casts
from homeroom.source.casts import cast_rows

if TYPE_CHECKING:
    from conftest import Write


def ejected(config: str, **options: Any) -> Script:
    return eject(config, environ={}, **options)


def config_of(script: Script) -> ast.expr:
    tree = ast.parse(script.text)
    return next(node.value for node in tree.body if isinstance(node, ast.Assign))


def entry(expression: ast.expr, *path: str | int) -> ast.expr:
    """A part of the dict literal that a script has."""
    for key in path:
        if isinstance(expression, ast.Dict):
            keys = [each.value for each in expression.keys if isinstance(each, ast.Constant)]
            expression = expression.values[keys.index(key)]
        else:
            assert isinstance(expression, ast.List) and isinstance(key, int)
            expression = expression.elts[key]
    return expression


def imported(script: Script) -> set[str]:
    """The packages that a script imports."""
    nodes = list(ast.walk(ast.parse(script.text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def source(expression: ast.expr) -> str:
    return ast.unparse(expression)


# Values -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "plain",
        "quotes \" and ' and \\",
        "a\nb\u2028\x00",
        "\U0001f3eb",
        1.5,
        None,
        True,
        (1,),
        {"a": [1, {"b": ["long enough to be broken over more lines than one"] * 4}], 3: "x"},
        datetime.date(2024, 8, 1),
        datetime.datetime(2024, 8, 1, tzinfo=datetime.UTC),
    ],
)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert eval(as_source(value), {"datetime": datetime}) == value


def test_a_number_beyond_all_is_written_so_that_it_can_be_read() -> None:
    assert eval(as_source([float("inf"), float("-inf")])) == [float("inf"), float("-inf")]


def test_what_is_short_stands_on_one_line_and_what_is_long_does_not() -> None:
    assert as_source({"name": "people", "endpoint": {"path": "people"}}).count("\n") == 0
    lines = as_source({"name": "people", "columns": {f"column_{i}": {"data_type": "json"} for i in range(9)}})
    assert max(map(len, lines.splitlines())) <= 100
    assert lines.splitlines()[1] == '    "name": "people",'


def test_code_stands_as_it_is() -> None:
    assert as_source({"key": Code("os.environ['A']")}) == "{\"key\": os.environ['A']}"


# Placeholders and secrets -------------------------------------------------------------------------------------------


def test_placeholders_read_what_they_say_and_need_not_be_set(config: Write) -> None:
    found = config_of(ejected(config(auth='{type: bearer, token: "${secret:school.token}"}')))
    assert source(entry(found, "client", "base_url")) == "f\"{os.environ['SCHOOL_URL']}/v1\""
    assert source(entry(found, "client", "auth", "token")) == "dlt.secrets['school.token']"


def test_braces_of_dlt_are_not_doubled(config: Write) -> None:
    more = '    - {name: one, endpoint: {path: "${SITE}/people/{resources.people.id}"}}'
    path = entry(config_of(ejected(config(more))), "resources", 1, "endpoint", "path")
    assert source(path) == "os.environ['SITE'] + '/people/{resources.people.id}'"


def test_an_escaped_placeholder_is_text(config: Write) -> None:
    more = '    - {name: one, endpoint: {path: one, params: {q: "$${{x}}"}}}'
    assert ast.literal_eval(entry(config_of(ejected(config(more))), "resources", 1, "endpoint", "params")) == {
        "q": "${{x}}"
    }


@pytest.mark.parametrize(
    ("auth", "variable"),
    [
        ("{type: bearer, token: abc-123-def}", "TOKEN"),
        ("{type: api_key, name: X-Key, api_key: abc-123-def}", "API_KEY"),
        ("{type: http_basic, username: reader, password: abc-123-def}", "PASSWORD"),
    ],
)
def test_a_secret_of_the_config_is_not_in_the_script(config: Write, auth: str, variable: str) -> None:
    script = ejected(config(auth=auth))
    assert "abc-123-def" not in script.text + "".join(script.lost + script.moved)
    assert f'os.environ["{variable}"]' in script.text
    assert any(variable in line for line in script.moved)


def test_a_password_of_the_destination_is_not_in_the_script(config: Write) -> None:
    script = ejected(config(), destination="postgres://loader:pa55word@db.example.edu/school")
    assert "pa55word" not in script.text
    assert 'destination="postgres"' in script.text
    assert "export DESTINATION__POSTGRES__CREDENTIALS=..." in script.text


def test_a_variable_that_decides_what_is_right_has_to_be_set(config: Write) -> None:
    Path(config()).write_text(Path("campus.yaml").read_text().replace("name: campus", 'name: "${SCHOOL}"'))
    with pytest.raises(ConfigError, match="the environment variable `SCHOOL` is not set"):
        ejected("campus.yaml")
    assert 'pipeline_name=os.environ["SCHOOL"]' in eject("campus.yaml", environ={"SCHOOL": "north"}).text


# Destination --------------------------------------------------------------------------------------------------------


def test_the_names_are_those_of_a_sync(config: Write) -> None:
    text = ejected(config(), destination="duckdb:///campus.duckdb").text
    assert 'pipeline_name="campus"' in text
    assert 'destination=dlt.destinations.duckdb("duckdb:///campus.duckdb")' in text
    assert 'dataset_name="campus_data"' in text  # campus would be ambiguous to DuckDB


def test_a_destination_that_is_a_name_is_left_to_dlt(config: Write) -> None:
    text = ejected(config(), destination="duckdb", dataset="rows").text
    assert 'destination="duckdb"' in text and 'dataset_name="rows"' in text


# Paging, auth, cursors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paginator", "total"),
    [
        ("{type: offset, limit: 100}", None),
        ("page_number", None),
        ("{type: page_number, total_path: meta.pages}", "meta.pages"),
    ],
)
def test_an_offset_without_a_named_total_reads_to_an_empty_page(
    config: Write, paginator: str, total: str | None
) -> None:
    made = ast.literal_eval(entry(config_of(ejected(config(paginator=paginator))), "client", "paginator"))
    assert made["total_path"] == total


def test_other_paginators_stay_as_they_are(config: Write) -> None:
    found = config_of(ejected(config(paginator="{type: json_link, next_url_path: next}")))
    assert ast.literal_eval(entry(found, "client", "paginator")) == {"type": "json_link", "next_url_path": "next"}


def test_oauth2_is_dlts_own_where_that_says_the_same(config: Write) -> None:
    auth = "{type: oauth2, access_token_url: https://a.example/t, client_id: me, client_secret: $S, scope: [a, b]}"
    script = ejected(config(auth=auth.replace("$S", '"${SECRET}"')))
    made = entry(config_of(script), "client", "auth")
    assert source(entry(made, "type")) == "'oauth2_client_credentials'"
    assert ast.literal_eval(entry(made, "access_token_request_data")) == {"scope": "a b"}
    assert "class" not in script.text.partition("CONFIG =")[0].partition("import os")[2]


def test_oauth2_with_a_basic_header_and_another_prefix_is_a_class(config: Write) -> None:
    auth = (
        "{type: oauth2, access_token_url: https://a.example/t, client_id: me, client_secret: s3cret-of-ours,"
        " client_auth: basic, token_prefix: JWT, access_token_request_data: {token_type: jwt}}"
    )
    text = ejected(config(auth=auth)).text
    names: dict[str, Any] = {}
    before = text.partition("CONFIG =")[0]
    exec(before, names)
    made = names["BasicJWTClientCredentials"](
        access_token_url="https://a.example/t",
        client_id="me",
        client_secret="s",
        access_token_request_data={"token_type": "jwt"},
    )
    asked = made.build_access_token_request()
    assert asked["auth"] == ("me", "s")
    assert asked["data"] == {"grant_type": "client_credentials", "token_type": "jwt"}
    assert create_auth(made) is made
    made.access_token, made.is_token_expired = "t0ken", lambda: False

    request = SimpleNamespace(headers={})
    assert made(request).headers["Authorization"] == "JWT t0ken"
    assert "s3cret-of-ours" not in text


@pytest.mark.parametrize(("auth", "written"), [("oauth2", "oauth2_client_credentials"), ("oauth1", "OAuth1(")])
def test_a_type_alone_leaves_its_keys_to_dlts_places(config: Write, auth: str, written: str) -> None:
    assert written in ejected(config(auth=auth)).text


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"])
@pytest.mark.parametrize(
    ("verb", "url", "form"),
    [
        ("GET", "https://api.example.com/v1/users?start=0&limit=200&limit=1&filter=a%20b%2Bc~'&empty=", None),
        ("GET", "http://API.example.com:80?q=%E2%98%83&x=1/2", None),
        ("GET", "http://127.0.0.1:8080/a%20b/(c)", None),
        ("POST", "https://api.example.com:8443/v1?z=1", {"a": "ü &=", "b": ""}),
    ],
)
def test_oauth1_signs_as_ours_does(
    config: Write, monkeypatch: pytest.MonkeyPatch, method: str, verb: str, url: str, form: dict[str, str] | None
) -> None:
    auth = f"{{type: oauth1, client_key: key, client_secret: s3cret-of-ours~&, signature_method: {method}, realm: R S}}"
    text = ejected(config(auth=f"{auth}")).text
    assert "s3cret-of-ours" not in text
    names: dict[str, Any] = {}
    exec(text.partition("CONFIG =")[0], names)
    given = {"client_key": "key", "client_secret": "s3cret-of-ours~&", "signature_method": method, "realm": "R S"}
    theirs, ours = create_auth(names["OAuth1"](**given)), OAuth1(**given)
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_nonce", lambda: "n0nce")
    monkeypatch.setattr("oauthlib.oauth1.rfc5849.generate_timestamp", lambda: "1137131201")
    monkeypatch.setattr(names["uuid"], "uuid4", lambda: SimpleNamespace(hex="n0nce"))
    monkeypatch.setattr(names["time"], "time", lambda: 1137131201.5)
    signed = [
        requests.Request(verb, url, data=form, auth=each).prepare().headers["Authorization"] for each in (ours, theirs)
    ]
    first, second = ({*each.removeprefix("OAuth ").split(", ")} for each in signed)
    assert first == second


@pytest.mark.parametrize(
    "auth",
    [
        "{type: login, url: https://a.example/login, json: {a: b}}",
        "{type: oauth2_refresh_token, access_token_url: https://a.example/t, client_id: a, refresh_token: b}",
        "{type: service_account, scopes: [a], client_email: a@b.c, private_key: d}",
    ],
)
def test_what_dlt_cannot_sign_in_with_is_refused_with_its_line(config: Write, auth: str) -> None:
    with pytest.raises(ConfigError, match=r"campus\.yaml:7: source\.client\.auth\.type: a script of dlt's alone"):
        ejected(config(auth=auth))


def test_a_key_in_a_cookie_is_a_header(config: Write) -> None:
    auth = '{type: api_key, name: session, api_key: "${KEY}", location: cookie}'
    client = entry(config_of(ejected(config(auth=auth))), "client")
    assert source(entry(client, "headers")) == "{'Cookie': 'session=' + os.environ['KEY']}"
    assert "auth" not in source(client)


CURSOR = "{cursor_path: updated_at, start_param: since, initial_value: '2024-01-01'}"


def test_an_incremental_of_a_list_of_its_own_stays(config: Write) -> None:
    more = f"    - {{name: one, endpoint: {{path: one, incremental: {CURSOR}}}}}"
    assert entry(config_of(ejected(config(more))), "resources", 1, "endpoint", "incremental")


@pytest.mark.parametrize("own", ["cursor_per_parent: true", "at_least: 1"])
def test_a_child_is_read_in_full_where_dlts_cursor_would_lose_rows(config: Write, own: str) -> None:
    path = "people/{resources.people.id}/marks"
    more = f'    - {{name: marks, endpoint: {{path: "{path}", incremental: {CURSOR}}}}}'
    more += f"\nsync: {{resources: {{marks: {{{own}}}}}}}"
    script = ejected(config(more))
    assert ast.literal_eval(entry(config_of(script), "resources", 1, "endpoint")) == {"path": path}
    assert any(line.startswith("marks: read in full each time") for line in script.lost)


def test_a_child_whose_rows_are_appended_keeps_its_cursor_and_that_is_said(config: Write) -> None:
    path = "people/{resources.people.id}/marks"
    more = f'    - {{name: marks, write_disposition: append, endpoint: {{path: "{path}", incremental: {CURSOR}}}}}'
    script = ejected(config(more))
    assert entry(config_of(script), "resources", 1, "endpoint", "incremental")
    assert any(line.startswith("marks: rows can be missing") for line in script.lost)


ROWS: list[dict[str, Any]] = [
    {"a": "TRUE", "b": " 12 ", "c": "-1.5e3", "d": 1717200000, "e": 1717200000123, "f": 0, "g": {"x": 1}},
    {"a": "yes", "b": "1.5", "c": "x", "d": 1e99, "e": "soon", "f": "0", "g": [1]},
    {"a": None, "b": 7, "c": None, "d": 0.5, "e": True, "f": 0.0, "g": None},
    {"n": {"m": [{"o": 1}, {"o": 0}, {}]}, "day": {"year": 2024, "month": 2, "day": 29}, "hour": {"nanos": 5000}},
    {"day": {"year": 2023, "month": 2, "day": 28}, "hour": {}},
    {"day": {"year": 2023, "month": 2, "day": 28}},
]
CASTS = """sync: {resources: {people: {casts: {
  a: bool, b: bigint, c: double, d: timestamp, e: timestamp_ms, f: null_if_zero, g: list,
  n.m.o: [null_if_zero, timestamp], at: {date: day, time: hour}}}}}"""


def test_casts_make_what_ours_make(config: Write) -> None:
    name = config(CASTS)
    settings = load_config(name, environ={"SCHOOL_URL": "https://a.example"}).sync.resources["people"]
    ours = deepcopy(ROWS)
    cast_rows(ours, field_casts(settings))
    names: dict[str, Any] = {}
    text = ejected(config(CASTS, auth="{type: bearer, token: none}")).text.partition("\n\n\ndef main")[0]
    exec(text.replace("os.environ[", "dict.fromkeys(['SCHOOL_URL', 'TOKEN'], '')["), names)
    steps = [step["map"] for step in names["CONFIG"]["resources"][0]["processing_steps"]]
    theirs = deepcopy(ROWS)
    for step in steps:
        theirs = [step(row) for row in theirs]
    assert theirs == ours != ROWS
    assert names["CONFIG"]["resources"][0]["columns"]["at"] == {"data_type": "timestamp"}


# What is lost -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "is_lost"), [("deidentified", True), ("standard", True), ("full", False)])
def test_rules_of_privacy_are_lost_and_that_is_said(profile: Any, is_lost: bool) -> None:
    """Without the privacy key too: nothing is hashed here."""
    text = catalog.fill(catalog.find_platform("canvas"), "it", {}, {}, profile).text
    Path("it.yaml").write_text(text)
    assert any("privacy: every column is stored as it comes" in each for each in ejected("it.yaml").lost) == is_lost


def test_persons_who_were_forgotten_come_back_and_that_is_said(config: Write) -> None:
    told = config("privacy: {person: people.id}")
    assert any("forgotten come back" in each for each in ejected(told).lost)


def test_what_is_lost_is_said_and_stands_in_the_script(config: Write) -> None:
    sync = (
        "sync: {rate: 10/s, retry: {attempts: 3, statuses: [503]}, resources: {people: {total_header: X-Total-Count}}}"
    )
    script = ejected(config(f"{sync}\nmodel: canvas"))
    told = [line.split(":")[0] for line in script.lost]
    assert {"sync.rate", "sync.retry", "sync.resources", "model"} <= set(told)
    in_comments = " ".join(line.removeprefix("#").strip() for line in script.text.splitlines() if line[:1] == "#")
    assert all(line in in_comments for line in script.lost)
    assert 'os.environ.setdefault("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")' in script.text


def test_tables_as_dlt_makes_them_lose_nothing(config: Write) -> None:
    said = [line for line in ejected(config("sync: {tables: dlt}")).lost if line.startswith("tables")]
    assert said == []
    assert any(line.startswith("tables: improved") for line in ejected(config()).lost)


def test_every_setting_of_a_config_is_told_or_handled() -> None:
    from homeroom.config.model import ResourceModel, SyncModel
    from homeroom.eject import losses

    assert SyncModel.model_fields.keys() == losses._SYNC.keys() | {"tables", "retry", "resources"}
    assert ResourceModel.model_fields.keys() == losses._RESOURCE.keys() | set(losses._HANDLED)


# Refusals, and the catalogue ----------------------------------------------------------------------------------------


def test_a_config_in_python_is_refused() -> None:
    Path("mine_of_eject.py").write_text("CONFIG = {'client': {'base_url': 'https://a.example'}, 'resources': ['a']}")
    with pytest.raises(ConfigError, match="mine_of_eject:CONFIG; allowed: YAML, TOML or JSON; it is Python already"):
        ejected("mine_of_eject:CONFIG")


def test_a_wrong_config_is_told_as_ever(config: Write) -> None:
    with pytest.raises(ConfigError, match="offfset"):
        ejected(config(paginator="{type: offfset, limit: 1}"))


def test_a_config_without_a_destination_is_refused(config: Write) -> None:
    name = config()
    text = Path(name).read_text().replace("destination: duckdb:///rows.duckdb\n", "")
    Path(name).write_text(text)
    with pytest.raises(ConfigError, match="no destination is given"):
        ejected(name)


_SIGNED = ("login", "oauth2_refresh_token", "service_account")


@pytest.mark.parametrize("platform", catalog.list_platforms(), ids=lambda each: each.platform)
def test_every_platform_becomes_a_script_that_compiles_or_a_refusal_that_names_its_auth(platform: Any) -> None:
    Path("it.yaml").write_text(catalog.fill(platform, "it", {}, {}).text)
    kind = platform.config["source"]["client"]["auth"]["type"]
    if kind in _SIGNED:
        with pytest.raises(ConfigError, match=kind):
            ejected("it.yaml")
    else:
        script = ejected("it.yaml")
        compile(script.text, "it", "exec")
        assert imported(script) <= sys.stdlib_module_names | {"dlt"}
        assert ejected("it.yaml") == script
