"""What is said of a refusal holds nothing of the parent's row that was asked for."""

import asyncio
import logging
from typing import Any

import pytest
import requests
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from homeroom.fetch.transport import TransportError, aiohttp_transport, requests_transport
from homeroom.values import Request

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
