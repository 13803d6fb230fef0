"""`homeroom.check` against a server, one fault after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from routes_server import KEY, Routes, Says, listing, people, said

import homeroom
from homeroom.check_run import Outcome

if TYPE_CHECKING:
    from conftest import Check

OK, WARNING, FAILED, UNTESTED = Outcome.OK, Outcome.WARNING, Outcome.FAILED, Outcome.UNTESTED


def resource(name: str = "people", *, limit: int = 20, **endpoint: Any) -> dict[str, Any]:
    """A resource that is right about a `listing`."""
    own = {key: endpoint.pop(key) for key in ("primary_key", "columns", "processing_steps") if key in endpoint}
    usual = {
        "path": name,
        "data_selector": "data",
        "paginator": {"type": "offset", "limit": limit, "total_path": "total"},
    }
    return {"name": name, "primary_key": "id", "write_disposition": "merge", "endpoint": {**usual, **endpoint}, **own}


def test_a_config_that_is_right_passes_with_two_requests_for_a_resource(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(50))
    report = check(resource())
    found = said(report, "people")
    assert report.passes and report.exit_code == 0
    assert [each.verdict for each in found.values()] == [OK, OK, OK, OK, OK, UNTESTED, UNTESTED, OK]
    assert (
        found["paging"].text == "proved by count: the API says 50 rows; page 2 brings other rows; limit 20 is honoured"
    )
    assert found["keys"].text == "id: unique and never null in 40 rows"
    assert report.requests == len(server.asked) == 2


def test_a_column_of_our_own_is_not_looked_for(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(5))
    report = check(resource(), sync={"resources": {"people": {"deletes": "soft"}}})
    assert said(report, "people")["types"].text == "no columns are declared"


def test_nothing_is_written(server: Routes, check: Check, tmp_path: Path) -> None:
    server.routes["/people"] = listing(people(50))
    check(resource())
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["campus.yaml"]
    assert not (tmp_path / "home").exists()


def test_a_wrong_key_is_told_in_the_servers_words_and_tried_twice_at_most(server: Routes, check: Check) -> None:
    for name in ("people", "courses", "terms"):
        server.routes[f"/{name}"] = lambda _: Says({"message": f"token {KEY} is not known"}, 401)
    report = check(resource(), resource("courses"), resource("terms"))
    found = said(report, "people")["auth"]
    assert found.verdict is FAILED
    assert "the server answered 401 ('token *** is not known')" in found.text and "client.auth" in found.text
    assert KEY not in str(report)
    assert report.requests == 2
    assert "refused 2 times" in said(report, "terms")["auth"].text
    assert report.exit_code == 4


def test_a_missing_permission_is_told_with_where_the_platform_grants_it(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"message": "insufficient scope"}, 403)
    server.routes["/courses"] = listing(people(5))
    server.routes["/terms"] = server.routes["/people"]
    head = "# Canvas LMS. Written by homeroom: homeroom init canvas\n"
    report = check(resource(), resource("courses"), resource("terms"), head=head)
    found = said(report, "people")["rights"]
    assert found.verdict is FAILED
    assert "what it needs is told of people" in said(report, "terms")["rights"].text
    assert "answered 403 ('insufficient scope')" in found.text
    assert "an account role that may" in found.text and "New Access Token" in found.text
    assert report.exit_code == 3


def test_no_right_anywhere_exits_with_4(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"message": "no"}, 403)
    assert check(resource()).exit_code == 4


def test_a_401_where_the_key_was_accepted_elsewhere_is_about_rights(server: Routes, check: Check) -> None:
    server.routes["/courses"] = listing(people(5))
    server.routes["/people"] = lambda _: Says({"message": "user not authorized to perform that action"}, 401)
    report = check(resource("courses"), resource())
    found = said(report, "people")
    assert (found["auth"].verdict, found["rights"].verdict, report.exit_code) == (OK, FAILED, 3)
    assert "user not authorized" in found["rights"].text and "it may lack a right here" in found["rights"].text


def test_a_wrong_path_is_a_404_at_that_path(server: Routes, check: Check) -> None:
    report = check(resource())
    found = said(report, "people")["path"]
    assert found.verdict is FAILED
    assert re.match(r"GET http://127\.0\.0\.1:\d+/people\?offset=0&limit=20: the server answered 404 ", found.text)
    assert "404 ('no such path'); check endpoint.path" in found.text and found.code == "not-found"
    assert report.exit_code == 1


def test_a_login_page_in_place_of_rows_is_no_right_path(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says(b"", 302, {"Location": "/login"})
    server.routes["/login"] = lambda _: Says(b"<!doctype html><html></html>", 200, {"Content-Type": "text/html"})
    found = said(check(resource()), "people")["path"]
    assert found.verdict is FAILED
    assert "is not JSON but HTML" in found.text and "login page" in found.text


def test_an_error_object_with_status_200_is_about_rights(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"exception": "required_capability_exception", "message": "nope"})
    found = said(check(resource()), "people")["rights"]
    assert found.verdict is FAILED
    assert "error object with status 200" in found.text


def test_a_wrong_data_selector_names_the_keys_that_are_there(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(3))
    report = check(resource(data_selector="items"))
    found = said(report, "people")
    assert (found["auth"].verdict, found["path"].verdict, found["envelope"].verdict) == (OK, OK, FAILED)
    assert "'items' finds nothing: the answer is an object with the keys 'data', 'total'" in found["envelope"].text


def test_a_selector_that_leads_to_no_objects_is_told(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"data": ["a", "b"], "total": 2})
    found = said(check(resource()), "people")["envelope"]
    assert found.verdict is FAILED
    assert "no list of objects" in found.text


def test_an_empty_list_is_a_warning_about_rights(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing([])
    report = check(resource())
    found = said(report, "people")
    assert (found["envelope"].verdict, found["rights"].verdict, found["keys"].verdict) == (WARNING, WARNING, UNTESTED)
    assert "the key may not see them" in found["rights"].text
    assert report.passes
    assert report.requests == 1


def test_no_row_where_the_api_says_that_there_are_some_fails(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"data": [], "total": 7})
    assert said(check(resource()), "people")["envelope"].verdict is FAILED


def test_a_clamped_page_size_is_a_warning_with_the_size_that_came(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(50), most=10)
    report = check(resource())
    found = said(report, "people")["paging"]
    assert found.verdict is WARNING
    assert "10 rows came where limit asked for 20" in found.text and "proved by count" in found.text
    assert report.passes


def test_paging_that_is_ignored_brings_page_1_again(server: Routes, check: Check) -> None:
    server.routes["/people"] = lambda _: Says({"data": people(20), "total": 50})
    found = said(check(resource()), "people")["paging"]
    assert found.verdict is FAILED
    assert "page 2 brings the rows of page 1 again: does the API know offset and limit?" in found.text


def test_offsets_without_a_total_are_proved_by_pages_that_overlap(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(50), total=False)
    report = check(resource(paginator={"type": "offset", "limit": 20, "total_path": None}))
    found = said(report, "people")
    assert found["paging"].verdict is OK
    assert "proved by continuity" in found["paging"].text
    assert found["keys"].text == "id: unique and never null in 39 rows"
    assert [query["offset"] for _, query in server.asked] == ["0", "19"]


def test_offsets_that_are_rounded_down_cannot_overlap_and_prove_nothing(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(50), total=False, aligned=True)
    report = check(resource(paginator={"type": "offset", "limit": 20, "total_path": None}))
    found = said(report, "people")["paging"]
    assert found.verdict is WARNING
    assert "unproved" in found.text and "cannot overlap" in found.text and "page 2 brings other rows" in found.text
    assert [query["offset"] for _, query in server.asked] == ["0", "19", "20"]


def test_a_next_link_is_followed_once_and_proves_by_keyset(server: Routes, check: Check) -> None:
    def route(query: dict[str, str]) -> Says:
        after = int(query.get("after", -1))
        rows = [row for row in people(50) if row["id"] > after][:20]
        return Says({"data": rows, "next": f"{server.url}/people?after={rows[-1]['id']}"})

    server.routes["/people"] = route
    report = check(resource(paginator={"type": "json_link", "next_url_path": "next"}))
    found = said(report, "people")["paging"]
    assert (found.verdict, report.requests) == (OK, 2)
    assert "proved by keyset" in found.text and "page 2 brings other rows" in found.text


def test_guessed_paging_is_a_warning_and_a_list_that_was_cut_fails(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(7), total=False)
    server.routes["/cut"] = listing(people(50), total=False, most=20)
    plain = {"primary_key": "id"}
    report = check({"name": "people", "endpoint": {"path": "people"}, **plain}, {"name": "cut", **plain})
    assert said(report, "people")["paging"].verdict is WARNING
    assert "name a paginator" in said(report, "people")["paging"].text
    assert said(report, "people")["envelope"].verdict is WARNING
    assert said(report, "cut")["paging"].verdict is FAILED
    assert "the list was cut" in said(report, "cut")["paging"].text


def test_a_declared_single_page_that_is_not_all_fails(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(50), most=20)
    report = check(resource(paginator={"type": "single_page"}), sync={"resources": {"people": {"total_path": "total"}}})
    found = said(report, "people")["paging"]
    assert found.verdict is FAILED
    assert "the API says 50 rows, 20 came" in found.text


def test_a_key_that_comes_twice_is_told_with_its_place(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing([*people(5), {"id": 2}])
    found = said(check(resource()), "people")["keys"]
    assert found.verdict is FAILED
    assert found.text == "id is not unique: 1 of 6 rows repeat it on one page, first in page 1, row 6"


def test_a_null_key_is_told_with_its_place(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing([*people(3), {"id": None, "at": "2024-01-01"}])
    found = said(check(resource()), "people")["keys"]
    assert (found.verdict, found.text) == (FAILED, "id is null or missing in 1 of 4 rows, first in page 1, row 4")


def test_a_key_that_no_row_has_is_told_with_the_fields_there_are(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(3))
    found = said(check(resource(primary_key="sourcedId")), "people")["keys"]
    assert found.verdict is FAILED
    assert found.text == "no row has sourced_id, of primary_key; rows have 'id', 'at', 'name'"


def test_a_key_of_which_several_rows_may_come_is_not_tested(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing([*people(3), {"id": 1, "at": "2024-01-02"}])
    found = said(check(resource(columns={"at": {"dedup_sort": "desc"}})), "people")["keys"]
    assert found.verdict is UNTESTED
    assert "dedup_sort" in found.text


def test_declared_types_that_do_not_hold_are_told_without_a_value(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing([*people(3, age="12"), {"id": 9, "age": "twelve", "at": None}])
    columns = {
        "age": {"data_type": "bigint"},
        "at": {"data_type": "date", "nullable": False},
        "gone": {"data_type": "text"},
    }
    found = said(check(resource(columns=columns)), "people")["types"]
    assert found.verdict is FAILED
    assert "age is declared bigint, but text came in 1 of 4 rows, first in page 1, row 4" in found.text
    assert "at is declared not null, but is null or missing in 1 of 4 rows, first in page 1, row 4" in found.text
    assert "gone is declared, but no row has a value of it" in found.text
    assert "twelve" not in found.text


def test_a_filter_that_is_honoured(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(60), since="since", most=100)
    report = check(resource(limit=100, incremental={"cursor_path": "at", "start_param": "since"}))
    found = said(report, "people")["filter"]
    assert found.verdict is OK
    assert found.text.startswith("honoured: asked by since from the middle of what had come")
    assert report.requests == 2
    assert "2024" not in found.text


def test_a_filter_that_is_ignored_fails(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(60), most=100)
    found = said(check(resource(limit=100, incremental={"cursor_path": "at", "start_param": "since"})), "people")[
        "filter"
    ]
    assert found.verdict is FAILED
    assert found.text.startswith("ignored: asked by since") and "each run reads all there is" in found.text


def test_a_cursor_that_no_row_has_fails(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(5))
    report = check(resource(incremental={"cursor_path": "changed", "start_param": "since"}))
    found = said(report, "people")["filter"]
    assert found.verdict is FAILED
    assert "5 of 5 rows have no changed, the cursor_path" in found.text


def test_children_are_asked_for_one_parent_of_the_first_page(server: Routes, check: Check) -> None:
    server.routes["/courses"] = listing(people(5))
    server.routes["/courses/0/people"] = listing(people(3))
    child = resource(path="courses/{resources.courses.id}/people", primary_key=["_courses_id", "id"])
    report = check(resource("courses"), {**child, "include_from_parent": ["id"]})
    assert said(report, "people")["keys"].text == "_courses_id, id: unique and never null in 3 rows"
    assert [path for path, _ in server.asked] == ["/courses", "/courses/0/people"]


def test_children_of_a_parent_that_was_not_read_are_not_asked_for(server: Routes, check: Check) -> None:
    report = check(resource("courses"), resource(path="courses/{resources.courses.id}/people"))
    assert {found.verdict for found in said(report, "people").values()} == {UNTESTED}
    assert said(report, "people")["auth"].text == "its parent courses was not read"


def test_rows_are_judged_as_the_configs_steps_leave_them(
    server: Routes, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/people"] = listing([*people(3), {"id": None, "at": ""}])
    module = Path("steps_of_mine.py")
    steps = "{'processing_steps': [{'filter': lambda row: row['id'] is not None}]}"
    client = {"base_url": server.url}
    module.write_text(f"config = {{'client': {client!r}, 'resources': [{resource()!r} | {steps}]}}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(Path.cwd()))
    found = said(homeroom.check("steps_of_mine:config"), "people")
    assert found["keys"].text == "id: unique and never null in 3 rows"
    assert found["auth"].text == "the config sends no key"


def test_resources_and_paginators_of_python_are_taken_as_they_are(
    server: Routes, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/people"] = listing(people(50), total=False)
    Path("python_of_mine.py").write_text(
        f"""
import dlt
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

class Mine(OffsetPaginator):
    pass

@dlt.resource
def mine():
    yield {{"id": 1}}

people = {{"path": "people", "data_selector": "data", "paginator": Mine(20, total_path=None)}}
child = {{"path": "people/{{resources.mine.id}}"}}
resources = [mine, {{"name": "people", "endpoint": people}}, {{"name": "child", "endpoint": child}}]
client = {{"base_url": {server.url!r}}}
config = {{"client": client, "resource_defaults": {{"primary_key": "id"}}, "resources": resources}}
""",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(Path.cwd()))
    report = homeroom.check("python_of_mine:config")
    paging = said(report, "people")["paging"]
    assert paging.verdict is WARNING
    assert "paging by Mine, whose end cannot be judged" in paging.text and "page 2 brings other rows" in paging.text
    assert "a DltResource of yours" in said(report, "mine")["path"].text
    assert "whose rows are not known here" in said(report, "child")["path"].text
    assert report.requests == 2


def test_where_nobody_answers_the_other_resources_are_not_asked_for(check: Check, server: Routes) -> None:
    gone = {"retry": {"attempts": 1}}
    server.routes["/people"] = lambda _: Says({}, 503)
    report = check(resource(), resource("courses"), sync=gone)
    assert said(report, "people")["path"].verdict is FAILED
    assert said(report, "courses")["path"].text == "not asked: there was no answer for people"
    assert (report.requests, report.exit_code) == (1, 1)


def test_the_newest_change_version_is_asked_for_once(server: Routes, check: Check) -> None:
    server.routes["/people"] = listing(people(3))
    server.routes["/versions"] = lambda _: Says({"newest": 12})
    asked = {"cursor_path": "id", "start_param": "minimum", "end_param": "maximum"}
    sync = {
        "change_versions": {"path": "versions", "newest": "newest"},
        "resources": {"people": {"by_change_version": True}},
    }
    report = check(resource(incremental=asked), sync=sync)
    assert said(report, "sync.change_versions")["envelope"].verdict is OK
    sync["change_versions"] = {"path": "versions", "newest": "latest"}
    assert said(check(resource(incremental=asked), sync=sync), "sync.change_versions")["envelope"].verdict is FAILED
