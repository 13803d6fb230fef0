"""Repeated where it failed, redirected with care, refused with a reason, and never a word too much."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import pytest
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth, HttpBasicAuth
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import AuthError, DataError, HomeroomError, RequestError, TransientError
from homeroom.events import HeldBack, RequestSent, RetryScheduled, Waited
from homeroom.facts import read_facts
from homeroom.fetch.chain import Chain, wanted_of
from homeroom.fetch.transport import TransportError
from homeroom.paginate import JsonLink
from homeroom.values import LONGEST_OBEYED_S, Answer, Request

from .scripted import BASE, START, Script, answer, chain, clock, cut, lost, query, read, rows, run, wire
from .scripted import settings as sync

ONE_ROW = rows(1)
STATUSES = [408, 425, 429, 500, 502, 503, 504]


def once(transport: Script, asked: Chain | None = None, *hooks: Any, **options: Any) -> float:
    """Read one page; the virtual seconds that it took."""

    async def act() -> float:
        following = asked or chain()
        await wire(transport, *hooks, **options).read(
            following, following.request, lambda a: read_facts(a, wanted_of(following))
        )
        return clock()

    return run(act())


def failing(
    transport: Script, asked: Chain | None = None, kind: type[HomeroomError] = HomeroomError, **options: Any
) -> HomeroomError:
    with pytest.raises(kind) as caught:
        once(transport, asked, **options)
    return caught.value


def throttled(wait: str, status: int = 429) -> Answer:
    return answer({}, status, {"Retry-After": wait})


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_may_pass_is_asked_again(status: int) -> None:
    transport = Script(answer({}, status), ONE_ROW)
    assert once(transport) == 1.0 and len(transport.sent) == 2


@pytest.mark.parametrize(
    "failure", [lost(), cut(ONE_ROW), TransportError("timeout", "h"), TransportError("cut off", "h")]
)
def test_no_answer_or_half_of_one_is_asked_for_again(failure: Any) -> None:
    transport = Script(failure, ONE_ROW)
    assert once(transport) == 1.0 and len(transport.sent) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 501])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    transport = Script(answer({}, status))
    failing(transport)
    assert len(transport.sent) == 1


def test_the_config_says_which_statuses_are_asked_again() -> None:
    transport = Script(answer({}, 418), ONE_ROW)
    once(transport, sync=sync(statuses=(418,)))
    assert len(transport.sent) == 2


@pytest.mark.parametrize(("dice", "sent_at"), [(1.0, [0, 1, 3, 7]), (0.5, [0, 0.5, 1.5, 3.5]), (0.0, [0, 0, 0, 0])])
def test_waits_double_within_their_spread(dice: float, sent_at: list[float]) -> None:
    transport = Script(lost(), lost(), lost(), ONE_ROW)
    once(transport, dice=dice)
    assert transport.sent_at == sent_at


def test_waits_have_a_ceiling() -> None:
    transport = Script(*[lost()] * 6, ONE_ROW)
    once(transport, sync=sync(attempts=9, max_wait_s=4.0))
    assert transport.sent_at == [0, 1, 3, 7, 11, 15, 19]


@pytest.mark.parametrize(
    ("failure", "reason"), [(answer({}, 503), "answered 503"), (lost(), "connection"), (cut(ONE_ROW), "ended early")]
)
def test_used_up_attempts_are_an_error_that_names_resource_place_and_attempts(failure: Any, reason: str) -> None:
    transport = Script(failure)
    asked = chain(request=Request("GET", f"{BASE}/users", {"page": 3}))
    error = failing(transport, asked, TransientError)
    assert len(transport.sent) == 4 and error.resource == "users"
    assert all(
        part in str(error)
        for part in ("resource users, GET https://api.example.com/users?page=3", reason, ", 4 times", "attempts: 4")
    )


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_obeyed(status: int) -> None:
    assert once(Script(throttled("30", status), ONE_ROW)) == 30.0


def test_retry_after_as_a_date_is_obeyed() -> None:
    date = format_datetime(START + timedelta(seconds=45), usegmt=True)
    assert once(Script(throttled(date), ONE_ROW)) == 45.0


@pytest.mark.parametrize("text", ["0", "soon", "nan", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_says_nothing_leaves_our_own_wait(text: str) -> None:
    assert once(Script(throttled(text), throttled(text), ONE_ROW)) == 3.0


@pytest.mark.parametrize("text", ["0", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_server_that_always_says_now_is_given_up(text: str) -> None:
    transport = Script(throttled(text))
    failing(transport, kind=TransientError)
    assert len(transport.sent) == 4


def test_obeying_a_retry_after_uses_up_no_attempt() -> None:
    transport = Script(*[throttled("10")] * 20, lost(), lost(), lost(), ONE_ROW)
    once(transport)
    assert len(transport.sent) == 24


def test_a_server_is_not_obeyed_for_ever() -> None:
    transport = Script(throttled("100"))
    error = failing(transport, kind=TransientError)
    assert "asks to wait 100 s, 1000 s in all" in str(error)
    assert LONGEST_OBEYED_S <= transport.sent_at[-1] < LONGEST_OBEYED_S + 100


@pytest.mark.parametrize("text", ["901", "inf", "1e300"])
def test_a_wait_that_is_too_long_is_an_error_at_once(text: str) -> None:
    transport = Script(throttled(text))
    assert "run again later" in str(failing(transport, kind=TransientError))
    assert transport.sent_at == [0.0]


def test_retries_are_told_to_the_hooks() -> None:
    told: list[Any] = []
    once(Script(answer({}, 503), throttled("9"), ONE_ROW), None, told.append)
    assert [event for event in told if isinstance(event, RetryScheduled)] == [
        RetryScheduled("users", 1, 1.0, "503", False),
        RetryScheduled("users", 1, 9.0, "429", True),
    ]
    assert told.count(RequestSent("users")) == 3


def test_a_host_that_is_left_alone_is_told_when_that_begins() -> None:
    told: list[Any] = []
    once(Script(throttled("9"), ONE_ROW), None, told.append)
    assert [event for event in told if isinstance(event, HeldBack | Waited | RequestSent)] == [
        RequestSent("users"), HeldBack(("users",), 9.0), Waited("users", 9.0), RequestSent("users")
    ]  # fmt: skip


def test_a_spent_quota_is_told_though_nothing_was_refused() -> None:
    told: list[Any] = []
    spent = answer({"data": []}, 200, {"RateLimit-Remaining": "0", "RateLimit-Reset": "30"})
    together(Script(spent, ONE_ROW), 2, told.append, sync=sync(concurrency=1))
    assert [event for event in told if isinstance(event, HeldBack | RetryScheduled)] == [HeldBack(("users",), 30.0)]


def together(transport: Script, requests: int, *hooks: Any, **options: Any) -> None:
    async def act() -> None:
        reader = wire(transport, *hooks, **options)
        asked = [chain(request=Request("GET", f"{BASE}/users/{number}")) for number in range(requests)]
        await asyncio.gather(*(reader.read(c, c.request, lambda a: a) for c in asked))

    run(act())


def test_who_comes_in_the_middle_of_a_wait_is_told_of_the_rest() -> None:
    told: list[Any] = []

    async def act() -> None:
        reader = wire(Script(throttled("9"), ONE_ROW), told.append)

        async def ask(resource: str, after_s: float) -> None:
            asked = chain(resource=resource)
            await asyncio.sleep(after_s)
            await reader.read(asked, asked.request, lambda a: a)

        await asyncio.gather(ask("users", 0), ask("terms", 4), ask("terms", 5))

    run(act())
    assert [event for event in told if isinstance(event, HeldBack)] == [
        HeldBack(("users",), 9.0), HeldBack(("terms",), 5.0)
    ]  # fmt: skip


def test_one_answer_that_throttles_pauses_the_whole_host() -> None:
    transport = Script(throttled("30"), ONE_ROW)
    together(transport, 4, sync=sync(concurrency=1))
    assert transport.sent_at[:2] == [0, 30] and len(transport.sent) == 5


def test_one_answer_that_fails_does_not_hold_up_the_others() -> None:
    transport = Script(answer({}, 503), ONE_ROW)
    together(transport, 4, sync=sync(concurrency=1))
    assert transport.sent_at == [0, 0, 0, 0, 1]


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    inside, most = 0, 0

    async def slowly(request: PreparedRequest) -> Answer:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(1)
        inside -= 1
        return ONE_ROW

    together(Script(slowly), 30, sync=sync(concurrency=5))
    assert most == 5


def test_a_redirect_within_the_origin_is_followed_with_the_key() -> None:
    transport = Script(answer({}, 302, {"Location": "/v2/users?page=2"}), ONE_ROW)
    once(
        transport,
        chain(auth=BearerTokenAuth(token="t0ken"), request=Request("GET", f"{BASE}/users", {"page": 1})),
    )
    assert transport.urls == [f"{BASE}/users?page=1", f"{BASE}/v2/users?page=2"]
    assert transport.sent[1].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("location", ["https://other.org/users", "http://api.example.com/users", "//other.org/"])
def test_a_redirect_to_another_origin_is_refused_and_nothing_is_sent_there(location: str) -> None:
    transport = Script(answer({}, 301, {"Location": location}))
    assert "client.base_url" in str(failing(transport, kind=RequestError))
    assert transport.urls == [f"{BASE}/users"]


@pytest.mark.parametrize("location", ["http://[s3cret", "https://api.example.com:s3cret/"])
def test_a_redirect_to_what_is_no_url_is_an_error(location: str) -> None:
    error = failing(Script(answer({}, 301, {"Location": location})), kind=RequestError)
    assert "not a URL" in str(error) and "s3cret" not in str(error)


def test_redirects_in_a_circle_are_an_error() -> None:
    transport = Script(answer({}, 307, {"Location": "/users"}))
    assert "more than 10 redirects (sync.limits.redirects)" in str(failing(transport, kind=RequestError))
    assert len(transport.sent) == 11


def test_a_redirect_that_leads_nowhere_is_an_error() -> None:
    assert "302" in str(failing(Script(answer({}, 302)), kind=RequestError))


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (307, "POST"), (308, "POST")])
def test_a_post_stays_a_post_only_where_the_redirect_says_so(status: int, method: str) -> None:
    transport = Script(answer({}, status, {"Location": "/found"}), ONE_ROW)
    once(transport, chain(request=Request("POST", f"{BASE}/users", json={"q": 1})))
    assert transport.sent[1].method == method
    assert bool(transport.sent[1].body) is (method == "POST")


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("body", [{"json": {"active": True}}, {"data": "active=1"}])
def test_a_redirect_that_drops_the_filter_of_a_post_is_refused(status: int, body: dict[str, Any]) -> None:
    """A GET without it may give other rows, or all."""
    transport = Script(answer({}, status, {"Location": "/v2/users?token=k3y"}), ONE_ROW)
    told = str(failing(transport, chain(request=Request("POST", f"{BASE}/users", **body)), RequestError))
    assert f"POST {BASE}/users: redirected to {BASE}/v2/users ({status}), which makes a GET without its body" in told
    assert "set endpoint.path and client.base_url to where it leads" in told and "k3y" not in told
    assert len(transport.sent) == 1


@pytest.mark.parametrize("status", [301, 302])
def test_a_post_without_a_body_is_redirected_as_a_get(status: int) -> None:
    transport = Script(answer({}, status, {"Location": "/found"}), ONE_ROW)
    once(transport, chain(request=Request("POST", f"{BASE}/users")))
    assert transport.sent[1].method == "GET"


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "the key is missing or wrong"), (403, "the key may not read this")]
)
def test_a_refused_key_is_an_auth_error_with_advice(status: int, advice: str) -> None:
    error = failing(Script(answer({"message": "no way"}, status)), kind=AuthError)
    assert f"answered {status} ('no way'); {advice}" in str(error) and error.resource == "users"


def test_a_refused_request_says_status_place_and_the_servers_words() -> None:
    error = failing(Script(answer({"error": "unknown path"}, 404)), kind=RequestError)
    assert isinstance(error, RequestError) and error.status == 404
    assert str(error).startswith(
        f"resource users, GET {BASE}/users: the server answered 404 ('unknown path'); check endpoint.path"
    )


@pytest.mark.parametrize("body", [b"<html>", [1], {"message": {"deep": 1}}, {"students": "Ann"}])
def test_what_the_server_says_elsewhere_is_not_repeated(body: Any) -> None:
    told = str(failing(Script(answer(body, 400))))
    assert told.endswith(
        ": the server answered 400; check params, the paginator and the method; -v shows the request as a line of curl"
    )


def test_a_wrong_answer_is_a_data_error_with_its_place() -> None:
    error = failing(Script(answer({"oops": 1})), kind=DataError)
    assert (
        str(error).startswith("resource users, GET https://api.example.com/users: data_selector 'data' finds nothing")
        and error.resource == "users"
    )


def test_an_error_of_the_network_that_will_not_pass_is_not_asked_again() -> None:
    transport = Script(TransportError("TLS", "certificate has expired", transient=False))
    assert "certificate has expired" in str(failing(transport, kind=RequestError))
    assert len(transport.sent) == 1


def test_the_headers_of_the_config_are_sent_and_nulls_are_left_out() -> None:
    transport = Script(ONE_ROW)
    once(transport, chain(request=Request("GET", BASE, headers={"A": "1", "B": None, "C": 5})))  # type: ignore[dict-item]
    assert dict(transport.sent[0].headers) == {"A": "1", "C": "5"}


def test_a_key_that_a_next_link_echoes_is_sent_once() -> None:
    first = answer({"data": [{"id": 1}], "next": "/users?api_key=s3cret&after=b"})
    transport = Script(first, ONE_ROW)
    auth = APIKeyAuth(name="api_key", api_key="s3cret", location="query")
    read(transport, chain(paging=JsonLink(json_path("next")), auth=auth))
    assert transport.urls == [f"{BASE}/users?api_key=s3cret", f"{BASE}/users?after=b&api_key=s3cret"]


_SECRETS = st.text("abcdefgXYZ0123456789-_.~+/= &%#é", min_size=8, max_size=30).map(
    lambda text: "kEy" + text.strip() + "kEy"
)
_FAILURES = {
    "refused key": lambda secret: answer({"message": f"the key {secret} is wrong"}, 401),
    "refused request": lambda secret: answer({"error": f"bad token: {quote(secret, safe='')}"}, 400),
    "no json": lambda secret: answer(secret.encode()),
    "no rows": lambda secret: answer({"other": secret}),
    "cut off": lambda secret: answer(b'{"data": ["' + secret.encode()),
    "gone": lambda secret: lost(),
    "redirect": lambda secret: answer({}, 302, {"Location": f"https://other.org/{quote(secret)}?k={quote(secret)}"}),
    "no url": lambda secret: answer({}, 302, {"Location": f"http://[{secret}"}),
    "next elsewhere": lambda secret: answer(
        {"data": [], "next": f"https://u:{quote(secret)}@other.org/?k={quote(secret)}"}
    ),
    "next no url": lambda secret: answer({"data": [], "next": f"http://[{secret}"}),
    "next with key, refused": lambda secret: _refuse_second(secret),
    "redirect by a path with the key": lambda secret: _lead_astray(secret),
}


def _lead_astray(secret: str) -> Any:
    def reply(request: PreparedRequest) -> Answer:
        if "/moved/" in str(request.url):
            return answer({}, 404)
        return answer({}, 302, {"Location": f"/moved/{quote(secret, safe='')}?again={quote(secret)}"})

    return reply


def _refuse_second(secret: str) -> Any:
    def reply(request: PreparedRequest) -> Answer:
        if "after" in query(request):
            return answer({"message": f"{secret} has expired"}, 403)
        return answer({"data": [], "next": f"/users?after=b&token={quote(secret, safe='')}"})

    return reply


_HOLDERS = {
    "bearer": lambda secret: {"auth": BearerTokenAuth(token=secret)},
    "password": lambda secret: {"auth": HttpBasicAuth("ann", secret)},
    "key in query": lambda secret: {"auth": APIKeyAuth(name="key", api_key=secret, location="query")},
    "key in header": lambda secret: {"auth": APIKeyAuth(name="X-Key", api_key=secret, location="header")},
    "params": lambda secret: {"request": Request("GET", f"{BASE}/users", {"wstoken": secret})},
    "headers": lambda secret: {
        "request": Request("GET", f"{BASE}/users", headers={"Authorization": f"Bearer {secret}"})
    },
    "url": lambda secret: {"request": Request("GET", f"{BASE}/users?access_token={quote(secret, safe='')}")},
}


@pytest.mark.parametrize("failure", _FAILURES)
@pytest.mark.parametrize("holder", _HOLDERS)
@settings(max_examples=4, deadline=None)
@given(secret=_SECRETS)
def test_no_error_ever_holds_a_secret(failure: str, holder: str, secret: str) -> None:
    if holder in ("bearer", "key in header", "headers"):
        secret = secret.replace("é", "e")
    transport = Script(_FAILURES[failure](secret))
    with pytest.raises(HomeroomError) as caught:
        read(transport, chain(paging=JsonLink(json_path("next")), **_HOLDERS[holder](secret)))
    text = str(caught.value)
    assert not any(form in text for form in (secret, quote(secret), quote(secret, safe="")))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_key_with_a_line_break_in_the_config_is_refused_without_quoting_it(ending: str) -> None:
    transport = Script(ONE_ROW)
    error = failing(transport, chain(request=Request("GET", BASE, headers={"Authorization": "Bearer s3cret" + ending})))
    assert isinstance(error, RequestError) and "InvalidHeader" in str(error) and "s3cret" not in str(error)
    assert transport.sent == []


def test_what_a_custom_auth_raises_comes_through() -> None:
    class Broken(AuthBase):
        def __call__(self, request: PreparedRequest) -> PreparedRequest:
            raise LookupError("no token")

    with pytest.raises(LookupError, match="no token"):
        once(Script(ONE_ROW), chain(auth=Broken()))
