"""Each dial of the sample school does what it says, and says what it allows."""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import requests

from homeroom.demo import Dials
from homeroom.demo.dials import DIAL_HELP, parse_dials, set_dial
from homeroom.demo.faults import fate

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]


def statuses(client: "Client", count: int, path: str = "/v1/terms") -> list[int]:
    """Statuses of this many requests, one after another."""
    return [client.get(path).status_code for _ in range(count)]


def test_latency_holds_every_answer_back(opened: Opened) -> None:
    """By no less than was set."""
    client = opened(latency_s=0.02)
    started = time.monotonic()
    statuses(client, 3)
    assert time.monotonic() - started >= 0.06


def test_jitter_differs_between_requests_and_not_between_runs() -> None:
    """A benchmark can be repeated."""
    waits = [fate(Dials(latency_s=1, jitter_s=0.5), number).wait_s for number in range(1, 100)]
    assert waits == [fate(Dials(latency_s=1, jitter_s=0.5), number).wait_s for number in range(1, 100)]
    assert len(set(waits)) == 99 and 1 <= min(waits) < 1.02 and 1.48 < max(waits) <= 1.5


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/people?limit=100", "data"),
        ("/page/people?per_page=100", "items"),
        ("/page0/people?per_page=100", "items"),
        ("/cursor/people?limit=100", "results"),
        ("/link/people?per_page=100", "results"),
    ],
)
def test_page_cap_gives_fewer_rows_without_a_word(path: str, key: str, opened: Opened) -> None:
    """Status 200, and only the count betrays it."""
    answer = opened(page_cap=7).get(path)
    assert (answer.status_code, len(answer.json()[key])) == (200, 7)


def test_page_cap_counts_pages_as_it_gives_them(opened: Opened) -> None:
    """A walk by page number still ends at the truth."""
    client = opened(page_cap=7)
    pages = client.get("/page/people?per_page=100").json()["total"]
    read = [row for n in range(pages) for row in client.get("/page/people", page=n + 1).json()["items"]]
    assert read == client.school.rows("people")


def test_page_cap_leaves_all_alone(opened: Opened) -> None:
    """There are no pages in it."""
    client = opened(page_cap=7)
    assert client.get("/all/people").json()["data"] == client.school.rows("people")


def test_total_absent_leaves_the_data_alone(opened: Opened) -> None:
    """Nothing says how many there are."""
    answer = opened(total="absent").get("/v1/people")
    assert set(answer.json()) == {"data"} and "X-Total-Count" not in answer.headers


def test_total_header_moves_it_out_of_the_body(opened: Opened) -> None:
    """To X-Total-Count."""
    client = opened(total="header")
    answer = client.get("/v1/people")
    assert set(answer.json()) == {"data"}
    assert answer.headers["X-Total-Count"] == str(len(client.school.rows("people")))


@pytest.mark.parametrize(("kind", "told"), [("body", 104), ("wrong-low", 34), ("wrong-high", 604), ("text", "104")])
def test_total_in_the_body_is_what_the_dial_makes_it(kind: str, told: object, opened: Opened) -> None:
    """Of 104 people."""
    assert opened(total=kind).get("/v1/people").json()["total"] == told


def test_total_is_dialled_for_children_too(opened: Opened) -> None:
    """They are offset pages."""
    assert set(opened(total="absent").get("/v1/schools/101/courses").json()) == {"data"}


def test_every_nth_request_is_throttled(opened: Opened) -> None:
    """And its retry goes through."""
    assert statuses(opened(throttle_every=3), 7) == [200, 200, 429, 200, 200, 429, 200]


@pytest.mark.parametrize(("wait_s", "told"), [(2, "2"), (2.0, "2"), (0.25, "0.25")])
def test_retry_after_is_whole_when_it_can_be(wait_s: float, told: str, opened: Opened) -> None:
    """In seconds."""
    client = opened(always=429, retry_after_s=wait_s)
    assert client.get("/v1/terms").headers["Retry-After"] == told


def test_retry_after_may_be_a_date(opened: Opened) -> None:
    """Never earlier than the wait asks for."""
    client = opened(always=429, retry_after_s=30, retry_after_form="date")
    asked = time.time()
    told = parsedate_to_datetime(client.get("/v1/terms").headers["Retry-After"]).timestamp()
    assert asked + 30 <= told <= time.time() + 31


def test_retry_after_may_be_missing(opened: Opened) -> None:
    """Then the client has to guess."""
    answer = opened(always=429, retry_after_form="none").get("/v1/terms")
    assert answer.status_code == 429 and "Retry-After" not in answer.headers


def test_failures_come_each_at_its_own_pace(opened: Opened) -> None:
    """Where two fit, the first one answers."""
    client = opened(fail_every=((503, 2), (500, 3)))
    assert statuses(client, 6) == [200, 503, 500, 503, 200, 503]


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504, 520, 403])
def test_a_failure_has_a_json_body(status: int, opened: Opened) -> None:
    """Also where the status has no name."""
    answer = opened(always=status).get("/v1/terms")
    assert answer.status_code == status and set(answer.json()) == {"error", "message"}


def test_an_error_body_may_come_with_status_200(opened: Opened) -> None:
    """As some servers do."""
    answer = opened(fail_every=((200, 2),))
    assert [set(answer.get("/v1/terms").json()) for _ in range(2)][1] == {"error", "message"}


def test_always_never_relents(opened: Opened) -> None:
    """For testing how a client gives up."""
    assert statuses(opened(always=503), 5) == [503] * 5


def test_a_cut_answer_promises_more_than_it_sends(opened: Opened) -> None:
    """The connection ends half way; the retry is whole."""
    client = opened(cut_every=2)
    whole = client.get("/v1/people")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.get("/v1/people")
    assert client.get("/v1/people").content == whole.content


def test_a_reset_connection_has_no_answer(opened: Opened) -> None:
    """The log has status 0; the retry is whole."""
    client = opened(reset_every=2)
    client.get("/v1/terms")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get("/v1/terms")
    assert client.get("/v1/terms").ok
    assert [entry.status for entry in client.school.requests] == [200, 0, 200]


def test_only_spares_other_paths_and_does_not_count_them(opened: Opened) -> None:
    """The second matching request fails, whatever came between."""
    client = opened(throttle_every=2, only="/v1/people*")
    paths = ["/v1/people", "/v1/terms", "/v1/terms", "/v1/people/100001", "/v1/people"]
    assert [client.get(path).status_code for path in paths] == [200, 200, 200, 429, 200]


def test_only_spares_other_paths_from_page_caps(opened: Opened) -> None:
    """Every dial is for the pattern."""
    client = opened(page_cap=1, only="*/people")
    assert len(client.get("/v1/terms").json()["data"]) == 3


def test_dials_can_be_set_while_serving(opened: Opened) -> None:
    """From the next request on, counted from 1."""
    client = opened(throttle_every=2)
    statuses(client, 1)
    client.school.set_dials(Dials(throttle_every=2))
    assert statuses(client, 2) == [200, 429]


def test_the_header_sets_dials_for_its_request_alone(opened: Opened) -> None:
    """The next request is as before."""
    client = opened()
    assert set(client.get("/v1/people", dials="total=absent, page_cap=5").json()) == {"data"}
    assert "total" in client.get("/v1/people").json()


def test_the_header_adds_to_the_dials_of_the_server(opened: Opened) -> None:
    """What it does not name stays."""
    body = opened(page_cap=5).get("/v1/people", dials="total=text").json()
    assert (len(body["data"]), body["total"]) == (5, "104")


def test_the_header_can_undo_a_dial(opened: Opened) -> None:
    """With none."""
    client = opened(page_cap=5, always=503)
    assert len(client.get("/v1/people", dials="page_cap=none,always=none").json()["data"]) == 100


def test_the_header_counts_like_the_server(opened: Opened) -> None:
    """Its n-th is the n-th of all."""
    client = opened()
    dials = "fail_503_every=2"
    assert [client.get("/v1/terms", dials=dials).status_code for _ in range(4)] == [200, 503, 200, 503]


@pytest.mark.parametrize("dials", ["page_cap=0", "speed=9", "total", "latency_s=slow", "fail_503_every=1"])
def test_a_bad_header_is_a_400_in_json(dials: str, client: "Client") -> None:
    """It says what is allowed."""
    answer = client.get("/v1/terms", dials=dials)
    assert answer.status_code == 400 and "allowed" in answer.json()["message"]


@pytest.mark.parametrize(
    ("dial", "value"),
    [
        ("latency_s", -1),
        ("latency_s", float("nan")),
        ("jitter_s", "much"),
        ("page_cap", 0),
        ("total", "maybe"),
        ("throttle_every", 1),
        ("retry_after_s", -0.5),
        ("retry_after_form", "weeks"),
        ("cut_every", 1),
        ("reset_every", 0),
        ("only", ""),
        ("always", 302),
        ("fail_every", ((99, 7),)),
        ("length_every", 1),
        ("short_length_every", 1),
        ("html_every", 0),
        ("error_200_every", 1),
        ("empty_200_every", 1.5),
        ("empty_page_every", 1),
        ("drift", "sideways"),
        ("drift_every", 0),
        ("cursor_expires_after", -1),
        ("cursor_repeats_at", 1),
        ("link_to_itself_at", 0),
        ("link_origin", "http://127.0.0.1:1/v1"),
        ("link_origin", "elsewhere"),
        ("empty_for_rights", True),
        ("ignore_filters", "yes"),
        ("deleted", "hidden"),
        ("late_rows_s", -1),
        ("expire_key_after", 0),
    ],
)
def test_a_dial_refuses_what_it_does_not_allow(dial: str, value: object) -> None:
    """Naming the dial, the value and what is allowed."""
    shown = value[0][0] if isinstance(value, tuple) else value
    with pytest.raises(ValueError, match=f"dial {dial}: {shown!r} is not allowed; allowed: "):
        Dials(**{dial: value})


def test_a_failure_that_would_never_end_is_refused() -> None:
    """An n of 1 leaves no retry a chance."""
    with pytest.raises(ValueError, match="dial fail_503_every: 1 is not allowed; allowed: a whole number, 2"):
        Dials(fail_every=((503, 1),))


def test_an_unknown_dial_is_told_the_known_ones() -> None:
    """By name."""
    with pytest.raises(ValueError, match=r"dial 'speed' is unknown; allowed: latency_s, .*fail_<status>_every"):
        set_dial(Dials(), "speed", "9")


def test_text_and_arguments_make_the_same_dials() -> None:
    """One place reads them."""
    text = "latency_s=0.05,page_cap=50,total=absent,throttle_every=10,only=/v1/*"
    text += ",fail_503_every=7,fail_500_every=11"
    assert parse_dials(text) == Dials(
        latency_s=0.05,
        page_cap=50,
        total="absent",
        throttle_every=10,
        fail_every=((503, 7), (500, 11)),
        only="/v1/*",
    )


def test_text_and_arguments_make_the_same_of_the_later_dials() -> None:
    """Every kind of value."""
    text = "length_every=5,html_every=7,drift=both,drift_every=3,link_origin=http://127.0.0.1:1,"
    text += "empty_for_rights=on,ignore_filters=off,expire_key_after=4,cursor_expires_after=0"
    assert parse_dials(text) == Dials(
        length_every=5,
        html_every=7,
        drift="both",
        drift_every=3,
        link_origin="http://127.0.0.1:1",
        empty_for_rights="on",
        expire_key_after=4,
        cursor_expires_after=0,
    )


def test_none_empties_the_later_dials_too() -> None:
    """Where they may be empty."""
    base = Dials(drift="move", link_origin="http://127.0.0.1:1", cursor_repeats_at=2)
    assert parse_dials("drift=none,link_origin=none,cursor_repeats_at=none", base) == Dials()


def test_a_failure_set_twice_has_the_later_pace() -> None:
    """And none takes it away."""
    base = Dials(fail_every=((503, 7),))
    assert parse_dials("fail_503_every=9", base).fail_every == ((503, 9),)
    assert parse_dials("fail_503_every=none", base).fail_every == ()


def test_the_help_names_every_dial() -> None:
    """None has to be guessed."""
    assert set(DIAL_HELP) == set(Dials.__slots__)


def test_the_help_says_what_a_dial_does_and_allows() -> None:
    """Before and after the colon."""
    assert DIAL_HELP["html_every"] == "an HTML login page with status 200: a whole number, 2 or more"
    assert all(
        does.strip() and allowed.strip() for does, _, allowed in (text.partition(":") for text in DIAL_HELP.values())
    )
