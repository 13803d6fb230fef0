"""What is said of a refusal holds nothing of the parent's row that was asked for."""

import asyncio
import logging
from typing import Any

import pytest
import requests
from dlt.sources.helpers.rest_client.auth import APIKeyAuth
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, DataError
from homeroom.facts import read_pattern
from homeroom.fetch.chain import safe_place
from homeroom.fetch.transport import TransportError, aiohttp_transport, requests_transport
from homeroom.values import Request, ResourceSettings, SyncSettings

from . import wires
from .scripted import BASE, Script, answer, chain
from .test_fetch_wire import failing
from .wires import both

ROW = "jane.doe@school.org"


def of_a_parent(path: str = f"/users/{ROW}/grades", **changed: Any) -> Any:
    shown = "/users/{resources.users.email}/grades"
    return chain(request=Request("GET", BASE + path, shown=shown), **changed)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
@pytest.mark.parametrize(
    "body",
    [
        {"message": f"no user {ROW} in class 7b"},
        {"error": ROW},
        {"error": "Jane Doe"},
        {"errors": [{"message": f"{ROW} is gone"}]},
        {"title": "jane%2Edoe%40school.org"},
    ],
)
def test_the_servers_words_about_a_parents_row_are_not_repeated(status: int, body: Any) -> None:
    told = str(failing(Script(answer(body, status)), of_a_parent()))
    assert f"GET /users/{{resources.users.email}}/grades: the server answered {status}" in told
    assert not any(part in told for part in ("jane", "Jane", "7b", "school.org"))


def test_words_of_a_rate_limit_about_a_parents_row_are_not_repeated() -> None:
    body = {"message": f"rate limit exceeded for {ROW}"}
    assert ROW not in str(failing(Script(answer(body, 403)), of_a_parent()))


def test_a_servers_code_and_scope_are_told() -> None:
    told = str(failing(Script(answer({"error": "insufficient_scope", "message": ROW}, 403)), of_a_parent()))
    assert "the server answered 403 ('insufficient_scope')" in told
    scope = {"WWW-Authenticate": 'Bearer scope="roster.read"'}
    assert "roster.read" in str(failing(Script(answer({"message": ROW}, 403, scope)), of_a_parent()))


def test_a_code_that_is_the_parents_value_is_masked() -> None:
    told = str(failing(Script(answer({"error": "jane_doe"}, 404)), of_a_parent("/users/jane_doe/grades")))
    assert "jane_doe" not in told and "('***')" in told


def test_words_about_what_the_config_asks_for_are_told() -> None:
    assert "('no such term')" in str(failing(Script(answer({"message": "no such term"}, 404))))


@both
def test_no_path_and_no_query_stands_in_a_log_line(wire: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def act() -> None:
        fine = wires.ok(b"[]")
        async with (
            wires.serving(lambda request, writer: writer.write(fine)) as port,
            wire(wires.settings()) as transport,
        ):
            url = f"http://127.0.0.1:{port}/users/{ROW}?token=k3y"
            await transport.send(transport.prepare(requests.Request("GET", url)))

    asyncio.run(act())
    assert "jane" not in caplog.text and "k3y" not in caplog.text
    assert (wire is aiohttp_transport) or '"GET /… HTTP/1.1" 200' in caplog.text


def test_the_retries_of_a_session_log_no_path_either(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    session = Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503], backoff_factor=0)))

    async def act() -> None:
        gone = b"HTTP/1.1 503 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        async with (
            wires.serving(lambda request, writer: writer.write(gone)) as port,
            requests_transport(wires.settings(), session) as transport,
        ):
            url = f"http://127.0.0.1:{port}/users/{ROW}?token=k3y"
            with pytest.raises(TransportError, match="retries"):
                await transport.send(transport.prepare(requests.Request("GET", url)))

    asyncio.run(act())
    assert "Incremented Retry for (url='/…')" in caplog.text
    assert "jane" not in caplog.text and "k3y" not in caplog.text


# Answers with status 200 that refuse.

NO_RIGHT = {"exception": "required_capability_exception", "errorcode": "nopermissions", "message": f"not {ROW}"}


EXCEPTION = read_pattern("exception", "sync.resources.users.error_when", json_path)


def test_an_answer_with_status_200_that_refuses_the_key_is_an_auth_error() -> None:
    error = failing(Script(answer({"errorcode": "invalidtoken", "message": ROW})))
    assert isinstance(error, AuthError)
    assert "it says 'invalidtoken'" in str(error)
    assert ROW not in str(error)


def test_what_the_config_calls_an_error_is_told_in_the_servers_words() -> None:
    said = {"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "no such token"}
    error = failing(Script(answer(said)), chain(errors=(EXCEPTION,)))
    assert isinstance(error, AuthError)
    assert "it says 'invalidtoken': 'no such token'" in str(error)


@pytest.mark.parametrize(
    ("code", "status"),
    [("permission_denied", 403), ("UNAUTHENTICATED", 401), ("access-denied", 403), ("accessexception", 403)],
)
def test_codes_are_known_however_they_are_written_and_mean_a_status(code: str, status: int) -> None:
    error = failing(Script(answer({"errorcode": code, "error": code})))
    assert isinstance(error, AuthError)
    assert error.status == status


def test_another_error_with_status_200_is_none_of_the_key() -> None:
    error = failing(Script(answer({"errorcode": "invalidrecord"})))
    assert isinstance(error, DataError)
    assert error.about == "error"
    assert "it says 'invalidrecord'" in str(error)


def test_of_an_answer_to_a_parents_row_the_code_alone_is_told() -> None:
    told = str(failing(Script(answer(NO_RIGHT)), of_a_parent(errors=(EXCEPTION,))))
    assert "it says 'nopermissions'" in told
    assert ROW not in told


@pytest.mark.parametrize("code", [ROW, "Jane Doe", "", None, 1.5, ["x"]])
def test_what_is_no_lone_word_is_no_code(code: Any) -> None:
    told = str(failing(Script(answer({"errorcode": code, "error": "x y"})), of_a_parent()))
    assert "it says" not in told


def test_a_key_that_is_quoted_by_an_answer_with_status_200_is_masked() -> None:
    said = answer({"exception": "forbidden", "message": "k3y-0f-the-school is not allowed"})
    asked = chain(auth=APIKeyAuth(name="key", api_key="k3y-0f-the-school"), errors=(EXCEPTION,))
    told = str(failing(Script(said), asked))
    assert "k3y-0f-the-school" not in told
    assert "*** is not allowed" in told


def test_a_warning_that_a_pattern_names_speaks_for_itself() -> None:
    pattern = read_pattern("warnings[?(@.warningcode == '1')]", "sync.resources.x.error_when", json_path)
    warnings = [{"warningcode": "3", "message": "nothing"}, {"warningcode": "1", "message": "no access"}]
    told = str(failing(Script(answer({"data": [], "warnings": warnings})), chain(errors=(pattern,))))
    assert "it says '1': 'no access'" in told


def test_the_name_of_a_function_is_shown_and_nothing_else_in_its_place() -> None:
    def place(value: str) -> str:
        return safe_place(Request("GET", f"{BASE}/server.php", {"wsfunction": value, "wstoken": "k3y"}))

    assert place("core_user_get_users").endswith("?wsfunction=core_user_get_users&wstoken=…")
    assert place("Jane Doe").endswith("?wsfunction=…&wstoken=…")


def test_what_the_key_needs_stands_behind_each_refusal() -> None:
    sync = SyncSettings(needs="at Admin", resources={"users": ResourceSettings(needs="read:users")})
    for body, status in (({}, 401), ({}, 403), (NO_RIGHT, 200)):
        told = str(failing(Script(answer(body, status)), sync=sync))
        assert told.endswith("; needed: read:users; at Admin")
