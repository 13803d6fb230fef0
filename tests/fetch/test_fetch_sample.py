"""The first pages of a chain, and not a request more."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from scripted import Script, answer, chain, read, rows

from homeroom.dlt_seam.rest_api import json_path
from homeroom.fetch.sample import SampleEnd
from homeroom.paginate import Cursor, HeaderLink, Offset
from homeroom.values import Answer, Proof


def linked(query: str) -> Answer:
    """A page of one row that leads on by its Link header."""
    return answer({"data": [{"id": 1}]}, headers={"Link": f'<https://api.example.com/users?{query}>; rel="next"'})


def sampled(script: Script, most: int, **changed: Any) -> tuple[list[int], SampleEnd]:
    pages, end = read(script, chain(most_pages=most, **changed))
    assert isinstance(end, SampleEnd)
    return [page.facts.rows for page in pages], end


def test_no_more_pages_are_asked_for_than_wanted() -> None:
    script = Script(rows(1, 2))
    came, end = sampled(script, 1, paging=Offset(2))
    assert (came, end.has_more, len(script.sent)) == ([2], True, 1)


def test_an_empty_first_page_is_asked_for_once() -> None:
    script = Script(rows())
    came, end = sampled(script, 2, paging=Offset(2))
    assert (came, end.has_more, len(script.sent)) == ([0], False, 1)


def test_an_end_before_the_last_page_is_the_end() -> None:
    script = Script(answer({"data": [{"id": 1}], "next": "x"}), answer({"data": [{"id": 2}]}))
    came, end = sampled(script, 5, paging=Cursor(json_path("next")))
    assert (came, end.has_more, end.proof) == ([1, 1], False, Proof.KEYSET)


def test_what_goes_on_says_what_its_end_would_prove() -> None:
    _, end = sampled(Script(linked("after=b")), 1, paging=HeaderLink())
    assert (end.proof, end.has_more) == (Proof.KEYSET, True)
    _, end = sampled(Script(linked("page=2")), 1, paging=HeaderLink())
    assert (end.proof, end.note) == (Proof.END, "next links count pages: rows can move between them")


def test_paging_that_is_guessed_is_told() -> None:
    _, end = sampled(Script(linked("after=b")), 1, paging=None)
    assert end.paging == HeaderLink()
    assert end.note == "paging was guessed (links in the Link header): name a paginator"


def test_a_guessed_single_page_that_looks_cut_is_looked_at_once_more() -> None:
    script = Script(rows(*range(10)), rows(*range(10, 20)))
    _, end = sampled(script, 2, paging=None)
    assert (end.broken, len(script.sent)) == (True, 2)
