"""The Link header, as RFC 8288 has it and as servers write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.facts.link_header import target_of

NEXT = "https://api.example.com/users?cursor=b"


@pytest.mark.parametrize(
    ("header", "url"),
    [
        (f'<{NEXT}>; rel="next"', NEXT),
        (f"<{NEXT}>;rel=next", NEXT),
        (f"<{NEXT}>; rel='next'", NEXT),
        (f'<{NEXT}> ; REL = "Next"', NEXT),
        ("</users;jsessionid=A1?cursor=b>; rel=next", "/users;jsessionid=A1?cursor=b"),
        ('</users;v=2>; rel="next"', "/users;v=2"),
        ('</users?a=1,2&b=<3>; rel="next"', "/users?a=1,2&b=<3"),
        (f'<{NEXT}>; title="a=b; rel=last, <c>"; rel="next"', NEXT),
        (rf'<{NEXT}>; title="a \"quoted\" one, \\"; rel="next"', NEXT),
        (f'<{NEXT}>; rel="last next"', NEXT),
        (f'<{NEXT}>; rel="next https://example.com/rel/more"', NEXT),
        (f'</first>; rel="first", <{NEXT}>; rel="next", </last>; rel="last"', NEXT),
        (f'</first>; rel="first",<{NEXT}>; rel="next"', NEXT),
        (f',, </a>; rel="prev" ; x ; y= , <{NEXT}>; rel="next"', NEXT),
        (f'<{NEXT}>; crossorigin; rel="next"', NEXT),
        (f'</a>; rel="prev" junk, <{NEXT}>; rel="next"', NEXT),
        (f"{NEXT}; rel=next", NEXT),
        (f"<{NEXT}; rel=next", NEXT),
        (f'< {NEXT} >; rel="next', NEXT),
        ('</a>; rel="next", </b>; rel="next"', "/a"),
    ],
)
def test_the_next_link_is_found(header: str, url: str) -> None:
    assert target_of(header, "next") == url


@pytest.mark.parametrize(
    "header",
    [
        "",
        "</a>",
        '</a>; rel="prev"',
        '</a>; rel="nextish"',
        '</a>; rel="prev"; rel="next"',
        '</a>; title="rel=next"',
        '</a>; title="x, </b>; rel=next"',
        '</a;rel=next>; rel="prev"',
    ],
)
def test_what_is_no_next_link_is_not_taken_for_one(header: str) -> None:
    assert target_of(header, "next") is None


def test_the_relation_is_the_configs() -> None:
    header = '</a>; rel="next", </b>; rel="Continue more"'
    assert (target_of(header, "continue"), target_of(header, "more"), target_of(header, "MORE continue")) == ("/b",) * 3


@given(st.text(st.sampled_from("<>;,=\"\\ 'relnextab"), max_size=60))
def test_any_text_is_read_to_its_end(header: str) -> None:
    unquoted = header.replace('"', "").replace("<", "")
    assert target_of(f"{header}, ", "next") is None or "next" in header
    assert target_of(f"{unquoted}, <https://n>; rel=next", "next") is not None
