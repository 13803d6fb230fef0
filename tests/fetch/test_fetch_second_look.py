"""A list without a word of paging may be one that was cut: one request more tells."""

import pytest
from requests import PreparedRequest

from homeroom.values import Answer, ChainEnd, Page

from .scripted import Script, answer, chain, query, read


def listing(count: int, *, page_size: int = 10, by: str = "offset") -> Script:
    """A bare list that is cut at `page_size`, and goes on by a parameter that nobody told of."""

    def reply(request: PreparedRequest) -> Answer:
        asked = query(request)
        start = int(asked.get("offset", 0)) if by == "offset" else (int(asked.get("page", 1)) - 1) * page_size
        return answer([{"id": number} for number in range(start, min(start + page_size, count))])

    return Script(reply)


def guessed(transport: Script) -> tuple[list[Page], ChainEnd]:
    return read(transport, chain(paging=None, selector=None))


@pytest.mark.parametrize("by", ["offset", "page"])
def test_a_list_that_goes_on_was_cut(by: str) -> None:
    pages, end = guessed(listing(25, by=by))
    assert len(pages) == 1 and end.broken and "the list was cut; name a paginator" in end.note


@pytest.mark.parametrize("reply", [answer([{"id": n} for n in range(10)]), answer([])])
def test_a_list_that_does_not_go_on_stays_unproved(reply: Answer) -> None:
    _, end = guessed(Script(answer([{"id": n} for n in range(10)]), reply))
    assert not end.broken and "a page cut short looks the same" in end.note


def test_rows_that_only_changed_are_not_new_ones() -> None:
    later = answer([{"id": n, "seen": 2} for n in range(10)])
    assert not guessed(Script(answer([{"id": n, "seen": 1} for n in range(10)]), later))[1].broken


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_server_that_does_not_know_the_parameters_may_refuse_them(status: int) -> None:
    _, end = guessed(Script(answer([{"id": n} for n in range(10)]), answer({}, status)))
    assert not end.broken


@pytest.mark.parametrize("count", [3, 9, 11, 17])
def test_a_list_whose_length_is_no_page_size_is_not_asked_again(count: int) -> None:
    transport = listing(count, page_size=100)
    guessed(transport)
    assert len(transport.sent) == 1


@pytest.mark.parametrize("total", [10, 25])
def test_an_answer_that_tells_its_total_is_not_asked_again(total: int) -> None:
    transport = Script(answer({"data": [{"id": n} for n in range(10)], "total": total}))
    _, end = guessed(transport)
    assert len(transport.sent) == 1 and end.totals == (total, total)
