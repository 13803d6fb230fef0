"""The sample school as a server: who may ask, what it remembers, how it opens, changes and closes."""

import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import requests

import homeroom.demo
from homeroom.demo import Request, School

if TYPE_CHECKING:
    from conftest import Client

SCALE = 0.02
Opened = Callable[..., "Client"]
KEY = "demo-key-0000"
BASIC = b64encode(f"demo:{KEY}".encode()).decode()


@pytest.mark.parametrize(
    "options",
    [
        {"params": {"api_key": KEY}},
        {"headers": {"X-Api-Key": KEY}},
        {"headers": {"Authorization": f"Bearer {KEY}"}},
        {"headers": {"Authorization": f"bearer {KEY}"}},
        {"headers": {"Authorization": f"Basic {BASIC}"}},
    ],
)
def test_the_key_is_taken_in_each_of_four_ways(options: dict[str, object], client: "Client") -> None:
    """Query, header, Bearer, Basic."""
    assert client.bare("/v1/terms", **options).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Api-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic not-base64!"},
        {"Authorization": f"Basic {b64encode(b'eve:demo-key-0000').decode()}"},
    ],
)
def test_without_the_key_it_is_a_401_that_asks_for_one(headers: dict[str, str], client: "Client") -> None:
    """In JSON, with WWW-Authenticate."""
    answer = client.bare("/v1/terms", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_without_the_scope_is_a_403_that_names_it(client: "Client") -> None:
    """Known, and not allowed."""
    answer = client.bare("/v1/terms", headers={"X-Api-Key": "demo-key-readonly-none"})
    assert answer.status_code == 403
    assert answer.json() == {"error": "forbidden", "message": "scope roster.readonly is missing"}


def test_a_school_may_have_another_key() -> None:
    """Then the default one opens nothing."""
    with School(scale=SCALE, api_key="other") as own:
        codes = [requests.get(f"{own.url}/v1/terms?api_key={key}", timeout=10).status_code for key in ("other", KEY)]
    assert codes == [200, 401]


def test_the_log_says_what_was_asked(opened: Opened) -> None:
    """Method, path, query, status and resource."""
    client = opened()
    client.get("/v1/sections/20001/enrollments", limit=5)
    entry = client.school.requests[0]
    assert (entry.method, entry.path, entry.status) == ("GET", "/v1/sections/20001/enrollments", 200)
    assert (dict(entry.query), entry.resource) == ({"limit": "5"}, "enrollments")


def test_the_log_masks_the_key(opened: Opened) -> None:
    """Under its own name and under any other."""
    client = opened()
    client.bare(f"/v1/terms?api_key={KEY}&token={KEY}&limit=1")
    assert dict(client.school.requests[0].query) == {"api_key": "***", "token": "***", "limit": "1"}


def test_the_log_has_failures_and_refusals_too(opened: Opened) -> None:
    """Whatever the status."""
    client = opened(throttle_every=2)
    client.bare("/v1/terms")
    client.get("/v1/terms")
    client.get("/v1/terms")
    client.get("/nowhere")
    log = [(entry.status, entry.resource) for entry in client.school.requests]
    assert log == [(401, None), (200, "terms"), (429, "terms"), (404, None)]


def test_the_log_can_be_cleared(opened: Opened) -> None:
    """And begins anew."""
    client = opened()
    client.get("/v1/terms")
    client.school.clear_log()
    client.get("/v1/schools")
    assert [entry.path for entry in client.school.requests] == ["/v1/schools"]


def test_the_log_given_out_is_a_copy(opened: Opened) -> None:
    """It does not grow under the reader."""
    client = opened()
    before = client.school.requests
    client.get("/v1/terms")
    assert before == [] and len(client.school.requests) == 1


def test_the_log_keeps_the_moment_of_arrival(opened: Opened) -> None:
    """A request that had to wait came in before the one that followed."""
    client = opened(latency_s=0.02)
    client.get("/v1/terms")
    client.get("/v1/terms")
    first, second = client.school.requests
    assert second.at - first.at >= 0.02


def test_a_listener_hears_of_each_request() -> None:
    """As the log keeps it."""
    heard: list[Request] = []
    with School(scale=SCALE, on_request=heard.append) as own:
        requests.get(own.url, timeout=10)
        assert heard == own.requests


def test_a_row_put_in_is_served_in_the_place_of_its_id(opened: Opened) -> None:
    """So that the rows behind it move."""
    client = opened()
    client.school.put("courses", {"id": 5, "name": "First 🥇"})
    body = client.get("/v1/courses?limit=1").json()
    assert body == {"data": [{"id": 5, "name": "First 🥇"}], "total": 9}


def test_a_row_put_over_another_replaces_it(opened: Opened) -> None:
    """In list, single and truth alike."""
    client = opened()
    row = client.school.rows("courses")[1] | {"name": "Renamed"}
    client.school.put("courses", row)
    assert client.get(f"/v1/courses/{row['id']}").json() == row == client.school.rows("courses")[1]
    assert client.get("/v1/courses").json()["data"] == client.school.rows("courses")


def test_a_row_put_in_with_a_sort_key_stands_where_that_says(opened: Opened) -> None:
    """In lists by offset, page or link; not for a cursor, nor in the truth."""
    client = opened()
    last = client.school.rows("courses")[-1]
    client.school.put("courses", last, 0)
    assert client.get("/v1/courses?limit=1").json()["data"] == [last]
    client.school.put("courses", last | {"name": "Renamed"})
    assert client.get("/v1/courses?limit=1").json()["data"] == [last | {"name": "Renamed"}]
    assert client.school.rows("courses")[-1]["id"] == client.get("/cursor/courses").json()["results"][-1]["id"]


def test_a_row_moved_to_another_parent_is_served_there(opened: Opened) -> None:
    """Also when the children were read before."""
    client = opened()
    client.get("/v1/courses/1001/sections")
    client.school.put("sections", client.school.rows("sections")[1] | {"course_id": 1001})
    ids = [row["id"] for row in client.get("/v1/courses/1001/sections").json()["data"]]
    assert 20002 in ids


def test_a_removed_row_is_gone_everywhere(opened: Opened) -> None:
    """In list, single and truth alike."""
    client = opened()
    client.school.remove("courses", 1003)
    assert client.get("/v1/courses/1003").status_code == 404
    assert client.get("/v1/courses").json() == {"data": client.school.rows("courses"), "total": 7}


def test_removing_what_is_not_there_is_an_error(opened: Opened) -> None:
    """A test that does so has a mistake."""
    with pytest.raises(KeyError, match="id 7 is not in this table of 8 rows"):
        opened().school.remove("courses", 7)


def test_a_row_without_a_whole_id_is_refused(opened: Opened) -> None:
    """It could not be put in order."""
    with pytest.raises(ValueError, match="row id '7' is not allowed; allowed: a whole number"):
        opened().school.put("courses", {"id": "7"})


def test_changes_are_of_one_school_alone(opened: Opened, school: School) -> None:
    """Another one keeps its rows."""
    opened().school.remove("terms", 11)
    assert len(school.rows("terms")) == 3


def test_changing_the_truth_given_out_changes_nothing(opened: Opened) -> None:
    """It is a copy."""
    client = opened()
    client.school.rows("terms")[0]["name"] = "changed"
    assert client.get("/v1/terms/11").json()["name"] == "School year 2025-26"


def test_a_stopped_school_leaves_no_thread_and_no_socket() -> None:
    """The port is free at once."""
    before = set(threading.enumerate())
    with School(scale=SCALE) as own:
        requests.get(own.url, timeout=10)
    assert set(threading.enumerate()) <= before
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(own.url, timeout=10)


def test_a_school_stops_while_a_client_keeps_its_connection() -> None:
    """Idle connections are closed."""
    with School(scale=SCALE) as own, requests.Session() as session:
        session.get(own.url, timeout=10)
        own.stop()
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(own.url, timeout=10)


def test_a_school_started_again_has_the_same_address_and_log() -> None:
    """A host that was down and came back."""
    own = School(scale=SCALE)
    for _ in range(2):
        with own:
            url = own.url
            requests.get(url, timeout=10)
    assert own.url == url and len(own.requests) == 2


def test_a_taken_port_is_an_error_at_the_start() -> None:
    """Not one in a thread nobody sees."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        School(scale=SCALE, port=taken.getsockname()[1]).start()


def test_a_school_that_is_open_cannot_be_started_again(school: School) -> None:
    """It would lose its first thread."""
    with pytest.raises(RuntimeError, match="already open at http://127"):
        school.start()


def test_the_address_is_unknown_before_the_start() -> None:
    """Where the port is to be a free one."""
    with pytest.raises(RuntimeError, match="start the sample school first"):
        _ = School(scale=SCALE).url


def test_many_clients_are_served_at_once(opened: Opened) -> None:
    """Eight that each wait do not wait for one another."""
    client = opened(latency_s=0.1)
    url = f"{client.school.url}/v1/terms?api_key={KEY}"
    ask = [threading.Thread(target=requests.get, args=(url,)) for _ in range(8)]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    came = [entry.at for entry in client.school.requests]
    assert len(came) == 8 and max(came) - min(came) < 0.4


def test_the_public_names_are_sorted() -> None:
    """And nothing else is public."""
    assert homeroom.demo.__all__ == ["Dials", "Request", "School"]
