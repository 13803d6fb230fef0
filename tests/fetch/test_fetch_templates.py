"""A prepared request that is a copy of an earlier one is the same as one that requests prepares anew."""

from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from homeroom.fetch.protocol import SIGNED_ELSEWHERE
from homeroom.fetch.templates import Templates, plain_url

_SEGMENT = st.text("abAZ09._~- %/é:@\\", max_size=6)
_URLS = st.builds(
    lambda port, parts, query: "http://api.example.com" + port + "/" + "/".join(parts) + query,
    st.sampled_from(["", ":80", ":8443"]),
    st.lists(_SEGMENT, max_size=4),
    st.one_of(st.just(""), st.text("ab=&+%2F~._-?#é", max_size=8).map("?{}".format)),
)
_VALUES = st.one_of(st.integers(), st.text(max_size=6), st.none(), st.booleans(), st.lists(st.integers(), max_size=2))
_PARAMS = st.dictionaries(st.text(min_size=1, max_size=4), _VALUES, max_size=3)


@given(_URLS, _PARAMS)
def test_a_plain_url_is_the_one_that_requests_makes(url: str, params: dict[str, object]) -> None:
    request = Request("GET", url, params=params, auth=SIGNED_ELSEWHERE)
    if (plain := plain_url(request)) is not None:
        assert plain == request.prepare().url


def test_a_copy_shares_nothing_with_its_template() -> None:
    templates = Templates(lambda request: request.prepare())
    first, second = (
        templates.prepare(Request("GET", "https://api.example.com/items", headers={"Accept": "a"}, params={"page": n}))
        for n in (1, 2)
    )
    first.headers["Authorization"] = "Bearer k"
    assert first.url == "https://api.example.com/items?page=1"
    assert second.url == "https://api.example.com/items?page=2"
    assert dict(second.headers) == {"Accept": "a"}


def test_a_body_is_prepared_by_requests() -> None:
    templates = Templates(lambda request: request.prepare())
    bodies = [
        templates.prepare(Request("POST", "https://api.example.com/items", json={"page": n})).body for n in (1, 2)
    ]
    assert bodies == [b'{"page": 1}', b'{"page": 2}']
