import base64
import sys
from pathlib import Path

import pytest
from requests import PreparedRequest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "fetch"))

from paper import Listed, drafted, people
from scripted import answer, query

from homeroom.draft.auth_flag import read_auth, secrets_of
from homeroom.draft.live.auth import Key
from homeroom.draft.values import Confidence, Secret
from homeroom.errors import AuthError, ConfigError
from homeroom.values import Answer

KEY = "s3cr3t-key-77"
BEARER = {"type": "bearer", "token": "${secret:api_key}"}


class Guarded:
    """A list for those who send the key one way; the refusal says so in its own words."""

    def __init__(self, way: str, refusal: Answer) -> None:
        self.way, self.refusal, self.tried = way, refusal, 0

    def __call__(self, request: PreparedRequest) -> Answer:
        kind, _, name = self.way.partition(":")
        sent = query(request).get(name) if kind == "query" else request.headers.get(name)
        if sent is None or KEY not in sent:
            self.tried += 1
            return self.refusal
        return Listed(people(30))(request)


REFUSED = answer({"message": "go away"}, 401)
WAYS = {
    "header:Authorization": ({**BEARER}, answer({}, 401, {"WWW-Authenticate": 'Bearer realm="api"'})),
    "header:X-Auth-Token": (
        {"type": "api_key", "name": "X-Auth-Token", "api_key": "${secret:api_key}", "location": "header"},
        answer({"error": "send your key in the X-Auth-Token header"}, 401),
    ),
    "query:access_token": (
        {"type": "api_key", "name": "access_token", "api_key": "${secret:api_key}", "location": "query"},
        answer({"error": "access_token is missing"}, 403),
    ),
    "header:X-Api-Key": (
        {"type": "api_key", "name": "X-Api-Key", "api_key": "${secret:api_key}", "location": "header"},
        REFUSED,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_how_the_key_is_sent_is_told_by_the_refusal_or_found_by_trying(way: str) -> None:
    section, refusal = WAYS[way]
    draft = drafted(Guarded(way, refusal), key=KEY)
    assert draft.auth.value == section
    assert draft.auth.confidence is Confidence.CERTAIN
    assert draft.secrets == (Secret("API_KEY", "the API key"),)
    assert KEY not in repr(draft)


def test_a_scheme_of_its_own_is_sent_as_the_server_calls_it() -> None:
    def handler(request: PreparedRequest) -> Answer:
        if request.headers.get("Authorization") != f"Token {KEY}":
            return answer({}, 401, {"WWW-Authenticate": "Token"})
        return Listed(people(30))(request)

    section = {"type": "api_key", "name": "Authorization", "api_key": "Token ${secret:api_key}", "location": "header"}
    assert drafted(handler, key=KEY).auth.value == section


def test_no_key_is_needed_where_a_request_without_one_is_answered() -> None:
    draft = drafted(Listed(people(30)), key=KEY)
    assert draft.auth.value is None
    assert draft.secrets == ()


def test_a_key_that_is_refused_however_it_is_sent_is_an_error_after_few_tries() -> None:
    guarded = Guarded("header:X-Nobody-Knows", REFUSED)
    with pytest.raises(AuthError, match="the key API_KEY is refused, however it is sent") as raised:
        drafted(guarded, key=KEY)
    assert KEY not in str(raised.value)
    assert guarded.tried <= 7


def test_the_flag_tells_how_the_key_is_sent() -> None:
    key = Key("CAMPUS_KEY")
    placeholder = "${secret:campus_key}"
    assert read_auth("none", key) is None
    assert read_auth("bearer", key) == {"type": "bearer", "token": placeholder}
    assert read_auth("basic:me", key) == {"type": "http_basic", "username": "me", "password": placeholder}
    told = read_auth("header:X-Key", key)
    assert told == {"type": "api_key", "name": "X-Key", "api_key": placeholder, "location": "header"}
    section = read_auth("{type: oauth2, access_token_url: 'https://x/t', client_id: '${ID}'}", key)
    assert section is not None and section["type"] == "oauth2"
    assert secrets_of(section) == (Secret("ID", "the value", is_secret=False),)


@pytest.mark.parametrize("text", ["beaver", "header:", "{typ: bearer}", "basic", "[1]", "{"])
def test_a_flag_that_tells_nothing_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ConfigError, match="none, bearer, basic:USER, header:NAME"):
        read_auth(text, Key("API_KEY"))


def test_a_basic_key_is_sent_as_basic() -> None:
    from homeroom.draft.auth_flag import maker
    from homeroom.draft.live.auth import given_auth

    admitted = given_auth(read_auth("basic:me", Key("API_KEY")), maker("https://x", {}, lambda name: KEY), ())
    request = PreparedRequest()
    request.prepare(method="GET", url="https://x", auth=admitted.signs)
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"me:{KEY}".encode()).decode()


@pytest.mark.parametrize("text", [f"basic:me:{KEY}", f"header:X-Key:{KEY}", f"{{type: bearer, token: {KEY}}}"])
def test_a_flag_that_holds_the_key_itself_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ConfigError, match="by the environment, as API_KEY") as raised:
        read_auth(text, Key("API_KEY"))
    assert KEY not in str(raised.value)
