"""A link leads to one place, whoever reads it."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from homeroom.auth import origin_of
from homeroom.links import joined

HERE = "https://api.example.com/v1/users?page=1"


@pytest.mark.parametrize(
    ("link", "led"),
    [
        ("https://api.example.com/v1/users?page=2", "https://api.example.com/v1/users?page=2"),
        ("/users?page=2", "https://api.example.com/users?page=2"),
        ("?page=2", "https://api.example.com/v1/users?page=2"),
        (" /users?name=Ann Lee\n", "https://api.example.com/users?name=Ann Lee"),
        (r"/users?filter=a\b", r"https://api.example.com/users?filter=a\b"),
        ("//other.org/x", "https://other.org/x"),
        ("HTTP://other.org/x", "HTTP://other.org/x"),
        ("1:2", "https://api.example.com/v1/1:2"),
    ],
)
def test_a_link_is_joined_to_the_page_that_it_stands_on(link: str, led: str) -> None:
    assert joined(HERE, link) == led


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (r"https://evil.org\@api.example.com/x", "backslash"),
        (r"https://evil.org:81\@api.example.com:443/x", "backslash"),
        (r"/\evil.org/x", "backslash"),
        ("https://evil.org\t@api.example.com/x", "control character"),
        ("https://api.exa\nmple.com/x", "control character"),
        ("https://api.example.com/x\x00", "control character"),
        ("https://s3cret:pass@api.example.com/x", "user name of its own"),
        ("https://evil.org@api.example.com/x", "user name of its own"),
        ("http://[s3cret", "not a URL"),
        ("evil.orghttps:", "another scheme than http or https"),
        ("evil.org:81/s3cret", "another scheme than http or https"),
        ("ftp://evil.org/s3cret", "another scheme than http or https"),
        ("javascript:s3cret", "another scheme than http or https"),
    ],
)
def test_a_link_that_readers_disagree_about_is_refused_without_quoting_it(link: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        joined(HERE, link)
    assert "s3cret" not in str(caught.value) and "evil" not in str(caught.value)


def test_the_user_name_of_the_config_stays_in_a_link() -> None:
    assert joined("https://ann:pw@api.example.com/a", "/b") == "https://ann:pw@api.example.com/b"
    assert joined("https://ann:pw@api.example.com/a", "https://ann:pw@api.example.com/b").endswith("@api.example.com/b")


PARTS = st.sampled_from(
    [
        "https:",
        "http:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "#",
        "?",
        " ",
        "\t",
        "\n",
        "own.org",
        "evil.org",
        "81",
        "%2f",
        "[",
        "]",
    ]
)


@example("own.orghttps:")
@example("//%2f")
@given(st.lists(PARTS, max_size=9).map("".join))
def test_what_is_sent_goes_to_the_origin_that_was_found(link: str) -> None:
    """By requests, and by yarl, for any link."""
    try:
        url = joined("https://own.org/a", link)
        origin = origin_of(url)
        sent = str(requests.Request("GET", url).prepare().url)
    except (ValueError, requests.RequestException):
        return
    assert origin_of(sent) == origin
    yarl = URL(sent, encoded=True)
    assert f"{yarl.scheme}://{yarl.host}:{yarl.port}" == origin
    assert urlsplit(sent).hostname == yarl.host
