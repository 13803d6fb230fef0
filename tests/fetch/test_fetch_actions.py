"""Response actions on the wire: what an ignored answer proves, what hooks are given, what they may do."""

import asyncio
import threading
from typing import Any

import pytest
import requests
from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException

from homeroom.actions import read_action
from homeroom.decode import decode_rows
from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import RequestError, TransientError
from homeroom.ledger import ChainCount, judge_chain
from homeroom.paginate import Offset
from homeroom.values import Proof, Request, Status

from .scripted import BASE, Script, answer, chain, read, rows, run, settings, wire

IGNORE = {"status_code": 404, "action": "ignore"}
GONE = answer({"error": "gone"}, 404)


def acting(*actions: Any, **changed: Any) -> Any:
    """A chain of pages of two rows, with actions."""
    paging = Offset(limit=2, total=json_path("total"))
    return chain(**{"paging": paging, "actions": tuple(map(read_action, actions)), **changed})


def verdict(transport: Script, **changed: Any) -> tuple[Status, Proof | None, str]:
    """What a read proves, all rows with a key."""
    pages, end = read(transport, acting(IGNORE, **changed))
    count = sum(page.facts.rows for page in pages)
    judged = judge_chain(end, ChainCount(count, count))
    return judged.status, judged.proof, judged.note


def test_an_answer_ignored_on_page_1_is_all_that_the_config_wants() -> None:
    status, proof, note = verdict(Script(GONE))
    assert (status, proof) == (Status.COMPLETE, Proof.DECLARED) and "an answer 404 was ignored" in note


def test_an_answer_ignored_on_page_3_leaves_the_read_unproved() -> None:
    status, proof, note = verdict(Script(rows(1, 2), rows(3, 4), GONE))
    assert (status, proof) == (Status.UNPROVED, Proof.END) and "after page 2 an answer 404 was ignored" in note


def test_an_answer_ignored_before_the_total_has_come_leaves_it_incomplete() -> None:
    status, _, note = verdict(Script(rows(1, 2, total=9), rows(3, 4, total=9), GONE))
    assert status is Status.INCOMPLETE and "the API says 9 rows, 4 came" in note


def test_a_refusal_that_no_action_names_stays_one() -> None:
    with pytest.raises(RequestError, match="the server answered 409"):
        read(Script(answer({}, 409)), acting(IGNORE))


def test_an_answer_that_an_action_names_is_not_asked_for_again() -> None:
    transport = Script(answer({}, 503))
    pages, _ = read(transport, acting({"status_code": 503, "action": "ignore"}))
    assert pages == [] and len(transport.sent) == 1


def test_a_status_to_repeat_that_no_action_names_is_repeated_before_any_hook_sees_it() -> None:
    seen: list[int] = []
    transport = Script(answer({}, 503), rows(1, total=1))
    read(transport, acting(lambda response: seen.append(response.status_code)))
    assert seen == [200] and len(transport.sent) == 2


def test_a_hook_may_ask_for_a_repetition_by_setting_a_status() -> None:
    def busy(response: requests.Response) -> None:
        response.status_code = 503

    transport = Script(answer({"error": "busy"}))
    with pytest.raises(TransientError, match="503"):
        read(transport, acting({"content": "busy", "action": busy}))
    assert len(transport.sent) == 4


def test_a_hook_is_given_a_genuine_response_with_the_request_that_was_sent() -> None:
    seen: list[requests.Response] = []
    request = Request("GET", f"{BASE}/users", {"a": 1}, {"X-Own": "1"})
    read(Script(rows(1, total=1)), acting(seen.append, request=request))
    (response,) = seen
    assert isinstance(response, requests.Response) and response.json()["total"] == 1
    assert response.request.url == f"{BASE}/users?a=1&offset=0&limit=2"
    assert response.request.headers["X-Own"] == "1"


def body(text: bytes) -> Any:
    """A hook that sets the body."""

    def set_body(response: requests.Response) -> None:
        response._content = text

    return set_body


def encoding(response: requests.Response) -> None:
    response.encoding = "windows-1252"


def own_json(response: requests.Response) -> None:
    response.json = lambda **_: {"data": [{"id": 7}]}  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("hook", "page", "found"),
    [
        (body(b'{"data": [{"id": 5}]}'), rows(1), [{"id": 5}]),
        (encoding, answer('{"data": [{"name": "Zoë"}]}'.encode("windows-1252")), [{"name": "Zoë"}]),
        (own_json, rows(1), [{"id": 7}]),
    ],
    ids=["body", "encoding", "json"],
)
def test_what_a_hook_makes_of_the_answer_is_what_is_read(hook: Any, page: Any, found: Any) -> None:
    (read_page,), _ = read(Script(page, rows()), acting(hook, paging=chain().paging))
    assert decode_rows(read_page) == found


def test_dlts_own_exception_ignores_an_answer_too() -> None:
    def ignoring(response: requests.Response) -> None:
        raise IgnoreResponseException

    pages, end = read(Script(rows(1)), acting(ignoring))
    assert pages == [] and end.proof is Proof.DECLARED


def test_raise_for_status_in_a_hook_is_a_refusal_without_the_url() -> None:
    request = Request("GET", f"{BASE}/users", {"wstoken": "s3cret"})
    with pytest.raises(RequestError) as caught:
        read(Script(GONE), acting(lambda response: response.raise_for_status(), request=request))
    assert "a response action raised HTTPError on 404" in str(caught.value) and caught.value.status == 404
    assert "s3cret" not in str(caught.value) and caught.value.__cause__ is None


def test_what_else_a_hook_raises_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        read(Script(rows(1)), acting(lambda _: 1 / 0))


def test_hooks_run_one_at_a_time_and_never_in_the_loops_thread() -> None:
    inside, most, threads = [0], [0], set()

    def watching(response: requests.Response) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threads.add(threading.get_ident())
        sum(range(20_000))
        inside[0] -= 1

    async def act() -> int:
        reader, asked = wire(Script(rows(1)), sync=settings()), acting(watching)
        await asyncio.gather(*(reader.read(asked, asked.request, lambda _: None) for _ in range(8)))
        return threading.get_ident()

    assert run(act()) not in threads and most == [1]
