"""The kinds of bad input. Every config is `CONFIG` with a few lines that are other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CONFIG = """\
name: campus
destination: duckdb:///rows.duckdb
source:
  client:
    base_url: URL
    auth: {type: api_key, name: api_key, api_key: "${API_KEY}", location: query}
  resource_defaults: {primary_key: id, write_disposition: merge}
  resources:
    - name: people
      endpoint: {path: /v1/people, data_selector: data, paginator: {type: offset, limit: 20}}
sync: {retry: {attempts: 2, first_wait_s: 0.01, max_wait_s: 0.01}}
"""

SECRETS = ("k3y-0f-the-sch00l", "wr0ng-k3y", "s3cr3t-pw")
"""The right key, which all configs hold by `${API_KEY}`, and what single cases hold in its place."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says at one path; `beyond` is for offsets behind the first page."""

    body: str
    status: int = 200
    kind: str = "application/json"
    beyond: str = '{"data": []}'
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of bad input.

    `lines` take the place of lines of `CONFIG`, by number. `server` is what `base_url` leads to: the sample
    school, canned `answers`, a `closed` port, or the school by `tls`. `before`: an earlier run that succeeds,
    and its answers; `alter`: what is done to its tables; `held`: its lock is held by another; `later`: its files
    (patterns of names) as they are now, an empty text for one that is gone.
    `offline`: `homeroom validate` says the same. `environment` is set while it runs. `shown` is the input on the page
    where it is not `lines`. What it is for on the page says the code that it ends in.
    """

    group: str
    name: str
    code: int
    lines: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    command: str = "sync campus.yaml"
    server: str = "school"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    before: Mapping[str, Answer] | None = None
    alter: str = ""
    held: bool = False
    later: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    problems: int = 1
    shown: str = ""

    @property
    def file(self) -> str:
        """The config that the command names."""
        return self.command.split()[1]


def _config(group: str, name: str, lines: Mapping[int, str], *, problems: int = 1) -> Case:
    """A config that is wrong in itself."""
    return Case(group, name, 2, lines, offline=True, problems=problems)


def _endpoint(rest: str, path: str = "/v1/people") -> str:
    return f"      endpoint: {{path: {path}, data_selector: data, {rest}}}"


def _answered(group: str, name: str, body: str, status: int = 200, *, code: int = 1, kind: str = "application/json"):
    """A right config, and a server that answers so at /v1/people."""
    shown = f"{status} {kind}: {body}"
    return Case(group, name, code, server="answers", answers={PEOPLE: Answer(body, status, kind)}, shown=shown)


PEOPLE = "/v1/people"
_PAGED = "paginator: {type: offset, limit: 20}"
_GOOD = {PEOPLE: Answer('{"data": [{"id": 1, "name": "MARKER"}], "total": 1}')}


def _people(count: int) -> str:
    """A page of so many rows, which is all there are."""
    rows = ", ".join(f'{{"id": {number}}}' for number in range(count))
    return f'{{"data": [{rows}], "total": {count}}}'


_REPLACE = {7: "  resource_defaults: {primary_key: id, write_disposition: replace}"}

_KEPT = {11: "sync: {keep_raw: true}"}
_SYNC = "sync: {retry: {attempts: 2, first_wait_s: 0.01, max_wait_s: 0.01}, "
_TOKENS = "/oauth/token"
_OAUTH = {
    6: "    auth: {type: oauth2_client_credentials, access_token_url: URL/oauth/token, client_id: campus, "
    'client_secret: "${API_KEY}"}'
}

_CLIENT = 'access_token_url: URL/oauth/token, client_id: campus, client_secret: "${API_KEY}"'
_OURS = {6: f"    auth: {{type: oauth2, {_CLIENT}}}"}
_REFRESHED = {6: f"    auth: {{type: oauth2_refresh_token, {_CLIENT}, refresh_token: given-last-year}}"}
_LOGIN = {6: '    auth: {type: login, url: URL/oauth/token, json: {username: reader, password: "${API_KEY}"}}'}

_FILE = "The file"
_REFERENCES = "References"
_SECRETS = "Secrets"
_DESTINATION = "The destination"
_NETWORK = "The network"
_PERMISSION = "Permission"
_ANSWERS = "Answers"
_ROWS = "Rows"
_COMMAND = "The command line"

_STOPPED = {
    10: _endpoint(_PAGED) + "\n    - name: notes\n" + _endpoint(_PAGED, '"/v1/people/{resources.people.id}/notes"'),
    11: "sync: {retry: {attempts: 6, first_wait_s: 0.01, max_wait_s: 0.01, stop_after: 3}}",
}

_STEPS = """
config = {
    "destination": "duckdb:///rows.duckdb",
    "source": {
        "client": {"base_url": "URL", "auth": {"type": "bearer", "token": "${API_KEY}"}},
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        "resources": [
            {
                "name": "people",
                "endpoint": {"path": "/v1/people", "paginator": {"type": "offset", "limit": 20}},
                "processing_steps": [{"map": lambda row: {**row, "year": int(row["name"])}}],
            }
        ],
    },
}
"""

CASES = (
    Case(_FILE, "a file that is not there", 2, command="sync campus.yml", offline=True),
    Case(_FILE, "a folder", 2, files={"configs/school.yaml": "name: x"}, command="sync configs", offline=True),
    _config(_FILE, "YAML that does not close", {10: "      endpoint: {path: /v1/people, data_selector: data"}),
    Case(
        _FILE,
        "TOML with a URL that is not in quotes",
        2,
        files={"campus.toml": 'name = "campus"\ndestination = duckdb:///rows.duckdb\n'},
        command="sync campus.toml",
        offline=True,
        shown="2 | destination = duckdb:///rows.duckdb",
    ),
    _config(_FILE, "an unknown key at the top", {2: "destnation: duckdb:///rows.duckdb"}),
    _config(_FILE, "an unknown key in a paginator", {10: _endpoint("paginator: {type: offset, limit: 20, limt: 5}")}),
    _config(_FILE, "an unknown rule", {1: "name: campus\nprivacy: {columns: {people.name: hide}}"}),
    _config(_FILE, "a rule for no column", {1: "name: campus\nprivacy: {columns: {people: mask}}"}),
    _config(_FILE, "no column of persons", {1: "name: campus\nprivacy: {person: people}"}),
    _config(_FILE, "an unknown act", {1: "name: campus\nprivacy: {person_in: {rooms.keeper: erase}}"}),
    _config(
        _REFERENCES,
        "a rule for a table that is not made",
        {1: "name: campus\nprivacy: {columns: {persons.name: mask}}"},
    ),
    _config(_REFERENCES, "a mask over the key", {1: "name: campus\nprivacy: {columns: {people.id: mask}}"}),
    _config(_SECRETS, "a key that would go over http", {5: "    base_url: http://school.example"}),
    _config(_SECRETS, "a hash without a privacy key", {1: "name: campus\nprivacy: {columns: {people.id: hash}}"}),
    _config(_FILE, "an unknown paginator", {10: _endpoint("paginator: {type: ofset, limit: 20}")}),
    _config(
        _FILE,
        "an unknown key of one of our auth types",
        {6: '    auth: {type: oauth1, client_key: campus, consumer_secret: "${API_KEY}"}'},
    ),
    _config(_FILE, "an unknown kind of auth", {6: '    auth: {type: apikey, api_key: "${API_KEY}"}'}),
    _config(_FILE, "a required key that is left out", {10: _endpoint("paginator: {type: offset}")}),
    _config(_FILE, "pages that are to be kept without a journal", {11: "sync: {keep_raw: true, journal: false}"}),
    _config(_FILE, "a base_url without its scheme", {5: "    base_url: api.example.com/v1"}),
    _config(_FILE, "a base_url with a password and no scheme", {5: "    base_url: me:s3cr3t-pw@api.example.com"}),
    _config(_FILE, "a method in lower case", {10: _endpoint(f"method: get, {_PAGED}")}),
    _config(
        _FILE,
        "sync settings, several wrong at once",
        {11: "sync:\n  concurrency: 0\n  retry: {attempts: many}\n  resources: {peple: {total_header: X-Total}}"},
        problems=3,
    ),
    _config(_REFERENCES, "two resources of one name", {10: _endpoint(_PAGED) + "\n    - name: people"}),
    _config(
        _REFERENCES,
        "a parent that does not exist",
        {10: _endpoint(_PAGED, '"/v1/schools/{resources.schols.id}/people"') + "\n    - name: schools"},
    ),
    _config(
        _REFERENCES,
        "parents in a circle",
        {
            10: _endpoint(_PAGED, '"/v1/schools/{resources.schools.id}/people"')
            + "\n    - name: schools\n"
            + _endpoint(_PAGED, '"/v1/people/{resources.people.id}/schools"')
        },
    ),
    _config(
        _REFERENCES,
        "fields from a parent that is not there",
        {10: _endpoint(_PAGED) + "\n      include_from_parent: [id]"},
    ),
    _config(
        _SECRETS,
        "an environment variable that is not set",
        {6: '    auth: {type: bearer, token: "${CAMPUS_TOKEN}"}'},
    ),
    _config(
        _SECRETS,
        "a secret that dlt does not find",
        {6: '    auth: {type: bearer, token: "${secret:campus.token}"}'},
    ),
    _config(_SECRETS, "a credential that is left out and found nowhere", {6: "    auth: {type: bearer}"}),
    _config(_DESTINATION, "an unknown destination", {2: "destination: duckbd"}),
    _config(_DESTINATION, "a URL that is none", {2: "destination: postgres:me:s3cr3t-pw@db.example.com/edu"}),
    _config(_DESTINATION, "an unknown kind of URL", {2: "destination: postgre://me:s3cr3t-pw@db.example.com/edu"}),
    _config(_DESTINATION, "a URL that cannot be read", {2: 'destination: "postgres://me:s3cr3t-pw@[db/edu"'}),
    _config(_DESTINATION, "a URL without a database", {2: "destination: postgres://me:s3cr3t-pw@db.example.com"}),
    _config(_DESTINATION, "a password with an @", {2: "destination: postgres://me:s3cr3t-pw@x@db.example.com/edu"}),
    Case(_SECRETS, "credentials of a destination that are found nowhere", 1, {2: "destination: postgres"}),
    _config(
        _DESTINATION,
        "a dataset named like its DuckDB file",
        {2: "destination: duckdb:///campus.duckdb\ndataset: campus"},
    ),
    Case(
        _DESTINATION,
        "a rule for a column that is there as it came",
        2,
        before={},
        later={"campus.yaml": f"{CONFIG}privacy: {{columns: {{people.name: mask}}}}\n"},
        shown="privacy: {columns: {people.name: mask}}, in the second run",
    ),
    Case(
        _DESTINATION,
        "persons who were forgotten by another key",
        2,
        before={},
        alter="CREATE TABLE campus._homeroom_forgotten AS SELECT 'campus' AS name, 'abc' AS hash, 'def' AS key_mark",
        shown="a row in campus._homeroom_forgotten, and the key that made it is on another machine",
    ),
    Case(
        _DESTINATION,
        "to forget a person where nobody can be asked",
        2,
        command="forget campus.yaml --person 1",
        shown="homeroom forget campus.yaml --person 1, without a terminal",
    ),
    Case(_DESTINATION, "a folder that is not there", 1, {2: "destination: duckdb:////nowhere/at/all/rows.duckdb"}),
    Case(_DESTINATION, "a file that is no database", 1, {2: "destination: duckdb:///campus.yaml"}),
    Case(
        _DESTINATION,
        "a column that cannot take a value",
        1,
        before={},
        alter="UPDATE campus.people SET name = NULL; ALTER TABLE campus.people ALTER name TYPE INTEGER",
        shown="people.name was made an INTEGER in the database after the first run",
    ),
    Case(
        _DESTINATION,
        "a number wider than the database has",
        1,
        {7: "  resource_defaults: {primary_key: id, columns: {id: {data_type: decimal, precision: 60, scale: 2}}}"},
    ),
    Case(_DESTINATION, "another run at the same time", 1, before={}, held=True, shown="the first run has not ended"),
    Case(_NETWORK, "a port at which nobody listens", 1, server="closed"),
    Case(_NETWORK, "a host name that does not exist", 1, {5: "    base_url: https://api.campus.invalid"}),
    Case(
        _NETWORK,
        "https where the server speaks http",
        1,
        server="tls",
        shown="5 |     base_url: https://127.0.0.1:PORT",
    ),
    _answered(_NETWORK, "a server that is broken", '{"message": "MARKER"}', 500),
    Case(
        _NETWORK,
        "a wait that the server asks for and the deadline does not allow",
        1,
        {11: _SYNC + "deadline: 60s}"},
        server="answers",
        answers={PEOPLE: Answer("{}", 429, headers={"Retry-After": "100"})},
        shown="11 | " + _SYNC + "deadline: 60s}\n\n429 Too Many Requests, Retry-After: 100",
    ),
    Case(
        _NETWORK,
        "a host that answers nobody any more, after the first page",
        5,
        _STOPPED,
        server="answers",
        answers={**_GOOD, "/v1/people/1/notes": Answer("{}", 502)},
        shown="\n".join(_STOPPED.values()) + '\n\nGET /v1/people: {"data": [{"id": 1, "name": "…"}], "total": 1}\n'
        "GET /v1/people/1/notes: 502",
    ),
    Case(
        _NETWORK,
        "a redirect to another host",
        1,
        server="answers",
        answers={PEOPLE: Answer("", 302, headers={"Location": "https://files.campus.invalid/people?key=s3cr3t-pw"})},
        shown="302 Found, Location: https://files.campus.invalid/people?key=…",
    ),
    Case(
        _NETWORK,
        "a redirect to a page that is not there",
        1,
        server="answers",
        answers={PEOPLE: Answer("", 302, headers={"Location": "/hub//v1/people"})},
        shown="302 Found, Location: /hub//v1/people\n404",
    ),
    Case(
        _PERMISSION,
        "401: a wrong key",
        4,
        {6: "    auth: {type: api_key, name: api_key, api_key: wr0ng-k3y, location: query}"},
    ),
    _answered(
        _PERMISSION,
        "403: a permission that the API names",
        '{"error": "insufficient_scope", "error_description": "the key lacks the scope roster.readonly"}',
        403,
        code=4,
    ),
    _answered(
        _PERMISSION, "403 that means too many requests", "403 Forbidden (Rate Limit Exceeded)", 403, kind="text/plain"
    ),
    Case(
        _PERMISSION,
        "a token endpoint that refuses the client",
        4,
        _OAUTH,
        server="answers",
        answers={_TOKENS: Answer('{"error": "invalid_client", "error_description": "MARKER"}', 401)},
        shown=_OAUTH[6].strip() + '\n\n401 application/json: {"error": "invalid_client", "error_description": "…"}',
    ),
    Case(
        _PERMISSION,
        "a token endpoint that gives no token",
        4,
        _OAUTH,
        server="answers",
        answers={_TOKENS: Answer('{"token": "MARKER"}')},
        shown=_OAUTH[6].strip() + '\n\n200 application/json: {"token": "…"}',
    ),
    Case(
        _PERMISSION,
        "`oauth2`: a client that is not known",
        4,
        _OURS,
        server="answers",
        answers={_TOKENS: Answer('{"error": "invalid_client", "error_description": "no such client"}', 401)},
        shown=_OURS[6].strip()
        + '\n\n401 application/json: {"error": "invalid_client", "error_description": "no such client"}',
    ),
    Case(
        _PERMISSION,
        "`oauth2_refresh_token`: one that has run out",
        4,
        _REFRESHED,
        server="answers",
        answers={_TOKENS: Answer('{"error": "invalid_grant"}', 400)},
        shown=_REFRESHED[6].strip() + '\n\n400 application/json: {"error": "invalid_grant"}',
    ),
    Case(
        _PERMISSION,
        "`login`: a wrong password",
        4,
        _LOGIN,
        server="answers",
        answers={_TOKENS: Answer('[{"id": "INVALID_CREDENTIALS", "metadata": {}}]', 401)},
        shown=_LOGIN[6].strip() + '\n\n401 application/json: [{"id": "INVALID_CREDENTIALS", "metadata": {}}]',
    ),
    Case(
        _PERMISSION,
        "`login`: an answer without a cookie",
        4,
        _LOGIN,
        server="answers",
        answers={_TOKENS: Answer('{"session": "MARKER"}')},
        shown=_LOGIN[6].strip() + '\n\n200 application/json: {"session": "…"}',
    ),
    Case(_ANSWERS, "404: a path that is not there", 1, {10: _endpoint(_PAGED, "/v1/peeple")}),
    Case(
        _ANSWERS,
        "404 beside a resource that lands",
        3,
        {10: _endpoint(_PAGED, "/v1/peeple") + "\n    - name: terms\n" + _endpoint(_PAGED, "/v1/terms")},
    ),
    Case(
        _ANSWERS,
        "404 with --fail-fast",
        1,
        {10: _endpoint(_PAGED, "/v1/peeple")},
        command="sync campus.yaml --fail-fast",
    ),
    _answered(_ANSWERS, "a data_selector that finds nothing", '{"items": [{"id": 1, "name": "MARKER"}], "total": 1}'),
    _answered(_ANSWERS, "HTML with status 200", "<html>Log in, MARKER</html>", kind="text/html"),
    _answered(
        _ANSWERS,
        "an error object with status 200",
        '{"exception": "dml_missing_record_exception", "errorcode": "invalidrecord"}',
    ),
    _answered(
        _ANSWERS,
        "an error object with status 200 that refuses the key",
        '{"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "Invalid token - token not found"}',
        code=4,
    ),
    _answered(_ANSWERS, "a list that is not ready yet", '{"data": []}', 202),
    _answered(_ANSWERS, "JSON that is not valid", '{"data": [{"id": 1, "name": MARKER}]}'),
    _answered(_ANSWERS, "JSON that is cut off, however often it is asked for", '{"data": [{"id": 1, "name": "MARKER'),
    _answered(
        _ROWS,
        "a primary key that a row lacks",
        '{"data": [{"id": 1, "name": "MARKER"}, {"name": "MARKER"}], "total": 2}',
    ),
    Case(
        _ROWS,
        "a null in a column declared not null",
        1,
        {7: "  resource_defaults: {primary_key: id, columns: {email: {data_type: text, nullable: false}}}"},
    ),
    Case(
        _ROWS,
        "a parent field that some parent rows lack",
        3,
        {
            10: _endpoint(_PAGED)
            + "\n    - name: notes\n"
            + _endpoint(_PAGED, '"/v1/people/{resources.people.code}/notes"')
        },
        server="answers",
        answers={
            PEOPLE: Answer('{"data": [{"id": 1, "code": "MARKER"}, {"id": 2}], "total": 2}'),
            "/v1/people/MARKER/notes": Answer('{"data": [], "total": 0}'),
        },
    ),
    Case(
        _ROWS,
        "a replace that would empty its table",
        1,
        _REPLACE,
        server="answers",
        before=_GOOD,
        answers={PEOPLE: Answer('{"data": [], "total": 0}')},
        shown='write_disposition: replace, and in the second run: {"data": [], "total": 0}',
    ),
    Case(
        _ROWS,
        "a replace that would lose most of its table",
        1,
        _REPLACE,
        server="answers",
        before={PEOPLE: Answer(_people(100))},
        answers={PEOPLE: Answer(_people(12))},
        shown="write_disposition: replace, 100 rows in the first run and 12 of them in the second",
    ),
    Case(
        _ROWS,
        "a replace of rows by a read that is not proved",
        1,
        {**_REPLACE, 10: "      endpoint: {path: /v1/people, data_selector: data, paginator: auto}"},
        server="answers",
        before={PEOPLE: Answer('{"data": [{"id": 1, "name": "MARKER"}]}')},
        answers={PEOPLE: Answer('{"data": [{"id": 1, "name": "MARKER"}, {"id": 2}]}')},
    ),
    Case(
        _ROWS,
        "an incremental replace",
        1,
        {
            **_REPLACE,
            10: "      endpoint: {path: /v1/people, data_selector: data, paginator: single_page, "
            "incremental: {cursor_path: at, initial_value: 0}}",
        },
        server="answers",
        before={PEOPLE: Answer('{"data": [{"id": 1, "at": 1}]}')},
        answers={PEOPLE: Answer('{"data": [{"id": 2, "at": 2}]}')},
    ),
    Case(
        _ROWS,
        "a new column where the schema is frozen",
        1,
        {7: "  resource_defaults: {primary_key: id, schema_contract: {columns: freeze}}"},
        server="answers",
        before=_GOOD,
        answers={PEOPLE: Answer('{"data": [{"id": 1, "name": "MARKER", "nick": "MARKER"}], "total": 1}')},
    ),
    Case(
        _ROWS,
        "a value of another type where types are frozen",
        1,
        {7: "  resource_defaults: {primary_key: id, schema_contract: {data_type: freeze}}"},
        server="answers",
        before={PEOPLE: Answer('{"data": [{"id": 1, "room": 7}], "total": 1}')},
        answers={PEOPLE: Answer('{"data": [{"id": 1, "room": "MARKER"}], "total": 1}')},
    ),
    Case(
        _ANSWERS,
        "a next link that is an object",
        1,
        {10: _endpoint("paginator: {type: json_link, next_url_path: next}")},
        server="answers",
        answers={PEOPLE: Answer('{"data": [{"id": 1}], "next": {"href": "/v1/people?page=2"}}')},
    ),
    _answered(_ANSWERS, "400: a parameter that the API does not take", '{"message": "limit must be 10 or less"}', 400),
    Case(
        _ANSWERS,
        "an answer that is nested too deep",
        1,
        {11: _SYNC + "limits: {json_depth: 10}}"},
        server="answers",
        answers={PEOPLE: Answer('{"data": [{"id": 1, "in": ' + "[" * 12 + "]" * 12 + '}], "total": 1}')},
        shown="11 | " + _SYNC + 'limits: {json_depth: 10}}\n\n200 application/json: {"data": [{"id": 1, "in": [[[[[[…',
    ),
    _answered(_ROWS, "rows that are numbers", '{"data": [1, 2], "total": 2}'),
    _answered(_ROWS, "a total that is not reached", '{"data": [{"id": 1, "name": "MARKER"}], "total": 5}', code=3),
    Case(
        _ROWS,
        "a newest version that is no number",
        1,
        {
            10: _endpoint("paginator: single_page, incremental: {cursor_path: v, initial_value: 0, start_param: min}"),
            11: "sync: {change_versions: {path: /v1/versions, newest: newest}, "
            "resources: {people: {by_change_version: true}}}",
        },
        server="answers",
        answers={"/v1/versions": Answer('{"newest": "of today"}'), PEOPLE: Answer(_people(1))},
    ),
    Case(
        _NETWORK,
        "a key with a line break",
        1,
        {6: '    auth: {type: bearer, token: "s3cr3t-pw\\n"}'},
    ),
    Case(
        _SECRETS,
        "an unknown transport",
        2,
        environment={"HOMEROOM_TRANSPORT": "httpx"},
        shown="HOMEROOM_TRANSPORT=httpx homeroom sync campus.yaml",
    ),
    Case(
        _DESTINATION,
        "a home that is a file",
        1,
        environment={"HOMEROOM_HOME": "campus.yaml"},
        shown="HOMEROOM_HOME=campus.yaml homeroom sync campus.yaml",
    ),
    Case(
        _ROWS,
        "a step of the config that raises",
        5,
        files={"campus_steps.py": _STEPS},
        command="sync campus_steps:config",
        shown="$ homeroom sync campus_steps:config\n"
        'resources[0]["processing_steps"] = [{"map": lambda row: {**row, "year": int(row["name"])}}]',
    ),
    Case(_COMMAND, "the tables of a config that was never synced", 2, command="schema campus.yaml"),
    Case(_COMMAND, "columns that shall be written and not be inferred", 2, command="schema campus.yaml --write"),
    Case(_COMMAND, "a pattern that fits no resource", 2, command="sync campus.yaml --select 'course*'"),
    Case(_COMMAND, "a rate that is none", 2, command="sync campus.yaml --rate fast"),
    Case(_COMMAND, "a config without a destination", 2, {2: "dataset: campus"}),
    Case(
        _COMMAND, "a report that cannot be written", 2, command="sync campus.yaml --summary-file no/such/summary.json"
    ),
    Case(_COMMAND, "a run that is not known", 2, command="show 2031"),
    Case(
        _COMMAND,
        "a replay of a run whose pages were not kept",
        2,
        command="replay last",
        before={},
        shown="the run had no sync.keep_raw: true",
    ),
    Case(
        _COMMAND,
        "a replay by another config",
        2,
        _KEPT,
        command="replay last",
        before={},
        later={"campus.yaml": CONFIG},
        shown="keep_raw has been taken out of the config since",
    ),
    Case(
        _COMMAND,
        "a replay without its config",
        2,
        _KEPT,
        command="replay last",
        before={},
        later={"campus.yaml": ""},
        shown="the config has been moved since",
    ),
    Case(
        _COMMAND,
        "a replay of pages that are torn",
        2,
        _KEPT,
        command="replay last",
        before={},
        later={"home/raw/*.sqlite": "no database" * 500},
        shown="the file with the pages was overwritten",
    ),
    Case(_COMMAND, "an unknown dial", 2, command="demo --dial latency=3"),
    Case(_COMMAND, "a dial's wrong value", 2, command="demo --dial latency_s=slow"),
    Case(_COMMAND, "an unknown flag", 2, command="sync campus.yaml --selct people"),
)
