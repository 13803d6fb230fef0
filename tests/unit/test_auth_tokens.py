"""A token is asked for when it is needed: once for all, in good time, and never more often than that."""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from dlt.sources.helpers import requests as dlt_requests
from dlt.sources.helpers.rest_client.auth import OAuth2AuthBase, OAuth2ClientCredentials, OAuthJWTAuth
from requests import PreparedRequest, Request, Response

from homeroom.auth import Signer
from homeroom.auth_types import OAuth1
from homeroom.auth_types.token import Granted, TokenAuth
from homeroom.dlt_seam.tokens import ask_once
from homeroom.errors import AuthError, HomeroomError, RequestError, TransientError

NOW = datetime.now(UTC)
URL = "https://id.example.com/token?tenant=s3cret"


class Tokens(requests.Session):
    """A session behind which a token endpoint answers; what it gives is counted: t1, t2, …"""

    def __init__(self, answer: Callable[[int], Any] | None = None, lives_s: float = 3600, wait: Any = None) -> None:
        super().__init__()
        self.answer = answer or (lambda number: {"access_token": f"t{number}", "expires_in": lives_s})
        self.calls = 0
        self.threads: set[threading.Thread] = set()
        self.wait = wait

    def post(self, url: Any, *args: Any, **kwargs: Any) -> Response:
        self.calls += 1
        self.threads.add(threading.current_thread())
        if self.wait:
            self.wait()
        said = self.answer(self.calls)
        if isinstance(said, Exception):
            raise said
        response = Response()
        response.status_code, content = said if isinstance(said, tuple) else (200, said)
        response._content = content if isinstance(content, bytes) else requests.compat.json.dumps(content).encode()
        return response


def credentials(session: Tokens, kind: type[OAuth2ClientCredentials] = OAuth2ClientCredentials) -> Any:
    return kind(access_token_url=URL, client_id="me", client_secret="s3cret", session=session)


def later(seconds: float) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(seconds=seconds)


def request() -> PreparedRequest:
    return Request("GET", "https://api.example.com/users").prepare()


async def tokens_of(signer: Signer, requests: int) -> set[str]:
    signed = await asyncio.gather(*(signer.sign(request()) for _ in range(requests)))
    return {str(each.headers["Authorization"]) for each in signed}


def run(act: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(act)


def failing(answer: Any, kind: type[HomeroomError]) -> str:
    with pytest.raises(kind) as caught:
        run(Signer(credentials(Tokens(lambda _: answer))).sign(request()))
    assert type(caught.value) is kind
    return str(caught.value)


def test_fifty_requests_at_once_are_one_token() -> None:
    session = Tokens()
    assert run(tokens_of(Signer(credentials(session)), 50)) == {"Bearer t1"}
    assert session.calls == 1


def test_a_token_is_asked_for_in_another_thread() -> None:
    session = Tokens()
    run(tokens_of(Signer(credentials(session)), 1))
    assert threading.current_thread() not in session.threads


def test_the_loop_goes_on_while_a_token_is_asked_for() -> None:
    arrived = threading.Event()
    session = Tokens(wait=lambda: arrived.wait(10))

    async def act() -> bool:
        signing = asyncio.ensure_future(tokens_of(Signer(credentials(session)), 3))
        for _ in range(20):
            await asyncio.sleep(0)
        waited = not signing.done()
        arrived.set()
        return waited and await signing == {"Bearer t1"}

    assert run(act())


def test_with_a_token_in_hand_nothing_leaves_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act() -> set[str]:
        signer = Signer(credentials(Tokens()))
        await signer.sign(request())
        monkeypatch.setattr(asyncio, "to_thread", None)
        return await tokens_of(signer, 3)

    assert run(act()) == {"Bearer t1"}


@pytest.mark.parametrize(("lives_s", "later_s", "calls"), [(3600, 3500, 1), (3600, 3580, 2), (50, 25, 1)])
def test_a_token_of_some_length_is_renewed_half_a_minute_early(lives_s: float, later_s: float, calls: int) -> None:
    session = Tokens(lives_s=lives_s)
    clock = [later(0)]

    async def act() -> None:
        signer = Signer(credentials(session), lambda: clock[0]())
        await signer.sign(request())
        clock[0] = later(later_s)
        await signer.sign(request())

    run(act())
    assert session.calls == calls


def test_a_token_that_lives_no_time_is_still_one_for_all_who_wait() -> None:
    session = Tokens(lives_s=0)
    assert run(tokens_of(Signer(credentials(session)), 20)) == {"Bearer t1"}
    assert session.calls == 1


class Own(TokenAuth):
    """A type of ours that makes its tokens itself."""

    def __init__(self, lives_s: float = 3600.0) -> None:
        self.lives_s = lives_s
        self.calls = 0
        self.threads: set[threading.Thread] = set()

    def grant(self) -> Granted:
        self.calls += 1
        self.threads.add(threading.current_thread())
        now = self.hand.now()
        return Granted(f"t{self.calls}", now + self.lives_s, now)

    def held_secrets(self) -> frozenset[str]:
        return frozenset()


def test_a_type_of_ours_gets_one_token_for_all_in_another_thread() -> None:
    auth = Own()
    assert run(tokens_of(Signer(auth), 50)) == {"Bearer t1"}
    assert auth.calls == 1 and threading.current_thread() not in auth.threads


def test_a_type_of_ours_with_a_token_in_hand_signs_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act() -> set[str]:
        signer = Signer(Own())
        await signer.sign(request())
        monkeypatch.setattr(asyncio, "to_thread", None)
        return await tokens_of(signer, 3)

    assert run(act()) == {"Bearer t1"}


def test_many_refusals_of_a_token_of_ours_are_one_new_one() -> None:
    auth = Own()

    async def act() -> list[bool]:
        signer = Signer(auth)
        refused = [await signer.sign(request()) for _ in range(20)]
        return await asyncio.gather(*map(signer.renew, refused))

    assert run(act()) == [True] * 20
    assert auth.calls == 2


def test_a_type_of_ours_that_signs_each_request_leaves_the_loop_never(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = OAuth1.from_init_value({"client_key": "k", "client_secret": "s3cret"})
    monkeypatch.setattr(asyncio, "to_thread", None)
    assert len(run(tokens_of(Signer(auth), 20))) == 20
    assert run(Signer(auth).renew(request())) is False


class Keyless(OAuthJWTAuth):
    """Has a key without the package that reads one."""

    def load_private_key(self) -> Any:
        return "key"


def jwt_auth(session: Tokens) -> Any:
    return Keyless(client_id="me", private_key="s3cret", auth_endpoint=URL, session=session)  # type: ignore[arg-type]


def test_a_json_web_token_is_exchanged_for_one_token_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", SimpleNamespace(encode=lambda *_, **__: "signed"))
    session = Tokens()
    assert run(tokens_of(Signer(jwt_auth(session)), 20)) == {"Bearer t1"}
    assert session.calls == 1


def test_a_json_web_token_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(AuthError, match="pip install PyJWT cryptography"):
        run(tokens_of(Signer(jwt_auth(Tokens())), 1))


def test_a_fixed_token_is_signed_as_it_is() -> None:
    assert run(tokens_of(Signer(OAuth2AuthBase(access_token="fixed")), 1)) == {"Bearer fixed"}  # type: ignore[arg-type]


def test_a_subclass_that_asks_otherwise_is_still_asked_once() -> None:
    class Basic(OAuth2ClientCredentials):
        def build_access_token_request(self) -> dict[str, Any]:
            return {"auth": (self.client_id, self.client_secret)}

    session = Tokens()
    assert run(tokens_of(Signer(credentials(session, Basic)), 20)) == {"Bearer t1"}
    assert session.calls == 1


class Shouting(OAuth2ClientCredentials):
    """Signs in a way of its own."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        super().__call__(request)
        request.headers["X-Token"] = str(request.headers.pop("Authorization")).upper()
        return request


def test_a_subclass_that_signs_otherwise_is_called() -> None:
    session = Tokens()
    signed = run(Signer(credentials(session, Shouting)).sign(request()))
    assert signed.headers["X-Token"] == "BEARER T1" and session.calls == 1


@pytest.mark.parametrize("kind", [OAuth2ClientCredentials, Shouting])
def test_what_a_token_endpoint_refuses_is_told_for_any_such_class(kind: Any) -> None:
    with pytest.raises(AuthError, match=r"the token endpoint id\.example\.com answered 401; check client_id"):
        run(Signer(credentials(Tokens(lambda _: (401, {})), kind)).sign(request()))


def test_a_refused_token_is_replaced_once_for_all_that_carried_it() -> None:
    session = Tokens()

    async def act() -> set[str]:
        signer = Signer(credentials(session))
        refused = [await signer.sign(request()) for _ in range(10)]
        assert all(await asyncio.gather(*(signer.renew(each) for each in refused)))
        assert await signer.renew(refused[0])
        return await tokens_of(signer, 1)

    assert run(act()) == {"Bearer t2"}
    assert session.calls == 2


@pytest.mark.parametrize("auth", [None, OAuth2AuthBase(access_token="fixed")])  # type: ignore[arg-type]
def test_what_has_no_token_to_ask_for_has_nothing_to_renew(auth: Any) -> None:
    assert run(Signer(auth).renew(request())) is False


def test_a_key_that_the_token_endpoint_refuses_is_an_auth_error() -> None:
    told = failing((401, {"error_description": "s3cret"}), AuthError)
    assert told == "the token endpoint id.example.com answered 401; check client_id and client_secret"


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_token_endpoint_that_is_broken_is_a_transient_error(status: int) -> None:
    told = failing((status, {}), TransientError)
    assert told == f"the token endpoint id.example.com answered {status}; run again later"


@pytest.mark.parametrize("error", [requests.ConnectionError(URL), requests.ReadTimeout(URL)])
def test_a_token_endpoint_that_is_away_is_a_transient_error(error: Exception) -> None:
    told = failing(error, TransientError)
    assert told.startswith("the token endpoint id.example.com cannot be reached (") and "s3cret" not in told
    assert "check access_token_url, or run again later" in told


@pytest.mark.parametrize("error", [requests.exceptions.SSLError(URL), requests.exceptions.MissingSchema(URL)])
def test_a_token_endpoint_that_cannot_work_is_a_request_error(error: Exception) -> None:
    told = failing(error, RequestError)
    assert "check access_token_url" in told and "s3cret" not in told


@pytest.mark.parametrize("body", [{}, {"access_token": None}, {"access_token": ""}])
def test_an_answer_without_a_token_is_an_auth_error(body: Any) -> None:
    assert failing(body, AuthError) == "the token endpoint id.example.com gave no access_token; check access_token_url"


@pytest.mark.parametrize("body", [b"<html>s3cret", [], {"access_token": "s3cret", "expires_in": "soon"}])
def test_an_answer_that_cannot_be_read_is_an_auth_error_that_quotes_nothing(body: Any) -> None:
    told = failing(body, AuthError)
    assert told.startswith("no token came of the token endpoint id.example.com (") and "s3cret" not in told


def test_the_text_none_is_never_sent_as_a_token() -> None:
    answers = [{}, {"access_token": "good"}]
    session = Tokens(lambda number: answers[number - 1])

    async def act() -> set[str]:
        signer = Signer(credentials(session))
        with pytest.raises(AuthError):
            await signer.sign(request())
        return await tokens_of(signer, 1)

    assert run(act()) == {"Bearer good"}


def test_all_who_wait_for_a_token_take_its_failure_and_no_one_asks_again() -> None:
    session = Tokens(lambda _: (401, {}))

    async def act() -> list[Any]:
        signer = Signer(credentials(session))
        return await asyncio.gather(*(signer.sign(request()) for _ in range(30)), return_exceptions=True)

    assert {type(each) for each in run(act())} == {AuthError}
    assert session.calls == 1


def test_dlts_repeating_session_gives_way_to_one_that_asks_once() -> None:
    auth = OAuth2ClientCredentials(access_token_url=URL, client_id="me", client_secret="s3cret")  # type: ignore[arg-type]
    assert hasattr(auth.session.send, "retry")
    ask_once(auth)
    assert not hasattr(auth.session.send, "retry") and auth.session.timeout == 60  # type: ignore[attr-defined]


def test_it_is_known_in_any_thread() -> None:
    made: list[Any] = []
    maker = threading.Thread(target=lambda: made.append(OAuth2ClientCredentials(access_token_url=URL)))
    maker.start()
    maker.join()
    ask_once(made[0])
    assert not hasattr(made[0].session.send, "retry")


@pytest.mark.parametrize("session", [requests.Session(), dlt_requests.Client(request_max_attempts=2).session])
def test_a_session_of_the_config_stays(session: Any) -> None:
    auth = OAuth2ClientCredentials(access_token_url=URL, session=session)
    ask_once(auth)
    assert auth.session is session
