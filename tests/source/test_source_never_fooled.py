"""Each way in which a server is known to fool a reader, beside what dlt makes of it: ours is whole, or says what it is.

The first part is the table of dlt's behaviour (1.31, offset pages of 100, 1,000 rows), row for row; what follows was
seen on real platforms. Each test runs the server's behaviour through a pipeline into DuckDB, and dlt where that ends.
"""

from itertools import islice
from typing import Any

import pytest
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator
from dlt.sources.rest_api import rest_api_source as dlt_source
from odd_servers import (
    COMPLETE,
    COUNT,
    EVERY,
    FAILED,
    INCOMPLETE,
    MET,
    OFFSET,
    UNPROVED,
    UNTOLD,
    Asked,
    Odd,
    Said,
    asking,
    ours,
    rows,
    theirs,
)
from source_help import Campus

from homeroom.errors import AuthError, DataError, IncompleteError, RequestError
from homeroom.source import rest_api_source
from homeroom.values import Proof, Status

CLAMPED = "the server gives at most 50 rows a page where 100 were asked for"


def page(asked: Asked, **facts: Any) -> dict[str, Any]:
    """The page that was asked for, with these facts beside its rows."""
    return {"data": rows(asked.slice()), **facts}


@pytest.mark.parametrize("total", [{}, {"total": None}], ids=["absent", "null"])
def test_without_a_total_every_row_comes(total: dict[str, Any], campus: Campus) -> None:
    """dlt ends after page 1, with the whole page, people and all, in the words of its error."""
    with Odd(lambda asked: page(asked, **total)) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert str(theirs(config)).startswith("ValueError: Total `items` not found") and "row 99" in theirs(config)
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == MET


def test_a_total_that_disappears_at_page_4_loses_nothing(campus: Campus) -> None:
    """dlt keeps nothing of the read."""
    with Odd(lambda asked: page(asked, **({"total": COUNT} if asked.number("offset") < 300 else {}))) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert str(theirs(config)).startswith("ValueError: Total `items` not found")
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == COMPLETE


def test_a_total_too_low_is_read_beyond_and_told(campus: Campus) -> None:
    """dlt stops there, and calls it a success."""
    with Odd(lambda asked: page(asked, total=300)) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert theirs(config) == EVERY[:300]
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == UNPROVED
    assert "the API's total was 300, then 300; 1000 rows came" in read.told


def test_a_total_too_high_is_told_and_nothing_is_loaded(campus: Campus) -> None:
    """Rows are missing, or the API is wrong; dlt compares no total with what came."""
    with Odd(lambda asked: page(asked, total=1500)) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert theirs(config) == EVERY
        read = ours(campus, config)
    assert isinstance(read.error, IncompleteError) and read.said == INCOMPLETE and campus.is_untouched
    assert "the API says 1500 rows, 1000 came" in read.told


def test_a_total_written_as_text_is_a_total(campus: Campus) -> None:
    with Odd(lambda asked: page(asked, total="1000")) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert theirs(config) == EVERY
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == COMPLETE


def test_a_page_that_is_empty_once_is_asked_for_again(campus: Campus) -> None:
    """dlt stops at it."""
    with Odd(lambda asked: None) as odd:

        def gone_once(asked: Asked) -> Any:
            gone = asked.number("offset") == 300 and sum(each.query == asked.query for each in odd.asked) == 1
            return {"data": [] if gone else rows(asked.slice()), "total": COUNT}

        odd.behave = gone_once
        config = asking(odd.url, paginator=OFFSET)
        assert theirs(config) == EVERY[:300]
        odd.asked.clear()
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == COMPLETE


@pytest.mark.parametrize("told", [True, False], ids=["total", "no total"])
def test_a_page_that_stays_empty_in_the_middle_ends_nothing_and_is_told(told: bool, campus: Campus) -> None:
    """dlt stops at it: 300 rows of 1,000, with a total that says so."""

    def gone(asked: Asked) -> Any:
        found = [] if asked.number("offset") == 300 else rows(asked.slice())
        return {"data": found} | ({"total": COUNT} if told else {})

    with Odd(gone) as odd:
        config = asking(odd.url, paginator=OFFSET if told else UNTOLD)
        assert theirs(config) == EVERY[:300]
        read = ours(campus, config, overlap="never")
    assert "1 pages came back empty, twice, while later ones held rows" in read.told
    if told:
        assert read.said == INCOMPLETE and "the API says 1000 rows, 900 came" in read.told and campus.is_untouched
    else:
        assert read.said == UNPROVED and read.ids == [*EVERY[:300], *EVERY[400:]]


@pytest.mark.parametrize("told", [True, False], ids=["total", "no total"])
def test_a_page_size_that_is_clamped_loses_nothing_and_is_told(told: bool, campus: Campus) -> None:
    """dlt steps by what it asked for: every second page is lost."""
    with Odd(lambda asked: {"data": rows(asked.slice(cap=50))} | ({"total": COUNT} if told else {})) as odd:
        config = asking(odd.url, paginator=OFFSET if told else UNTOLD)
        assert len(theirs(config)) == 500
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == (COMPLETE if told else MET)
    assert read.line.note == CLAMPED


def test_a_server_that_ignores_the_offset_ends_the_read_by_name(campus: Campus) -> None:
    """dlt reads it for ever: here no further than its twentieth page."""
    with Odd(lambda asked: {"data": rows(range(100))}) as odd:
        config = asking(odd.url, paginator=UNTOLD)
        assert len(list(islice(dlt_source(config), 2000))) == 2000
        odd.asked.clear()
        read = ours(campus, config)
        assert len(odd.asked) < 10
    assert read.said == INCOMPLETE and campus.is_untouched
    assert "page 2 is page 1 once more: does the API know the paging parameters?" in read.told


def test_a_total_shows_that_the_offset_was_ignored(campus: Campus) -> None:
    """dlt loads the first hundred rows ten times."""
    with Odd(lambda asked: {"data": rows(range(100)), "total": COUNT}) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert theirs(config) == EVERY[:100] * 10
        read = ours(campus, config)
    assert read.said == INCOMPLETE and "page 2 is page 1 once more" in read.told


def test_a_next_link_to_itself_ends_the_read_by_name(campus: Campus) -> None:
    """dlt follows it for ever: here no further than its twentieth page."""
    with Odd(lambda asked: {"data": rows(range(len(asked.query) * 100, 200)[:100]), "next": "/rows?page=2"}) as odd:
        config = asking(odd.url, paginator="json_link")
        assert len(list(islice(dlt_source(config), 2000))) == 2000
        odd.asked.clear()
        read = ours(campus, config)
        assert len(odd.asked) == 2
    assert read.said == INCOMPLETE and "page 2 leads back to a page already read" in read.told


@pytest.mark.parametrize("value", ["", False], ids=repr)
def test_an_empty_next_link_is_the_end(value: Any, campus: Campus) -> None:
    """dlt asks for a page whose URL it is."""
    with Odd(lambda asked: {"data": rows(range(5)), "next": value}) as odd:
        config = asking(odd.url, paginator="json_link")
        assert str(theirs(config)).startswith("MissingSchema: Invalid URL")
        read = ours(campus, config)
    assert read.ids == EVERY[:5] and read.said == (Status.COMPLETE, Proof.KEYSET)


NO_ROWS: dict[str, tuple[Any, type[Exception]]] = {
    "another key": ({"rows": rows(range(100))}, DataError),
    "error object": ({"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "No"}, AuthError),
}


@pytest.mark.parametrize(("body", "kind"), NO_ROWS.values(), ids=list(NO_ROWS))
def test_a_selector_that_finds_nothing_never_empties_a_table(
    body: Any, kind: type[Exception], campus: Campus, open_campus: Any
) -> None:
    """With dlt a typo, or an error with status 200, empties the table of a `replace`, and is a success."""
    with Odd(lambda asked: {"data": rows(range(100))}) as odd:
        config = asking(odd.url, paginator="single_page", write_disposition="replace")
        their_campus = open_campus("theirs")
        their_campus.run(dlt_source(config))  # type: ignore[arg-type]
        assert ours(campus, config).ids == their_campus.column("rows") == EVERY[:100]
        odd.behave = lambda asked: body
        their_campus.run(dlt_source(config))  # type: ignore[arg-type]
        assert their_campus.column("rows") == []
        read = ours(campus, config)
    assert isinstance(read.error, kind) and read.said == FAILED
    assert read.ids == EVERY[:100] and not campus.pipeline.has_pending_data


@pytest.mark.parametrize("told", [True, False], ids=["total", "no total"])
def test_a_404_that_is_ignored_on_page_6_is_told(told: bool, campus: Campus) -> None:
    """dlt takes it for the end: 500 rows of 1,000, a success."""

    def refusing(asked: Asked) -> Any:
        return Said({}, 404) if asked.number("offset") >= 500 else page(asked, **({"total": COUNT} if told else {}))

    with Odd(refusing) as odd:
        actions = {"response_actions": [{"status_code": 404, "action": "ignore"}]}
        config = asking(odd.url, paginator=OFFSET if told else UNTOLD, endpoint=actions)
        assert theirs(config) == EVERY[:500]
        read = ours(campus, config)
    assert "after page 5 an answer 404 was ignored by response_actions" in read.told
    assert read.said == (INCOMPLETE if told else UNPROVED) and read.ids == ([] if told else EVERY[:500])


def test_a_paginator_that_resources_share_is_not_shared() -> None:
    """dlt's one instance remembers one place for all: 1,900 rows of 10,000."""
    with Odd(lambda asked: page(asked, total=COUNT)) as odd:
        config: Any = asking(odd.url)
        config["resource_defaults"] = {"endpoint": {"paginator": OffsetPaginator(limit=100)}}
        (only,) = config["resources"]
        config["resources"] = [{**only, "name": f"rows{nth}"} for nth in range(10)]
        assert len(list(dlt_source(config))) == 1900
        config["resource_defaults"] = {"endpoint": {"paginator": OffsetPaginator(limit=100)}}
        source = rest_api_source(config)
        assert len(list(source)) == 10 * COUNT
    assert {(line.status, line.rows_distinct) for line in source.report.resources.values()} == {
        (Status.COMPLETE, COUNT)
    }


def test_an_offset_api_without_a_paginator_is_not_called_complete(campus: Campus) -> None:
    """dlt loads the first page, and warns in a log."""
    with Odd(lambda asked: page(asked, total=COUNT)) as odd:
        config = asking(odd.url, selector=None)
        assert theirs(config) == EVERY[:100]
        read = ours(campus, config)
    assert read.line.status in (Status.UNPROVED, Status.INCOMPLETE) and "name a paginator" in read.told


def test_a_guessed_page_is_compared_with_the_total_that_the_settings_name(campus: Campus) -> None:
    with Odd(lambda asked: page(asked, total=COUNT)) as odd:
        read = ours(campus, asking(odd.url, selector=None), resources={"rows": {"total_path": "total"}})
    assert read.said == INCOMPLETE and "the API says 1000 rows, 100 came" in read.told and campus.is_untouched


def test_a_path_that_ends_in_a_placeholder_is_one_entity_on_both_sides(campus: Campus) -> None:
    """The paginator of the client is passed over, as in dlt (issue 2586)."""

    def family(asked: Asked) -> Any:
        return {"data": rows([1, 2])} if asked.path == "/parents" else {"id": int(asked.path[-1])}

    with Odd(family) as odd:
        config = with_parents(odd)
        assert theirs(config) == [1, 2]
        read = ours(campus, config)
    assert read.ids == [1, 2] and read.said == (Status.COMPLETE, Proof.DECLARED)


def test_a_list_under_a_path_that_ends_in_a_placeholder_is_not_taken_for_an_entity(campus: Campus) -> None:
    """dlt lands the envelope of page 1 as one row; ours misses its primary key."""

    def family(asked: Asked) -> Any:
        return {"data": rows([1, 2])} if asked.path == "/parents" else {"data": rows(asked.slice()), "total": COUNT}

    with Odd(family) as odd:
        config = with_parents(odd)
        assert [list(row) for row in dlt_source(config)] == [["data", "total"]] * 2
        read = ours(campus, config)
    assert read.said == FAILED and "column id is missing, but it is in the primary key" in read.told


def with_parents(odd: Odd) -> Any:
    """Two parents, and an entity of each by a path that ends in its id; offset pages for whoever wants them."""
    parents = {"path": "parents", "data_selector": "data", "paginator": "single_page"}
    before = [{"name": "parents", "primary_key": "id", "selected": False, "endpoint": parents}]
    path = {"path": "things/{resources.parents.id}"}
    return asking(odd.url, selector=None, before=before, client={"paginator": OFFSET}, endpoint=path)


# What real platforms do


def test_a_roster_clamped_to_500_arrives_whole(campus: Campus) -> None:
    """The certified Ed-Fi OneRoster server: 7,680 enrollments, limit 1,000. dlt loads 4,000, exit "success"."""
    with Odd(lambda asked: {"data": rows(asked.slice(7680, cap=500))}) as odd:
        config = asking(odd.url, paginator={**UNTOLD, "limit": 1000})
        assert len(theirs(config)) == 4000
        read = ours(campus, config)
    assert read.ids == list(range(7680)) and read.line.rows_received == 7680
    assert "the server gives at most 500 rows a page where 1000 were asked for" in read.told


@pytest.mark.parametrize("header", ["X-Total-Count", "Total-Count", "x-rows"])
def test_a_total_in_a_header_proves_a_read_or_disproves_it(header: str, campus: Campus, open_campus: Any) -> None:
    """OneRoster and Ed-Fi tell it there; dlt reads JSON paths alone."""
    named = {"resources": {"rows": {"total_header": header}}} if header == "x-rows" else {}
    with Odd(lambda asked: Said(page(asked), headers={header: str(COUNT)})) as odd:
        config = asking(odd.url, paginator=OFFSET)
        assert str(theirs(config)).startswith("ValueError: Total `items` not found")
        whole = ours(campus, config, **named)
        odd.behave = lambda asked: Said({"data": rows(asked.slice(600))}, headers={header: str(COUNT)})
        part = ours(open_campus("part"), config, **named)
    assert whole.ids == EVERY and whole.said == COMPLETE
    assert part.said == INCOMPLETE and "the API says 1000 rows, 600 came" in part.told


def hub(asked: Asked) -> Any:
    """JupyterHub: a bare list of at most 200, unless it is asked for pages by a media type."""
    found = rows(asked.slice(cap=200)) if asked.query else rows(range(200))
    if "pagination" not in asked.headers["accept"]:
        return found
    beyond = asked.number("offset") + 200
    link = {"url": f"/rows?offset={beyond}&limit=200"} if beyond < COUNT else None
    return {"items": found, "_pagination": {"total": COUNT, "next": link}}


def test_a_list_cut_at_200_without_a_sign_is_not_called_complete(campus: Campus) -> None:
    """JupyterHub: dlt loads 200 users and reports a success. Nothing in the answer tells, so nobody could."""
    with Odd(hub) as odd:
        config = asking(odd.url, selector=None)
        assert theirs(config) == EVERY[:200]
        read = ours(campus, config)
    assert read.line.status in (Status.UNPROVED, Status.INCOMPLETE) and "name a paginator" in read.told


def test_the_same_list_arrives_whole_by_its_media_type(campus: Campus) -> None:
    with Odd(hub) as odd:
        accept = {"headers": {"Accept": "application/jupyterhub-pagination+json"}}
        link = {"type": "json_link", "next_url_path": "_pagination.next.url"}
        config = asking(odd.url, selector="items", paginator=link, client=accept)
        read = ours(campus, config, resources={"rows": {"total_path": "_pagination.total"}})
    assert read.ids == EVERY and read.said == COMPLETE


def test_offsets_that_count_rows_which_are_left_out_lose_nothing(campus: Campus) -> None:
    """The server cuts pages of 100 and then leaves out what the key may not see; dlt's steps are right here."""
    seen = [number for number in EVERY if number % 10]
    with Odd(lambda asked: {"data": rows([number for number in asked.slice() if number % 10])}) as odd:
        config = asking(odd.url, paginator=UNTOLD)
        assert theirs(config) == seen
        read = ours(campus, config)
    assert read.ids == seen and read.said == UNPROVED
    assert "pages come short of rows that the server leaves out after it has cut them" in read.told


def test_pages_in_the_middle_that_are_left_out_wholly_end_nothing(campus: Campus, open_campus: Any) -> None:
    """dlt stops at the first of them."""
    seen = [*EVERY[:300], *EVERY[600:]]
    with Odd(lambda asked: {"data": [row for row in rows(asked.slice()) if not 300 <= row["id"] < 600]}) as odd:
        config = asking(odd.url, paginator=UNTOLD)
        assert theirs(config) == EVERY[:300]
        met = ours(open_campus("met"), config)
        read = ours(campus, config, overlap="never")
    assert met.ids == seen and met.said == UNPROVED
    # Which of the two it is told by hangs on what arrives first: the gap, or the rest of a short page.
    assert "do not meet" in met.told or "need not meet" in met.told
    assert read.ids == seen and read.said == UNPROVED
    assert "3 pages came back empty, twice, while later ones held rows" in read.told


def test_a_gap_right_after_page_1_is_not_seen_without_a_total(campus: Campus, open_campus: Any) -> None:
    """Said in docs/guarantees.md: the last row is the last one of all as far as was asked. A total shows it."""
    with Odd(lambda asked: {"data": [row for row in rows(asked.slice()) if not 100 <= row["id"] < 900]}) as odd:
        config = asking(odd.url, paginator=UNTOLD)
        assert theirs(config) == EVERY[:100]
        read = ours(campus, config)
        untold = odd.behave
        odd.behave = lambda asked: {**untold(asked), "total": 200}
        told = ours(open_campus("told"), asking(odd.url, paginator=OFFSET))
    assert read.ids == EVERY[:100] and read.said == MET
    assert told.said == INCOMPLETE and "the API says 200 rows, 100 came" in told.told


@pytest.mark.parametrize("counts_by", ["asked", "given"])
def test_page_numbers_arrive_whole_whichever_size_a_clamp_counts_by(counts_by: str, campus: Campus) -> None:
    """per_page=100 is answered by 50. Where page 2 begins at 100 all the same, dlt loses every second half page."""

    def numbered(asked: Asked) -> Any:
        wanted = asked.number("per_page", 100)
        given = min(wanted, 50)
        start = asked.number("page") * (wanted if counts_by == "asked" else given)
        return {"data": rows(EVERY[start : start + given])}

    with Odd(numbered) as odd:
        paginator = {"type": "page_number", "total_path": None}
        config = asking(odd.url, paginator=paginator, endpoint={"params": {"per_page": 100}})
        assert len(theirs(config)) == (500 if counts_by == "asked" else COUNT)
        read = ours(campus, config)
    assert read.ids == EVERY and read.said == UNPROVED and read.line.note == CLAMPED


def test_a_404_past_the_last_page_is_the_end_and_one_in_the_middle_is_not(campus: Campus, open_campus: Any) -> None:
    """Kolibri ends so. dlt fails on either."""
    with Odd(lambda asked: page(asked) if asked.number("offset") < COUNT else Said({}, 404)) as odd:
        config = asking(odd.url, paginator=UNTOLD)
        assert str(theirs(config)).startswith("HTTPError: 404")
        past = ours(campus, config)
        aligned = ours(open_campus("aligned"), config, overlap="never")
        odd.behave = lambda asked: Said({}, 404) if asked.number("offset") == 500 else page(asked)
        middle = ours(open_campus("middle"), config, overlap="never")
    assert past.ids == EVERY and past.said == MET
    assert aligned.ids == EVERY and aligned.said == UNPROVED
    assert "the server answered 404 beyond the last page, taken for the end" in aligned.told
    assert isinstance(middle.error, RequestError) and middle.said == FAILED and middle.ids == []
