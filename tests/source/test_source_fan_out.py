"""Children: each row once, in their parents' order, judged whenever they end, never too many at once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import dlt
import pytest
from source_help import Campus, child, config_of, ids, resource, source_of

from homeroom.demo import Dials, School
from homeroom.errors import IncompleteError
from homeroom.source import rest_api_source
from homeroom.source.turns import MOST_FAMILIES
from homeroom.values import Proof, Status

PARENTS_PAGE = 10


@pytest.fixture(scope="module")
def large_school() -> Iterator[School]:
    """315 sections with 4,725 enrollments, which are slow to come. Not to be changed."""
    with School(scale=0.25, dials=Dials(latency_s=0.05, only="/v1/sections/*")) as opened:
        yield opened


def paged_sections(**hints: Any) -> dict[str, Any]:
    """Sections in pages of 10: more pages than families may be open."""
    return resource("sections", endpoint={"paginator": {"type": "offset", "limit": PARENTS_PAGE}}, **hints)


def test_three_hundred_parents_bring_every_child_row_once(large_school: School) -> None:
    """All of them proved."""
    source = source_of(large_school, paged_sections(selected=False), child("sections", "enrollments"))
    assert ids(list(source)) == ids(large_school.rows("enrollments"))
    line = source.report.resources["enrollments"]
    assert (line.status, line.proof, line.rows_distinct) == (Status.COMPLETE, Proof.COUNT, 4725)


def test_parents_do_not_pile_up_before_their_children(large_school: School) -> None:
    """So many pages of parents are open at once, and no more are read before one of them has ended."""
    config = config_of(large_school, paged_sections(), child("sections", "enrollments"))
    source = rest_api_source(config, sync={"concurrency": 100})
    seen: tuple[set[int], set[int]] = set(), set()
    waiting: list[int] = []

    def note(which: int, section: int) -> None:
        seen[which].add(section)
        waiting.append(len(seen[0]) - len(seen[1]))

    source.sections.add_map(lambda row: note(0, row["id"]) or row)
    source.enrollments.add_map(lambda row: note(1, row["section_id"]) or row)
    list(source)
    assert PARENTS_PAGE < max(waiting) <= PARENTS_PAGE * (MOST_FAMILIES + 1) and waiting[-1] == 0


@pytest.mark.parametrize("children", [1, 6])
def test_children_come_in_the_order_of_their_parents(children: int, shared_school: School) -> None:
    """Though they are fetched side by side, and dlt hands out the newest first where there are many."""
    names = [f"enrollments_{number}" for number in range(children)]
    sections = resource("sections", endpoint={"paginator": {"type": "offset", "limit": 2}}, selected=False)
    source = source_of(shared_school, sections, *(child("sections", "enrollments", name=name) for name in names))
    found: dict[str, list[int]] = {name: [] for name in names}
    for name in names:
        source.resources[name].add_map(partial(put_down, found[name]))
    list(source)
    wanted = sorted(row["section_id"] for row in shared_school.rows("enrollments"))
    assert all(sections == wanted for sections in found.values())


def put_down(sections: list[int], row: dict[str, Any]) -> dict[str, Any]:
    """Note the section of a row on its way."""
    sections.append(row["section_id"])
    return row


def test_a_child_that_is_not_selected_holds_nobody_up(shared_school: School) -> None:
    """Nor is it read."""
    left_out = child("sections", "assignments", selected=False)
    source = source_of(shared_school, paged_sections(), child("sections", "enrollments"), left_out)
    wanted = shared_school.rows("sections") + shared_school.rows("enrollments")
    assert ids(list(source)) == ids(wanted)
    assert "assignments" not in {name for name, line in source.report.resources.items() if line.pages}


def test_a_chain_of_three_is_read_to_its_end(campus: Campus, shared_school: School) -> None:
    """Each child row holds what it was to take from its parent."""
    listed = (
        "sections",
        child("sections", "assignments", include_from_parent=["name"]),
        child("assignments", "submissions", include_from_parent=["due_at"]),
    )
    campus.run(source_of(shared_school, *listed))
    assert campus.column("submissions") == ids(shared_school.rows("submissions"))
    due = {row["id"]: row["due_at"] for row in shared_school.rows("assignments")}
    assert len(campus.column("submissions", "_assignments_due_at")) == len(shared_school.rows("submissions"))
    assert len(set(campus.column("submissions", "_assignments_due_at"))) <= len(set(due.values()))


def test_no_parent_rows_mean_no_child_rows(shared_school: School) -> None:
    """And that is all there can be."""
    parent = resource("sections", processing_steps=[{"filter": lambda row: False}])
    source = source_of(shared_school, parent, child("sections", "enrollments"))
    assert list(source) == []
    assert source.report.resources["enrollments"].note == "no parent rows"


def one_by_one(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A step that gives out rows so late that the parent has long been read."""
    yield row


def held_back(school: School, **hints: Any) -> list[dict[str, Any]]:
    """Sections of which a step lets only the last one through, and its enrollments."""
    last = school.rows("sections")[-1]["id"]
    steps = [{"yield_map": one_by_one}, {"filter": lambda row: row["id"] == last}]
    return [resource("sections", processing_steps=steps), child("sections", "enrollments", **hints)]


def test_a_child_that_begins_late_is_judged_too(campus: Campus, school: School) -> None:
    """Once its missing rows were loaded in silence."""
    school.set_dials(Dials(total="wrong-high", only="/v1/sections/*"))
    campus.refuses(source_of(school, *held_back(school)), IncompleteError)
    assert campus.is_untouched


def test_a_child_that_begins_late_is_not_taken_for_empty(campus: Campus, shared_school: School) -> None:
    """Its table is replaced in a second run as in the first."""
    for _ in range(2):
        campus.run(source_of(shared_school, *held_back(shared_school, write_disposition="replace")))
    last = shared_school.rows("sections")[-1]["id"]
    wanted = [row for row in shared_school.rows("enrollments") if row["section_id"] == last]
    assert campus.column("enrollments") == ids(wanted)


def wanted(*numbers: int) -> Any:
    """A resource of the user's own, which lists sections."""
    return dlt.resource([[{"id": number} for number in numbers]], name="sections")


def test_a_resource_of_the_user_can_be_the_parent(campus: Campus, shared_school: School) -> None:
    """A second run begins a new report."""
    source = rest_api_source(config_of(shared_school, wanted(20001, 20002), child("sections", "enrollments")))
    campus.run(source)
    campus.run(source)
    found = [row for row in shared_school.rows("enrollments") if row["section_id"] in (20001, 20002)]
    assert campus.column("enrollments") == ids(found)
    line = source.report.resources["enrollments"]
    assert (line.status, line.rows_received) == (Status.COMPLETE, len(found))


def test_a_child_of_the_users_resource_is_judged_too(campus: Campus, school: School) -> None:
    """Though nobody says when that resource ends."""
    school.set_dials(Dials(total="wrong-high"))
    config = config_of(school, wanted(20001), child("sections", "enrollments"))
    campus.refuses(rest_api_source(config), IncompleteError)
    assert campus.is_untouched
