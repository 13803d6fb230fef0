import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

sys.path.insert(0, str(Path(__file__).parents[1] / "fetch"))

from paper import Listed, drafted, one, people, read_by, with_facts
from scripted import answer

from homeroom.draft.values import Confidence

WAYS = {
    "offset and limit": Listed(people(57)),
    "skip and top, as OData has them": Listed(people(57), param="$skip", size="$top", envelope="value"),
    "start and count": Listed(people(57), param="start", size="count", envelope="elements"),
    "offset, and a size of its own": Listed(people(57), size=None),
    "page numbers from 1": Listed(people(57), "page", "page", "per_page"),
    "page numbers from 0": Listed(people(57), "page", "page", "size", base=0, envelope="content"),
    "page numbers, and a size of their own": Listed(people(57), "page", "page", None),
    "page numbers from 0, and a size of their own": Listed(people(57), "page", "page", None, base=0),
    "page numbers of another name": Listed(people(57), "page", "pageNumber", "pageSize"),
    "pages whose number is counted": Listed(people(57), "page", "page", "per_page", pages_total="meta.total_pages"),
    "a cursor": Listed(people(57), "cursor", "cursor"),
    "a cursor deep in the answer": Listed(people(57), "cursor", "after", cursor="meta.paging.next_cursor"),
    "a page token, as Google has it": Listed(
        people(57), "cursor", "pageToken", "pageSize", cursor="nextPageToken", envelope="users"
    ),
    "a link in the answer": Listed(people(57), "link", size="per_page", link="links.next"),
    "a link in the header": Listed(people(57), "header", size="per_page", envelope=None),
    "a link, and a size of its own": Listed(people(57), "link", size=None),
    "one page": Listed(people(57), "page", "nothing", None, default=1000),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_read_by_the_draft_brings_each_row(way: str) -> None:
    listed = WAYS[way]
    resource = one(listed)
    assert sorted({row["id"] for row in read_by(resource, listed)}) == [row["id"] for row in listed.rows]
    assert resource.paginator.confidence is not Confidence.GUESS
    assert resource.primary_key.value == ("id",)


def test_a_strict_api_that_refuses_what_it_does_not_know_is_drafted_too() -> None:
    for listed in (Listed(people(57), strict=True), Listed(people(57), "page", "page", "per_page", strict=True)):
        resource = one(listed)
        assert resource.paginator.confidence is Confidence.CERTAIN
        assert len(read_by(resource, listed)) >= 57


def test_a_size_of_page_that_is_refused_is_not_asked_for() -> None:
    resource = one(Listed(people(57), most=50))
    assert resource.paginator.value == {"type": "offset", "limit": 20, "total_path": None}
    assert "limit 1,000 is refused (422)" in resource.paginator.evidence


def test_a_clamp_is_told() -> None:
    listed = Listed(people(157), cap=50)
    resource = one(listed)
    told = "limit 1,000 brings 50 rows though there are more, so 50 are asked for"
    assert told in resource.paginator.evidence
    assert resource.paginator.value["limit"] == 50
    assert len({row["id"] for row in read_by(resource, listed)}) == 157


@pytest.mark.parametrize("way", ["page", "cursor", "link", "header"])
def test_a_clamp_is_told_whatever_the_way_on(way: str) -> None:
    listed = Listed(people(157), way, "page" if way == "page" else "cursor", cap=50)
    resource = one(listed)
    assert resource.params == {"limit": 50}
    assert len({row["id"] for row in read_by(resource, listed)}) == 157


def test_a_clamp_is_told_by_the_total_too() -> None:
    assert one(Listed(people(157), cap=50, total="total")).paginator.value["limit"] == 50


def test_an_object_is_one_row_on_one_page() -> None:
    resource = one(lambda request: answer({"version": "6.1", "system": {"hosts": []}}))
    assert resource.paginator.value == {"type": "single_page"}
    assert (resource.selector.value, resource.primary_key.value) == ("$", ())


def test_the_total_of_rows_is_found_wherever_it_stands() -> None:
    assert one(Listed(people(57), total="meta.total")).paginator.value["total_path"] == "meta.total"
    by_link = one(Listed(people(57), "link", size="per_page", total="count"))
    assert by_link.sync["total_path"].value == "count"
    header = one(Listed(people(57), total_header="X-Total-Count"))
    assert header.paginator.value["total_path"] is None
    assert header.sync["total_header"].value == "X-Total-Count"


def test_a_number_that_counts_the_page_is_no_total() -> None:
    resource = one(with_facts(Listed(people(57)), lambda rows: {"count": len(rows)}))
    assert resource.paginator.value["total_path"] is None
    assert not resource.sync


def test_a_total_that_is_too_low_is_not_used_and_told() -> None:
    resource = one(with_facts(Listed(people(57)), lambda rows: {"total": 19}))
    assert resource.paginator.value["total_path"] is None
    assert any("total says 19, but 57 rows came at once" in note for note in resource.notes)


def test_a_flag_that_says_whether_there_is_more_is_used_where_there_is_no_total() -> None:
    assert one(Listed(people(57), more="has_more")).paginator.value["has_more_path"] == "has_more"
    assert "has_more_path" not in one(Listed(people(57), more="has_more", total="total")).paginator.value


def test_what_comes_beyond_the_end_is_told() -> None:
    assert "beyond the end comes an empty list" in one(Listed(people(57), total="total")).paginator.evidence
    wraps = one(Listed(people(57), "page", "page", "per_page", wraps=True, pages_total="pages"))
    assert "beyond the end comes the first page again" in wraps.paginator.evidence


def test_a_round_number_of_rows_on_one_page_is_a_guess() -> None:
    resource = one(Listed(people(100), "page", "nothing", None, default=100))
    assert resource.paginator.value == {"type": "single_page"}
    assert resource.paginator.confidence is Confidence.GUESS


def test_a_list_too_short_to_tell_is_paged_as_another_list_of_the_api() -> None:
    long, short = Listed(people(57), "page", "page", "per_page"), Listed(people(1), "page", "page", "per_page")
    draft = drafted(lambda request: (short if "terms" in str(request.url) else long)(request), "terms", "users")
    terms, users = draft.resources
    assert (terms.name, terms.paginator.value) == ("terms", {**users.paginator.value})
    assert terms.paginator.confidence is Confidence.GUESS
    assert terms.params == users.params


def test_an_empty_list_with_nothing_beside_it_is_left_to_the_run() -> None:
    resource = one(Listed([]))
    assert resource.paginator.value == {"type": "auto"}
    assert resource.paginator.confidence is Confidence.GUESS
    assert resource.primary_key.value == ()
