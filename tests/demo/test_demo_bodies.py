"""Answers that look like answers: wrong lengths, pages for people, errors under 200, keys that end, lists kept back."""

import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from homeroom.demo import Dials

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]
PEOPLE = 104
PAGES = (
    ("/v1/people", "data"),
    ("/page/people", "items"),
    ("/page0/people", "items"),
    ("/cursor/people", "results"),
    ("/link/people", "results"),
    ("/link-relative/people", "results"),
    ("/all/people", "data"),
    ("/v1/schools/101/courses", "data"),
)


def second(client: "Client", path: str = "/v1/people") -> requests.Response:
    """The answer to the second request."""
    client.get(path)
    return client.get(path)


def raw(client: "Client", path: str) -> tuple[bytes, bytes]:
    """Head and body as they come over the wire, until the server closes."""
    place = urlsplit(client.school.url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as wire:
        key = client.school.api_key
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nConnection: close\r\n\r\n".encode())
        came = b"".join(iter(lambda: wire.recv(65536), b""))
    head, _, body = came.partition(b"\r\n\r\n")
    return head, body


def told_length(head: bytes) -> int:
    """The Content-Length of a head."""
    return next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))


def test_a_length_above_the_body_comes_with_the_whole_body(opened: Opened) -> None:
    """All rows are there, and the connection ends too early."""
    client = opened(length_every=2)
    whole = client.get("/v1/people").content
    head, body = raw(client, "/v1/people")
    assert body == whole and told_length(head) == len(whole) + 100


def test_a_length_above_the_body_is_an_error_for_a_client_that_looks(opened: Opened) -> None:
    """And the retry is whole."""
    client = opened(length_every=2)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        second(client)
    assert len(client.get("/v1/people").json()["data"]) == 100


def test_a_length_below_the_body_agrees_with_what_comes(opened: Opened) -> None:
    """Only the JSON is broken; the connection goes on."""
    client = opened(short_length_every=2)
    whole, half, retry = (client.get("/v1/people") for _ in range(3))
    assert int(half.headers["Content-Length"]) == len(half.content) == len(whole.content) // 2
    assert whole.content.startswith(half.content) and retry.content == whole.content
    with pytest.raises(json.JSONDecodeError):
        json.loads(half.content)


def test_a_login_page_comes_with_200(opened: Opened) -> None:
    """In HTML."""
    answer = second(opened(html_every=2))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>") and "password" in answer.text


def test_an_error_in_moodles_form_comes_with_200(opened: Opened) -> None:
    """As JSON that is no list."""
    answer = second(opened(error_200_every=2))
    assert answer.status_code == 200 and set(answer.json()) == {"exception", "errorcode", "message"}


def test_an_empty_body_comes_with_200(opened: Opened) -> None:
    """Still called JSON."""
    answer = second(opened(empty_200_every=2))
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(("path", "key"), PAGES)
def test_an_empty_page_has_all_but_its_rows(path: str, key: str, opened: Opened) -> None:
    """Total, links and cursor are those of the page."""
    client = opened(empty_page_every=2)
    whole, empty = client.get(path).json(), client.get(path).json()
    assert whole[key] and empty == whole | {key: []}


@pytest.mark.parametrize(("path", "name"), [("/header/people", "Link"), ("/header-cursor/people", "X-Next-Cursor")])
def test_an_empty_bare_list_keeps_its_header(path: str, name: str, opened: Opened) -> None:
    """Where to go on is still told."""
    client = opened(empty_page_every=2)
    whole, empty = client.get(path), client.get(path)
    assert empty.json() == [] and empty.headers[name] == whole.headers[name]


def test_an_empty_page_leaves_a_single_row_alone(opened: Opened) -> None:
    """It is no list."""
    assert second(opened(empty_page_every=2), "/v1/terms/11").json()["id"] == 11


@pytest.mark.parametrize(
    "dial",
    ["length_every", "short_length_every", "html_every", "error_200_every", "empty_200_every", "empty_page_every"],
)
def test_only_spares_other_paths_from_broken_bodies(dial: str, opened: Opened) -> None:
    """The second request for terms is whole."""
    client = opened(**{dial: 2, "only": "/v1/people"})
    assert len(second(client, "/v1/terms").json()["data"]) == 3


def test_an_error_status_comes_before_a_broken_body(opened: Opened) -> None:
    """Where both fit."""
    assert second(opened(fail_every=((503, 2),), html_every=2, cut_every=2)).status_code == 503


def test_the_header_breaks_bodies_too(opened: Opened) -> None:
    """For its request alone."""
    client = opened()
    answers = [client.get("/v1/terms", dials="empty_200_every=2") for _ in range(2)] + [client.get("/v1/terms")]
    assert [bool(answer.content) for answer in answers] == [True, False, True]


@pytest.mark.parametrize(("path", "key"), PAGES)
def test_wrong_rights_make_every_list_empty(path: str, key: str, opened: Opened) -> None:
    """Status 200, and a warning in the envelope."""
    answer = opened(empty_for_rights="on").get(path)
    body = answer.json()
    assert (answer.status_code, body[key]) == (200, [])
    assert body["warnings"][0]["item"] == path.rsplit("/", 1)[1]
    assert set(body["warnings"][0]) == {"item", "itemid", "warningcode", "message"}


def test_wrong_rights_count_no_row(opened: Opened) -> None:
    """Total, count and pages are 0, next is null."""
    client = opened(empty_for_rights="on")
    assert client.get("/v1/people").json()["total"] == 0
    assert client.get("/page/people").json()["total_pages"] == 0
    body = client.get("/link/people").json()
    assert (body["count"], body["next"]) == (0, None)
    assert client.get("/cursor/people").json()["cursors"] == {"next": None}


def test_wrong_rights_leave_a_bare_list_without_a_word(opened: Opened) -> None:
    """There is no envelope to put it in."""
    assert opened(empty_for_rights="on").get("/header/people").json() == []


def test_right_rights_bring_no_warnings(client: "Client") -> None:
    """The envelope is as ever."""
    assert set(client.get("/v1/people").json()) == {"data", "total"}


def test_wrong_rights_are_for_the_pattern_alone(opened: Opened) -> None:
    """Others are seen."""
    client = opened(empty_for_rights="on", only="*/people")
    assert client.get("/v1/people").json()["total"] == 0 and client.get("/v1/terms").json()["total"] == 3


def test_the_key_ends_in_the_middle(opened: Opened) -> None:
    """From the third request on, with a 401 that asks for a key."""
    client = opened(expire_key_after=3)
    answers = [client.get("/v1/terms") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 401]
    assert answers[2].headers["WWW-Authenticate"] == "Bearer" and answers[2].json()["error"] == "unauthorized"


def test_a_renewed_key_is_good_for_good(opened: Opened) -> None:
    """The same key, however many requests follow."""
    client = opened(expire_key_after=2)
    second(client)
    client.school.renew_key()
    assert [client.get("/v1/terms").status_code for _ in range(4)] == [200] * 4


def test_a_key_ends_again_after_new_dials(opened: Opened) -> None:
    """Which count from 1."""
    client = opened(expire_key_after=2)
    client.school.renew_key()
    client.school.set_dials(Dials(expire_key_after=2))
    assert [client.get("/v1/terms").status_code for _ in range(2)] == [200, 401]


def test_the_key_stays_good_for_other_paths(opened: Opened) -> None:
    """Only those of the pattern are refused, and counted."""
    client = opened(expire_key_after=2, only="*/people")
    paths = ["/v1/terms", "/v1/people", "/v1/terms", "/v1/people", "/v1/terms"]
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 401, 200]
