"""Cursors that end or repeat, links that lead nowhere."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]
ELSEWHERE = "http://127.0.0.1:1"


def cursor_of(answer: requests.Response) -> str | None:
    """The next cursor, wherever it stands."""
    body = answer.json()
    return answer.headers.get("X-Next-Cursor") if isinstance(body, list) else body["cursors"]["next"]


def walk(client: "Client", path: str, most: int) -> list[str | None]:
    """The cursors of a walk of at most so many pages."""
    cursors = [cursor_of(client.get(path, limit=20))]
    while cursors[-1] and len(cursors) < most:
        cursors.append(cursor_of(client.get(path, limit=20, cursor=cursors[-1])))
    return cursors


both = pytest.mark.parametrize("path", ["/cursor/people", "/header-cursor/people"])


@both
def test_a_cursor_lives_for_so_many_requests_of_its_entity(path: str, opened: Opened) -> None:
    """Then it is a 410; requests of others do not age it."""
    client = opened(cursor_expires_after=2)
    cursor = cursor_of(client.get(path))
    client.get("/v1/terms")
    codes = [client.get(path, cursor=cursor).status_code for _ in range(3)]
    assert codes == [200, 200, 410]
    assert client.get(path, cursor=cursor).json() == {"error": "cursor expired"}


@both
def test_a_walk_without_delay_is_in_time(path: str, opened: Opened) -> None:
    """Each cursor is one request old."""
    assert walk(opened(cursor_expires_after=1), path, 10)[-1] is None


def test_a_retry_makes_a_cursor_too_old(opened: Opened) -> None:
    """The failed request was one of its entity."""
    client = opened(cursor_expires_after=1, fail_every=((503, 2),))
    cursor = cursor_of(client.get("/cursor/people"))
    assert [client.get("/cursor/people", cursor=cursor).status_code for _ in range(2)] == [503, 410]


def test_a_cursor_from_before_the_dial_is_too_old(opened: Opened) -> None:
    """Nobody counted its age."""
    client = opened()
    cursor = cursor_of(client.get("/cursor/people"))
    assert client.get("/cursor/people", dials="cursor_expires_after=1", cursor=cursor).status_code == 410


@both
def test_a_repeated_cursor_never_ends(path: str, opened: Opened) -> None:
    """From the third page on it is the one that was sent."""
    cursors = walk(opened(cursor_repeats_at=3), path, 12)
    assert len(set(cursors)) == 2 and cursors[1:] == [cursors[1]] * 11


def test_a_repeated_cursor_brings_the_same_page(opened: Opened) -> None:
    """For ever, and in each walk."""
    client = opened(cursor_repeats_at=2)
    for _ in range(2):
        cursor = cursor_of(client.get("/cursor/people"))
        first, again = (client.get("/cursor/people", cursor=cursor).json() for _ in range(2))
        assert first == again and first["cursors"]["next"] == cursor


def test_cursors_at_rest_say_the_id_alone(client: "Client") -> None:
    """The same page has the same cursor at any time."""
    assert len({cursor_of(client.get("/cursor/people")) for _ in range(3)}) == 1


@pytest.mark.parametrize(("path", "start"), [("/link/people", True), ("/link-relative/people", False)])
def test_a_next_link_may_be_its_own_page(path: str, start: bool, opened: Opened) -> None:
    """Page 2 leads to page 2, query and all."""
    client = opened(link_to_itself_at=2)
    origin = client.school.url if start else ""
    first = client.get(path, per_page=20).json()["next"]
    assert first == f"{origin}{path}?per_page=20&page=2"
    assert client.get(first.removeprefix(origin)).json()["next"] == first


def test_a_link_header_may_lead_to_its_own_page(opened: Opened) -> None:
    """Rel next alone."""
    client = opened(link_to_itself_at=2)
    links = client.get("/header/people?per_page=20&page=2").links
    assert links["next"]["url"] == client.school.url + "/header/people?per_page=20&page=2"
    assert links["prev"]["url"].endswith("page=1")


def test_the_last_page_may_lead_to_itself_too(opened: Opened) -> None:
    """Where there would be no next."""
    client = opened(link_to_itself_at=1)
    assert client.get("/link/terms").json()["next"] == client.school.url + "/link/terms"


def test_next_links_may_point_elsewhere(opened: Opened) -> None:
    """In the body and in the header; the others stay at home."""
    client = opened(link_origin=ELSEWHERE)
    body = client.get("/link/people?per_page=20&page=2").json()
    assert body["next"] == ELSEWHERE + "/link/people?per_page=20&page=3"
    assert body["previous"].startswith(client.school.url)
    links = client.get("/header/people?per_page=20").links
    assert links["next"]["url"].startswith(ELSEWHERE + "/header/people?")
    assert links["last"]["url"].startswith(client.school.url)


def test_relative_links_have_no_origin_to_change(opened: Opened) -> None:
    """They stay relative."""
    assert opened(link_origin=ELSEWHERE).get("/link-relative/people").json()["next"].startswith("/link-relative/")


def test_another_origin_makes_no_next_page(opened: Opened) -> None:
    """The last page is still the last."""
    assert opened(link_origin=ELSEWHERE).get("/link/terms").json()["next"] is None


@pytest.mark.parametrize("dial", ["cursor_expires_after=0", "cursor_repeats_at=2", "link_to_itself_at=1"])
def test_ways_on_of_other_paths_are_spared(dial: str, client: "Client") -> None:
    """As the pattern says."""
    dials = f"{dial},only=/v1/*"
    cursor = cursor_of(client.get("/cursor/people", limit=60))
    body = client.get("/cursor/people", dials=dials, limit=60, cursor=cursor).json()
    assert body["cursors"]["next"] is None
    assert client.get("/link/terms", dials=dials).json()["next"] is None
