"""What an error ends in, what `-v` adds to it, and that a key stands in none of it."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import duckdb
import orjson
import pytest
from typer.testing import CliRunner

from homeroom.cli.app import app
from homeroom.cli.console import error_json
from homeroom.errors import AuthError, ConfigError, Problem

if TYPE_CHECKING:
    from conftest import Homeroom

Config = Callable[..., str]
SECRET = "c4n@ry/k3y+x=z"
FORMS = (
    SECRET,
    quote(SECRET, safe=""),
    quote(SECRET),
    quote_plus(quote_plus(SECRET)),
    b64encode(f"reader:{SECRET}".encode()).decode(),
    "c4n@ry",
)
WRONG = {"type": "bearer", "token": "wrong"}


class _Parrot(BaseHTTPRequestHandler):
    """Refuses all, quotes all that it was sent, and sends some in a circle."""

    def do_GET(self) -> None:
        quoted = f"{self.path} {dict(self.headers)} {SECRET}"
        led = "/round/" in self.path
        body = json.dumps({"message": quoted, "error": quoted}).encode()
        self.send_response(302 if led else 400)
        if led:
            self.send_header("Location", f"/round/{quote(SECRET, safe='')}/on?key={quote_plus(SECRET)}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def parrot() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Parrot)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def everywhere(parrot: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A config with its key in a query, in a header, in a path, in Basic and in a redirect."""
    monkeypatch.setenv("CANARY", SECRET)
    quoted = quote(SECRET, safe="")
    monkeypatch.setenv("CANARY_QUOTED", quoted)
    (elsewhere / "leaky.yaml").write_text(
        f"""
name: leaky
destination: duckdb:///leaky.duckdb
source:
  client: {{base_url: "{parrot}", paginator: single_page}}
  resources:
    - {{name: in_query, endpoint: {{path: /q, params: {{wstoken: "${{CANARY}}", q: "${{CANARY}}"}}}}}}
    - {{name: in_header, endpoint: {{path: /h, headers: {{Authorization: "Token ${{CANARY}}"}}}}}}
    - {{name: in_path, endpoint: {{path: "/bot${{CANARY_QUOTED}}/list"}}}}
    - {{name: in_round, endpoint: {{path: "/round/${{CANARY_QUOTED}}"}}}}
    - name: in_basic
      endpoint: {{path: /b, auth: {{type: http_basic, username: reader, password: "${{CANARY}}"}}}}
""",
        encoding="utf-8",
    )
    return "leaky.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync", "-v"),
        ("sync", "--json"),
        ("sync", "--fail-fast", "-v", "--select", "in_path"),
        ("check", "-v"),
        ("check", "--json"),
    ],
    ids=" ".join,
)
def test_a_key_is_printed_nowhere(
    homeroom: Homeroom, everywhere: str, elsewhere: Path, arguments: tuple[str, ...]
) -> None:
    verb, *flags = arguments
    result = homeroom(verb, everywhere, *flags)
    shown = homeroom("show", "last", "-v") if verb == "sync" else result
    kept = b"".join(file.read_bytes() for file in elsewhere.rglob("history.sqlite*"))
    assert "GET http://127.0.0.1:" in result.output
    assert "***/list" in result.output
    assert [form for form in FORMS if form in result.output + shown.output] == []
    assert [form for form in FORMS if form.encode() in kept] == []


def test_with_v_each_request_that_failed_can_be_tried_by_hand(homeroom: Homeroom, everywhere: str, parrot: str) -> None:
    lines = [line for line in homeroom("sync", everywhere, "-v").stderr.splitlines() if line.startswith("by hand: ")]
    assert lines == [
        f'by hand: curl -i "{parrot}/q?wstoken=$API_KEY&q=…"',
        f'by hand: curl -i -H "Authorization: Token $API_KEY" "{parrot}/h"',
        f'by hand: curl -i "{parrot}/bot$API_KEY/list"',
        f'by hand: curl -i "{parrot}/round/$API_KEY"',
        f'by hand: curl -i -u "$API_USER:$API_KEY" "{parrot}/b"',
    ]


def test_the_ledger_the_report_and_json_have_the_same_code(homeroom: Homeroom, config: Config) -> None:
    path = config("people", auth=WRONG)
    assert "check client.auth [key-refused]" in homeroom("sync", path).stdout
    ended = homeroom("sync", path, "--json").stdout.splitlines()
    (line,) = [each for each in map(orjson.loads, ended) if each["event"] == "resource"]
    assert line["code"] == "key-refused"
    assert line["note"].endswith(" [key-refused]")
    shown = orjson.loads(homeroom("show", "last", "--json").stdout)
    assert shown["resources"][0]["code"] == "key-refused"
    assert shown["by_hand"]["people"].startswith("curl -i ")


def test_the_ledger_has_the_code_in_its_note_and_no_column_of_it(homeroom: Homeroom, config: Config) -> None:
    broken = config("people", "terms")
    text = Path(broken).read_text(encoding="utf-8")
    Path(broken).write_text(text.replace("/v1/terms", "/v1/turms"), encoding="utf-8")
    assert homeroom("sync", broken).exit_code == 3
    with duckdb.connect("rows.duckdb", read_only=True) as db:
        told = db.execute("SELECT note FROM campus._homeroom_resources WHERE resource = 'terms'").fetchall()
        columns = [row[0] for row in db.execute("DESCRIBE campus._homeroom_resources").fetchall()]
    assert told[0][0].endswith(" [not-found]")
    assert "code" not in columns
    assert columns[-1] == "note"


def test_every_problem_of_a_file_has_its_code_on_stderr_and_in_json(homeroom: Homeroom, elsewhere: Path) -> None:
    (elsewhere / "bad.yaml").write_text(
        "destnation: x\nsync: {concurrency: 0}\nsource: {client: {}}\n", encoding="utf-8"
    )
    told = homeroom("validate", "bad.yaml").stderr.splitlines()
    codes = [line.rpartition(" [")[2].rstrip("]") for line in told]
    problems = orjson.loads(homeroom("validate", "bad.yaml", "--json").stdout)["problems"]
    assert [each["code"] for each in problems] == codes
    assert {"unknown-key", "missing-key", "wrong-value"} <= set(codes)


def test_with_v_what_a_code_means_follows_once(homeroom: Homeroom, elsewhere: Path) -> None:
    (elsewhere / "bad.yaml").write_text("one: 1\ntwo: 2\nsource: {client: {}}\n", encoding="utf-8")
    lines = homeroom("validate", "bad.yaml", "-v").stderr.splitlines()
    assert sum(line.startswith("[unknown-key] ") for line in lines) == 1
    assert any(line.startswith("  try: ") for line in lines)


def test_without_a_terminal_and_without_v_nothing_follows(homeroom: Homeroom, elsewhere: Path) -> None:
    result = homeroom("validate", "none.yaml")
    assert len(result.stderr.splitlines()) == 1


def test_an_end_by_an_error_has_its_code_in_json(homeroom: Homeroom, config: Config) -> None:
    result = homeroom("sync", config("people"), "--select", "nobody", "--json")
    (line,) = map(orjson.loads, result.stdout.splitlines())
    assert (line["event"], line["exit_code"], line["error"], line["code"]) == ("end", 2, "ConfigError", "unknown-name")
    assert line["problems"][0]["code"] == "unknown-name"


def test_a_finding_of_a_check_has_its_code(homeroom: Homeroom, config: Config) -> None:
    path = config("people", auth=WRONG)
    findings = orjson.loads(homeroom("check", path, "--json").stdout)["findings"]
    assert [(each["aspect"], each["code"]) for each in findings if each["verdict"] == "failed"] == [
        ("auth", "key-refused")
    ]
    assert all(each["code"] is None for each in findings if each["verdict"] != "failed")


def test_an_error_as_json_has_all_that_is_known_of_it() -> None:
    error = AuthError("refused", resource="people", status=401)
    error.by_hand = "curl -i x"
    assert error_json(error) == {
        "error": "AuthError",
        "code": "key-refused",
        "message": "refused",
        "resource": "people",
        "problems": [],
        "by_hand": "curl -i x",
    }
    (problem,) = error_json(ConfigError([Problem("a.b", "must be 1", "2", code="wrong-value")]))["problems"]
    assert (problem["path"], problem["value"], problem["code"]) == ("a.b", "2", "wrong-value")


def test_the_help_speaks_of_codes() -> None:
    assert "[key-refused]" in CliRunner().invoke(app, ["--help"], prog_name="homeroom").stdout
