"""Rows that move while a list with a total is read: it is read again, and its last pass says what is proved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from source_help import Campus, child, config_of, ids, resource

from homeroom.demo import Dials, Request, School
from homeroom.source import RestApiSource, rest_api_source
from homeroom.values import Proof, ResourceReport, Status

ONE_BY_ONE = {"concurrency": 1}
PAGE = 20
Act = Callable[[School], None]


class Moving:
    """A school that changes when a list is asked for the nth time, after it has answered."""

    def __init__(self, acts: Mapping[int, Act], entity: str) -> None:
        self.school = School(scale=0.02, on_request=self._asked)
        self._acts = dict(acts)
        self._path = f"/v1/{entity}"
        self.asked = 0

    def _asked(self, request: Request) -> None:
        if request.path == self._path:
            self.asked += 1
            if act := self._acts.get(self.asked):
                act(self.school)


OpenMoving = Callable[..., Moving]


@pytest.fixture
def moving() -> Iterator[OpenMoving]:
    """Opens schools that change."""
    with ExitStack() as stack:

        def opened(acts: Mapping[int, Act], entity: str = "people") -> Moving:
            made = Moving(acts, entity)
            stack.enter_context(made.school)
            return made

        yield opened


def delete(row_id: int) -> Act:
    """Take a row away."""
    return lambda school: school.remove("people", row_id)


@pytest.fixture(scope="module")
def order() -> list[int]:
    """The ids in the order of the list."""
    with School(scale=0.02) as school:
        return [row["id"] for row in list(people(school))]


def insert(row_id: int) -> Act:
    """A new row in the place of its id."""
    return lambda school: school.put("people", school.rows("people")[50] | {"id": row_id})


def change(row_id: int) -> Act:
    """Another name for a row."""
    return lambda school: school.put("people", school.rows("people")[50] | {"id": row_id, "given_name": "Anew"})


def people(school: School, sync: Mapping[str, Any] = ONE_BY_ONE, *more: Any, **hints: Any) -> RestApiSource:
    """The people, read page after page."""
    return rest_api_source(config_of(school, resource("people", **hints), *more), sync=sync)


def line_of(source: RestApiSource) -> ResourceReport:
    """What the report says of the people."""
    return source.report.resources["people"]


def test_a_row_lost_by_a_delete_is_brought_by_a_second_pass(moving: OpenMoving, order: list[int]) -> None:
    """Row 41 slips to the page before while row 1 goes."""
    moved = moving({3: delete(order[0])})
    source = people(moved.school)
    read = ids(list(source))
    assert set(ids(moved.school.rows("people"))) <= set(read) and len(read) == len(set(read))
    assert (line_of(source).status, line_of(source).proof) == (Status.COMPLETE, Proof.COUNT)
    assert "rows moved while they were read; read again once" in line_of(source).note


def test_a_row_inserted_at_the_front_is_brought_by_a_second_pass(moving: OpenMoving, order: list[int]) -> None:
    """It pushes a row over to the next page, which then comes twice."""
    moved = moving({3: insert(1)})
    source = people(moved.school)
    assert set(ids(list(source))) == set(ids(moved.school.rows("people")))
    assert line_of(source).status is Status.COMPLETE


def test_a_total_that_comes_back_to_what_it_was_hides_no_move(moving: OpenMoving, order: list[int]) -> None:
    """A row goes, and later another one comes."""
    moved = moving({3: delete(order[0]), 5: insert(999_999)})
    source = people(moved.school)
    assert set(ids(moved.school.rows("people"))) <= set(ids(list(source)))
    assert line_of(source).status is Status.COMPLETE


def test_without_passes_the_move_is_told_and_nothing_more(moving: OpenMoving, order: list[int]) -> None:
    moved = moving({3: delete(order[0])})
    source = people(moved.school, {"concurrency": 1, "repair_passes": 0})
    list(source)
    assert line_of(source).status is Status.UNPROVED and "then" in line_of(source).note


def test_a_list_that_never_keeps_still_is_not_read_for_ever(moving: OpenMoving, order: list[int]) -> None:
    """Each pass loses a row; after the last one that is said."""
    pages = len(School(scale=0.02).rows("people")) // PAGE + 2
    moved = moving({turn: delete(order[turn]) for turn in range(2, 4 * pages)})
    source = people(moved.school)
    list(source)
    line = line_of(source)
    assert line.status in (Status.UNPROVED, Status.INCOMPLETE) and "read again 2 times" in line.note
    assert line.requests <= 3 * pages


def test_rows_added_behind_the_last_are_no_reason_to_read_again(moving: OpenMoving, order: list[int]) -> None:
    """Nothing that was there can be missing."""
    moved = moving({3: insert(999_999)})
    source = people(moved.school)
    assert ids(list(source)) == ids(moved.school.rows("people"))
    assert line_of(source).status is Status.UNPROVED and line_of(source).requests <= line_of(source).pages + 1


def test_a_total_that_is_wrong_is_no_reason_to_read_again(school: School) -> None:
    """Nothing has moved: the next pass would say the same."""
    school.set_dials(Dials(total="wrong-high"))
    source = people(school)
    with pytest.raises(Exception, match="incomplete"):
        list(source)
    asked = [request for request in school.requests if request.query["offset"] == "0"]
    assert len(asked) == 1


@pytest.mark.parametrize("disposition", ["append", "replace", "merge"])
def test_a_table_holds_each_row_once_after_several_passes(
    disposition: str, moving: OpenMoving, order: list[int], campus: Campus
) -> None:
    moved = moving({3: delete(order[0]), 9: delete(order[1])})
    source = people(moved.school, write_disposition=disposition)
    campus.run(source)
    held = campus.column("people")
    assert len(held) == len(set(held)) and set(ids(moved.school.rows("people"))) <= set(held)
    assert line_of(source).status is Status.COMPLETE


def test_a_row_that_changed_between_two_passes_is_kept_as_it_is_now(
    moving: OpenMoving, order: list[int], campus: Campus
) -> None:
    moved = moving({3: delete(order[0]), 5: change(order[7])})
    campus.run(people(moved.school))
    assert campus.column("people", "given_name").count("Anew") == 1


def test_children_are_not_read_again_with_their_parents(moving: OpenMoving) -> None:
    """Only those of rows that came anew; the first pass itself meets the row twice that the new one pushed on."""
    with School(scale=0.02) as school:
        sections = school.rows("sections")
    moved = moving({1: lambda school: school.put("sections", sections[3] | {"id": 1})}, "sections")
    config = config_of(moved.school, resource("sections"), child("sections", "enrollments"))
    source = rest_api_source(config, sync=ONE_BY_ONE)
    list(source)
    asked = [request for request in moved.school.requests if request.path.endswith("/enrollments")]
    firsts = [request.path for request in asked if request.query.get("offset") == "0"]
    lines = source.report.resources
    assert lines["sections"].status is Status.COMPLETE and "read again once" in lines["sections"].note
    assert len(set(firsts)) == len(sections) + 1 == len(firsts) - 1
    assert lines["enrollments"].status is Status.COMPLETE
