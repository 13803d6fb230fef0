"""Answers that are no data though they look like it, empty ones that should not be, and ways that lead elsewhere."""

import json
from copy import deepcopy
from typing import Any

import pytest
from dlt.sources.rest_api import rest_api_source as dlt_source
from odd_servers import (
    COMPLETE,
    COUNT,
    FAILED,
    INCOMPLETE,
    KEY,
    OFFSET,
    UNPROVED,
    Asked,
    Odd,
    Said,
    asking,
    listed,
    ours,
    rows,
    theirs,
)
from source_help import Campus

from homeroom.errors import AuthError, DataError, IncompleteError, RequestError, TransientError
from homeroom.values import Proof, Status

LOGIN = Said(b"<!doctype html><title>Log in</title>", headers={"Content-Type": "text/html"})
FAULT = {"exception": "dml_missing_record_exception", "errorcode": "invalidrecord"}
MOODLE = {"exception": "moodle_exception", "errorcode": "invalidtoken", "message": "Invalid token - token not found"}
CUT = json.dumps({"data": rows(range(100))}).encode()[:2000]

NO_DATA: dict[str, tuple[Any, type[Exception], str]] = {
    "a login page": (LOGIN, DataError, "the answer is not JSON but HTML"),
    "nothing": (Said(b""), DataError, "the answer is not JSON but nothing"),
    "half of the JSON, under its own length": (Said(CUT), TransientError, "the JSON ended early, 2 times"),
    "an error object": (FAULT, DataError, "the answer is an error object with status 200"),
    "an error object that refuses the key": (
        MOODLE,
        AuthError,
        "it says 'invalidtoken'",
    ),
}


@pytest.mark.parametrize("case", NO_DATA.values(), ids=list(NO_DATA))
def test_an_answer_with_status_200_that_is_no_data_is_an_error(
    case: tuple[Any, type[Exception], str], campus: Campus
) -> None:
    """Nothing of the read is loaded, and a table stays as it was."""
    answer, kind, words = case
    with Odd(lambda asked: {"data": rows(range(100))}) as odd:
        config = asking(odd.url, paginator="single_page", write_disposition="replace")
        ours(campus, config)
        odd.behave = lambda asked: answer
        read = ours(campus, config)
    assert type(read.error) is kind and words in read.told
    assert read.said == FAILED and len(read.ids) == 100


@pytest.mark.parametrize("case", list(NO_DATA)[:3])
def test_an_answer_that_is_no_json_fails_in_dlt_too(case: str) -> None:
    """At once, half an answer as well; ours asks once more for that."""
    with Odd(lambda asked: NO_DATA[case][0]) as odd:
        assert str(theirs(asking(odd.url, paginator="single_page"))).startswith("JSONDecodeError")
        assert len(odd.asked) == 1


def test_an_error_object_is_a_row_for_dlt_and_an_error_for_us(campus: Campus) -> None:
    """Where the rows are guessed, or the whole answer is the row, as with Moodle's functions."""
    with Odd(lambda asked: MOODLE) as odd:
        config = asking(odd.url, selector="$", paginator="single_page")
        assert [row["errorcode"] for row in dlt_source(config)] == ["invalidtoken"]
        read = ours(campus, config)
    assert read.said == FAILED and "(keys 'exception', 'errorcode')" in read.told
    assert "not found" not in read.told


def test_half_of_the_json_is_read_again(campus: Campus) -> None:
    """Once is the network's fault."""
    with Odd(lambda asked: None) as odd:
        odd.behave = lambda asked: Said(CUT) if len(odd.asked) == 1 else {"data": rows(range(100))}
        read = ours(campus, asking(odd.url, paginator="single_page"))
    assert len(read.ids) == 100 and read.line.retries == 1


def test_an_error_in_mid_read_is_none_of_the_rows(campus: Campus) -> None:
    """Page 4 is an error object: dlt, which finds no rows in it, takes it for the last page."""

    def failing(asked: Any) -> Any:
        return MOODLE if asked.number("offset") == 300 else {"data": rows(asked.slice())}

    with Odd(failing) as odd:
        config = asking(odd.url, paginator={**OFFSET, "total_path": None})
        assert len(theirs(config)) == 300
        read = ours(campus, config, overlap="never")
    assert read.said == FAILED and read.ids == [] and "offset=300" in read.told


# Silent emptiness

WARNED = {"data": [], "warnings": [{"item": "courses", "warningcode": "nopermission"}]}
EMPTY = {"a list with warnings": WARNED, "a list": {"data": []}, "zero by its total": {"data": [], "total": 0}}


@pytest.mark.parametrize("body", EMPTY.values(), ids=list(EMPTY))
def test_an_empty_answer_never_empties_a_table(body: Any, campus: Campus, open_campus: Any) -> None:
    """Moodle without the right, Kolibri with a wrong cookie: status 200 and no row. dlt wipes the roster."""
    with Odd(lambda asked: {"data": rows(asked.slice(50)), "total": 50}) as odd:
        config = asking(odd.url, paginator={**OFFSET, "total_path": None}, write_disposition="replace")
        their_campus = open_campus("theirs")
        their_campus.run(dlt_source(config))  # type: ignore[arg-type]
        ours(campus, config)
        odd.behave = lambda asked: body
        their_campus.run(dlt_source(config))  # type: ignore[arg-type]
        assert their_campus.column("rows") == []
        read = ours(campus, config)
    assert isinstance(read.error, IncompleteError) and read.said == INCOMPLETE and len(read.ids) == 50
    assert "0 rows came, and replace would empty the table rows" in read.told


def test_a_first_read_without_rows_is_told_as_such_and_no_more(campus: Campus) -> None:
    """Nothing is known that could contradict it: today the number of rows says it alone."""
    with Odd(lambda asked: WARNED) as odd:
        read = ours(campus, asking(odd.url, paginator="single_page"))
    assert read.said == (Status.COMPLETE, Proof.DECLARED)
    assert (read.line.rows_received, campus.tables) == (0, [])


def test_warnings_are_an_error_where_the_settings_say_so(campus: Campus) -> None:
    with Odd(lambda asked: WARNED) as odd:
        config = asking(odd.url, paginator="single_page")
        read = ours(campus, config, resources={"rows": {"error_when": "warnings[0]"}})
    assert read.said == FAILED and "sync.resources.rows.error_when ('warnings[0]')" in read.told


@pytest.mark.parametrize(("found", "came"), [([], "no row"), (rows(range(1)), "1 row"), (rows(range(2)), "")])
def test_a_list_that_is_shorter_than_it_must_be_is_a_right_that_is_missing(
    found: list[Any], came: str, campus: Campus
) -> None:
    with Odd(lambda asked: {"data": found}) as odd:
        settings = {"at_least": 2, "needs": "read:users"}
        read = ours(campus, asking(odd.url, paginator="single_page"), resources={"rows": settings})
    if not came:
        assert (read.said[0], len(read.ids)) == (Status.COMPLETE, 2)
        return
    assert isinstance(read.error, AuthError) and read.said == FAILED
    assert read.told.endswith(
        f"resource rows, GET {odd.url}/rows: {came} came, where sync.resources.rows.at_least says 2 or more; "
        "the key may not see the others; needed: read:users"
    )


def test_a_filter_that_the_server_ignores_costs_requests_and_no_rows(campus: Campus) -> None:
    """Every row is read once more, those before the cursor are left out; the report counts what came."""

    def at(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "at": f"2024-01-{1 + row['id'] // 50:02d}"}

    incremental = {"cursor_path": "at", "initial_value": "2024", "start_param": "since"}
    with Odd(lambda asked: {"data": [at(row) for row in rows(asked.slice())], "total": COUNT}) as odd:
        config = asking(odd.url, paginator=OFFSET, endpoint={"incremental": incremental})
        first, second = ours(campus, config), ours(campus, config)
        assert odd.asked[-1].query["since"] == "2024-01-20"
    assert first.said == second.said == COMPLETE and second.ids == list(range(COUNT))
    assert second.line.rows_received == COUNT


# Ways that lead elsewhere

KEYS: dict[str, dict[str, Any]] = {
    "bearer": {"client": {"auth": {"type": "bearer", "token": KEY}}},
    "header": {"client": {"auth": {"type": "api_key", "name": "X-Api-Key", "api_key": KEY, "location": "header"}}},
    "query": {"client": {"auth": {"type": "api_key", "name": "api_key", "api_key": KEY, "location": "query"}}},
    "cookie": {"client": {"auth": {"type": "api_key", "name": "session", "api_key": KEY, "location": "cookie"}}},
    "basic": {"client": {"auth": {"type": "http_basic", "username": "campus", "password": KEY}}},
    "a header": {"client": {"headers": {"X-Api-Key": KEY}}},
    "another header": {"client": {"headers": {"X-Vendor": KEY}}},
    "params": {"endpoint": {"params": {"wstoken": KEY}}},
}
WAYS = ("next link", "Link header", "redirect")


def leading(way: str, to: str, query: str = "") -> Any:
    """A first page, and the way to the second one on another server."""
    link, first = f"{to}/rows?page=2{query}", {"data": rows(range(100))}
    return {
        "next link": {**first, "next": link},
        "Link header": Said(first, headers={"Link": f'<{link}>; rel="next"'}),
        "redirect": Said({}, 302, {"Location": link}),
    }[way]


def paginator_for(way: str) -> Any:
    return {"next link": "json_link", "Link header": "header_link", "redirect": "single_page"}[way]


def asked_elsewhere(way: str, held: str, echo: str, **sync: Any) -> tuple[Any, str, list[Asked]]:
    """What comes of a read that leads away, what is told of it, and what the other server was asked."""
    with Odd(lambda asked: {"data": rows(range(100, 200))}) as other, Odd(lambda asked: None) as odd:
        odd.behave = lambda asked: leading(way, other.url, echo)
        config = asking(odd.url, paginator=paginator_for(way), **deepcopy(KEYS[held]))
        allowed = {"allowed_hosts": [other.url]} if sync.pop("allowed", False) else {}
        found, told = listed(config, **allowed)
        assert odd.asked[0].holds_key
    return found, told.replace(other.url, "THERE").replace(odd.url, "HERE"), other.asked


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("held", KEYS)
def test_a_way_to_another_server_is_refused(held: str, way: str) -> None:
    """It is not asked at all."""
    kind, told, asked = asked_elsewhere(way, held, f"&echo={KEY}")
    assert kind is RequestError and asked == [] and KEY not in told
    assert "leads to THERE, but the key may only go to HERE" in told and "name it in sync.allowed_hosts" in told


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("held", KEYS)
def test_a_way_to_a_server_that_is_allowed_is_followed_without_the_key(held: str, way: str) -> None:
    """Also where the way itself repeats the key, as long as it goes by a name that keys have."""
    found, _, asked = asked_elsewhere(way, held, "" if held == "another header" else f"&echo={KEY}", allowed=True)
    assert found == list(range(0 if way != "redirect" else 100, 200))
    assert [(each.holds_key, each.query["page"]) for each in asked] == [(False, "2")]


@pytest.mark.parametrize("wire", ["aiohttp", "requests"])
@pytest.mark.parametrize("way", WAYS)
def test_a_way_whose_host_is_read_in_two_ways_is_refused(way: str, wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`http://there\\@here/` leads here by urllib, and there by urllib3, which sends it."""
    monkeypatch.setenv("HOMEROOM_TRANSPORT", wire)
    with Odd(lambda asked: {"data": rows(range(100, 200))}) as other, Odd(lambda asked: None) as odd:
        odd.behave = lambda asked: leading(way, f"{other.url}\\@{odd.origin}")
        kind, told = listed(asking(odd.url, paginator=paginator_for(way), **deepcopy(KEYS["bearer"])))
    assert kind in (RequestError, DataError) and "it holds a backslash" in told and other.asked == []


def test_nothing_is_loaded_of_a_read_that_leads_away(campus: Campus) -> None:
    with Odd(lambda asked: leading("next link", "http://elsewhere.invalid")) as odd:
        read = ours(campus, asking(odd.url, paginator="json_link", **deepcopy(KEYS["bearer"])))
    assert isinstance(read.error, RequestError) and read.said == FAILED and campus.is_untouched


@pytest.mark.parametrize("held", ["bearer", "header", "query", "another header"])
@pytest.mark.parametrize("way", ["next link", "Link header"])
def test_dlt_takes_the_key_along(way: str, held: str) -> None:
    with Odd(lambda asked: {"data": rows(range(100, 200))}) as other, Odd(lambda asked: leading(way, other.url)) as odd:
        found = theirs(asking(odd.url, paginator=paginator_for(way), **deepcopy(KEYS[held])))
        assert len(found) == 200 and other.asked[0].holds_key


def test_a_link_back_to_the_own_server_is_followed_with_the_key(campus: Campus) -> None:
    """However it is written: absolute, without a host, without a path."""
    with Odd(lambda asked: None) as odd:
        links = [f"{odd.url}/rows?page=2", f"//{odd.origin}/rows?page=3", "/rows?page=4", "?page=5", None]
        odd.behave = lambda asked: {
            "data": rows([asked.number("page", 1)]),
            "next": links[asked.number("page", 1) - 1],
        }
        read = ours(campus, asking(odd.url, paginator="json_link", **deepcopy(KEYS["bearer"])))
        assert [each.holds_key for each in odd.asked] == [True] * 5
    assert read.ids == [1, 2, 3, 4, 5] and read.said == UNPROVED
