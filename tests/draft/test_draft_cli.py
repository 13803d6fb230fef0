"""`homeroom draft` at the keyboard: what is printed where, wrong input, what is asked at a terminal."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from homeroom.cli import draft as verb
from homeroom.cli.app import app
from homeroom.demo import School

pytestmark = pytest.mark.usefixtures("at_the_school")


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, ["draft", *arguments], input=answers)


def test_without_a_file_the_config_is_what_stands_on_stdout(school: School) -> None:
    done = run(f"{school.url}/v1", "--endpoint", "users")
    assert done.exit_code == 0
    config = yaml.safe_load(done.stdout)
    assert config["source"]["resources"][0]["name"] == "users"
    assert "stdout: 1 resource drafted" in done.stderr


def test_a_url_that_is_a_list_needs_no_endpoint(school: School) -> None:
    config = yaml.safe_load(run(f"{school.url}/v1/users").stdout)
    assert config["source"]["client"]["base_url"] == f"{school.url}/v1"
    assert [each["name"] for each in config["source"]["resources"]] == ["users"]


def test_a_list_that_is_not_there_is_left_out_and_the_others_are_drafted(school: School) -> None:
    done = run(f"{school.url}/v1", "--endpoint", "users", "--endpoint", "pupils", "-o", "x.yaml")
    assert done.exit_code == 3
    assert "left out: pupils: pupils is answered 404" in done.stderr
    assert "# Left out: pupils: pupils is answered 404" in Path("x.yaml").read_text()


def test_a_key_that_is_wrong_ends_with_4_and_writes_nothing(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "wr0ng-key")
    done = run(f"{school.url}/v1", "--endpoint", "users", "-o", "x.yaml")
    assert done.exit_code == 4
    assert "the key API_KEY is refused, however it is sent" in done.stderr
    assert "wr0ng-key" not in done.output
    assert not Path("x.yaml").exists()


def test_a_key_that_is_not_set_is_asked_for_by_name(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY")
    done = run(f"{school.url}/v1", "--endpoint", "users")
    assert done.exit_code == 2
    assert "the API wants a key" in done.stderr
    assert "export API_KEY=…" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["127.0.0.1:1/v1"], "write https://127.0.0.1:1/v1"),
        (["ftp://x/v1"], "must begin with https:// or http://"),
        (["https://me:pw@x/v1"], "must not hold a query, a fragment or a user"),
        (["https://x/v1?api_key=s3cr3t"], "must not hold a query, a fragment or a user"),
        (["none.yaml"], "there is no such file"),
        (["https://x/v1", "--endpoint", "a b c"], "is no list of the API"),
        (["https://x/v1", "--auth", "beaver"], "is no way to send a key"),
        (["https://x/v1", "--secret-name", "not-a-name"], "not the name of an environment variable"),
        (["https://x/v1", "-o", "x.toml"], "the config is YAML"),
        (["https://x/v1", "--rate", "quick"], "sync.rate"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "s3cr3t" not in done.output and ":pw@" not in done.output
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_host_that_is_not_there_ends_with_1() -> None:
    done = run("http://127.0.0.1:9/v1", "--endpoint", "users")
    assert done.exit_code == 1
    assert "Connection refused" in done.stderr


def test_a_config_that_is_there_is_not_replaced_unless_told(school: School) -> None:
    Path("x.yaml").write_text("mine")
    assert run(f"{school.url}/v1", "--endpoint", "users", "-o", "x.yaml").exit_code == 2
    assert Path("x.yaml").read_text() == "mine"
    assert run(f"{school.url}/v1", "--endpoint", "users", "-o", "x.yaml", "--force").exit_code == 0
    assert Path("x.yaml").read_text() != "mine"


def test_a_guess_is_asked_at_a_terminal(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "at_terminal", lambda: True)
    done = run(f"{school.url}/all", "--endpoint", "districts", "-o", "x.yaml", answers="9\n2\n")
    assert done.exit_code == 0, done.output
    assert "districts, paginator: 1 row came, which tells nothing of paging" in done.stderr
    config = yaml.safe_load(Path("x.yaml").read_text())
    assert config["source"]["resources"][0]["endpoint"]["paginator"] == {"type": "single_page"}
    assert "chosen at the terminal" in Path("x.yaml").read_text()


def test_a_key_is_asked_for_at_a_terminal_and_not_kept(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY")
    monkeypatch.setattr(verb, "at_terminal", lambda: True)
    done = run(f"{school.url}/v1", "--endpoint", "users", "-o", "x.yaml", answers=f"{school.api_key}\n")
    assert done.exit_code == 0, done.output
    assert school.api_key not in done.output + Path("x.yaml").read_text()
    assert "set the API key: export API_KEY=…" in done.stderr


SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "Campus", "version": "1"},
    "servers": [{"url": "/v1"}],
    "paths": {
        "/users": {
            "get": {
                "parameters": [
                    {"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("limit", "offset")
                ],
                "responses": {
                    "200": {
                        "description": "users",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "data": {
                                            "type": "array",
                                            "items": {"type": "object", "properties": {"id": {"type": "integer"}}},
                                        },
                                        "total": {"type": "integer"},
                                    },
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


@pytest.fixture
def described() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(SPEC).encode() if self.path == "/openapi.json" else b"{}"
            self.send_response(200 if self.path == "/openapi.json" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/openapi.json", ""])
def test_a_url_with_a_description_is_drafted_from_that(described: str, path: str) -> None:
    done = run(f"{described}{path}", "--rate", "5/s")
    assert done.exit_code == 0, done.output
    config = yaml.safe_load(done.stdout)
    assert config["source"]["client"]["base_url"] == f"{described}/v1"
    assert config["source"]["resources"][0]["endpoint"]["data_selector"] == "data"
    assert config["sync"]["rate"] == "5/s"
