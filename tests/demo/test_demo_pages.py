"""Every paging style, walked to its end, gives exactly the truth."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

from homeroom.demo import School
from homeroom.demo.data import ENTITIES

if TYPE_CHECKING:
    from conftest import Client

Walk = Callable[["Client", str], Iterator[list[dict[str, Any]]]]


def by_offset(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """Until the total is reached."""
    offset, total = 0, 1
    while offset < total:
        body = client.get(path, offset=offset, limit=300).json()
        offset, total = offset + 300, body["total"]
        yield body["data"]


def by_number(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """From the first page to the last one told."""
    page = first = 0 if path.startswith("/page0") else 1
    pages = 1
    while page - first < pages:
        body = client.get(path, page=page, per_page=300).json()
        assert body["page"] == page and body["total"] == body["total_pages"]
        page, pages = page + 1, body["total"]
        yield body["items"]


def by_cursor(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """Until the cursor is null."""
    query: dict[str, object] = {"limit": 300}
    while "cursor" not in query or query["cursor"]:
        body = client.get(path, **query).json()
        query["cursor"] = body["cursors"]["next"]
        yield body["results"]


def by_link(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """Until next is null; absolute and relative alike."""
    link: str | None = f"{path}?per_page=300"
    while link:
        body = client.get(link.removeprefix(client.school.url)).json()
        link = body["next"]
        yield body["results"]


def by_header(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """Until the Link header has no next."""
    link: str | None = f"{path}?per_page=300"
    while link:
        answer = client.get(link.removeprefix(client.school.url))
        link = answer.links.get("next", {}).get("url")
        yield answer.json()


def by_header_cursor(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """Until there is no X-Next-Cursor."""
    query: dict[str, object] = {"limit": 300}
    while "cursor" not in query or query["cursor"]:
        answer = client.get(path, **query)
        query["cursor"] = answer.headers.get("X-Next-Cursor")
        yield answer.json()


def by_search(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """By POST, until the total is reached."""
    offset, total = 0, 1
    while offset < total:
        body = client.post(path, json={"offset": offset, "limit": 300}).json()
        offset, total = offset + 300, body["total"]
        yield body["data"]


def at_once(client: "Client", path: str) -> Iterator[list[dict[str, Any]]]:
    """In one answer."""
    yield client.get(path).json()["data"]


WALKS: dict[str, Walk] = {
    "v1": by_offset,
    "page": by_number,
    "page0": by_number,
    "cursor": by_cursor,
    "link": by_link,
    "link-relative": by_link,
    "header": by_header,
    "all": at_once,
    "header-cursor": by_header_cursor,
    "search": by_search,
}


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize("style", WALKS)
def test_a_walk_to_the_end_gives_every_row_once(style: str, entity: str, client: "Client", school: School) -> None:
    """In order of id."""
    read = [row for page in WALKS[style](client, f"/{style}/{entity}") for row in page]
    assert read == school.rows(entity)


@pytest.mark.parametrize(
    ("parent", "child", "column"),
    [
        ("schools", "courses", "school_id"),
        ("schools", "people", "school_id"),
        ("courses", "sections", "course_id"),
        ("sections", "enrollments", "section_id"),
        ("sections", "assignments", "section_id"),
        ("assignments", "submissions", "assignment_id"),
    ],
)
def test_the_children_of_all_parents_are_all_children(
    parent: str, child: str, column: str, client: "Client", school: School
) -> None:
    """None missing, none under two parents."""
    paths = [f"/v1/{parent}/{row['id']}/{child}" for row in school.rows(parent)]
    read = [row for path in paths for page in by_offset(client, path) for row in page]
    assert sorted(read, key=lambda row: row["id"]) == school.rows(child)


@pytest.mark.parametrize("style", WALKS)
def test_users_are_another_name_of_people_in_every_style(style: str, client: "Client", school: School) -> None:
    """Every row of `/people`, walked by what the answers of `/users` themselves say."""
    read = [row for page in WALKS[style](client, f"/{style}/users") for row in page]
    assert read == school.rows("people")


@pytest.mark.parametrize("style", ["link", "link-relative", "header"])
def test_a_next_link_keeps_the_name_that_was_asked_for(style: str, client: "Client") -> None:
    """Not that of the entity it stands for."""
    answer = client.get(f"/{style}/users", per_page=10)
    told = answer.headers.get("Link", "") + answer.text
    assert f"/{style}/users?per_page=10&page=2" in told and f"/{style}/people" not in told


@pytest.mark.parametrize(
    ("alias", "path"),
    [
        ("/v1/users/100007", "/v1/people/100007"),
        ("/v1/users/deletes", "/v1/people/deletes"),
        ("/v1/schools/101/users", "/v1/schools/101/people"),
        ("/v1/users?role=teacher&limit=5", "/v1/people?role=teacher&limit=5"),
    ],
)
def test_an_alias_stands_for_its_entity_wherever_a_path_has_it(alias: str, path: str, client: "Client") -> None:
    """Single rows, tombstones, children, filters; and the log names the entity."""
    answer = client.get(alias)
    assert (answer.status_code, answer.content) == (200, client.get(path).content)
    assert [request.resource for request in client.school.requests[-2:]] == ["people", "people"]


def test_children_are_those_of_the_parent(client: "Client", school: School) -> None:
    """And of no other."""
    body = client.get("/v1/sections/20003/enrollments").json()
    assert body["data"] == [row for row in school.rows("enrollments") if row["section_id"] == 20003]


def test_a_single_row_is_the_row_itself(client: "Client", school: School) -> None:
    """Without an envelope."""
    assert client.get("/v1/people/100007").json() == school.rows("people")[6]


@pytest.mark.parametrize("path", ["/v1/people/7", "/v1/schools/7/courses", "/v1/pupils", "/v2/people", "/v1"])
def test_what_is_not_there_is_a_404_in_json(path: str, client: "Client") -> None:
    """A missing parent too."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    "question",
    [
        "/v1/people?limit=abc",
        "/v1/people?limit=0",
        "/v1/people?offset=-1",
        "/v1/people?offset=1.5",
        "/v1/people?offset=%D9%A1",
        f"/v1/people?offset={'9' * 5000}",
        "/page/people?page=0",
        "/page0/people?page=-1",
        "/link/people?per_page=",
        "/cursor/people?cursor=100007",
        "/cursor/people?cursor=YmVmb3JlOjc=",
        "/cursor/people?cursor=YWZ0ZXI6Nzox",
        "/header-cursor/people?cursor=100007",
    ],
)
def test_a_bad_number_is_a_400_that_names_it(question: str, client: "Client") -> None:
    """In JSON, and short whatever was sent."""
    answer = client.get(question)
    name = question.split("?")[1].split("=")[0]
    assert answer.status_code == 400
    assert name in answer.json()["message"] and "allowed" in answer.json()["message"]
    assert len(answer.content) < 200


def test_a_page_has_a_hundred_rows_unless_asked(client: "Client") -> None:
    """The default of every style."""
    assert len(client.get("/v1/submissions").json()["data"]) == 100


def test_a_limit_above_a_thousand_is_clamped(client: "Client") -> None:
    """In silence, as servers do."""
    assert len(client.get("/v1/submissions", limit=5000).json()["data"]) == 1000


@pytest.mark.parametrize("path", ["/v1/people?offset=9999", "/cursor/people?cursor=YWZ0ZXI6OTk5OTk5"])
def test_beyond_the_end_is_an_empty_page(path: str, client: "Client") -> None:
    """Not an error."""
    body = client.get(path).json()
    assert body.get("data", body.get("results")) == []


def test_links_lead_back_too(client: "Client") -> None:
    """The second page has a page before it."""
    body = client.get("/link-relative/people?page=2&per_page=50").json()
    assert body["previous"] == "/link-relative/people?page=1&per_page=50"


def test_the_first_page_has_nothing_before_it(client: "Client") -> None:
    """Null, not absent."""
    assert client.get("/link/people").json()["previous"] is None


def test_the_link_header_names_first_and_last(client: "Client") -> None:
    """The last page is the one without a next."""
    links = client.get("/header/people?per_page=40").links
    assert links["first"]["url"].endswith("/header/people?per_page=40&page=1")
    assert "next" not in client.get(links["last"]["url"].removeprefix(client.school.url)).links


@pytest.mark.parametrize("style", ["link", "link-relative", "header"])
def test_a_next_link_keeps_the_query_but_not_the_key(style: str, client: "Client") -> None:
    """Keys do not travel in links."""
    key = client.school.api_key
    answer = client.bare(f"/{style}/people?per_page=10&api_key={key}&state=on")
    told = answer.headers.get("Link", "") + answer.text
    assert "page=2" in told and "state=on" in told and key not in told


def test_the_index_needs_no_key_and_lists_the_endpoints(client: "Client") -> None:
    """What stands at /."""
    listed = client.bare("/").json()["endpoints"]
    assert {"/v1/people", "/header/terms", "/search/terms", "/v1/sections/{id}/enrollments"} <= set(listed)
    assert {"/v1/people/deletes", "/changes/availableChangeVersions"} <= set(listed)
    assert {"/v1/users", "/page/users", "/v1/users/{id}", "/v1/schools/{id}/users"} <= set(listed)


def test_another_method_is_refused() -> None:
    """The school is read only."""
    with School(scale=0.01) as own:
        answer = requests.post(f"{own.url}/v1/people", json={}, timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_header_cursor_page_is_a_bare_list(client: "Client") -> None:
    """As wide as asked; the last one has no header."""
    answer = client.get("/header-cursor/terms", limit=2)
    last = client.get("/header-cursor/terms", limit=2, cursor=answer.headers["X-Next-Cursor"])
    assert [row["id"] for row in answer.json()] == [11, 12]
    assert [row["id"] for row in last.json()] == [13] and "X-Next-Cursor" not in last.headers
