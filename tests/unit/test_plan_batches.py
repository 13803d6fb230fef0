"""Several parents in one request: which go together, and how the request names them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from homeroom.errors import ConfigError, DataError
from homeroom.plan import ResourcePlan, build_plan, child_batches
from homeroom.plan.batches import MOST_CHARACTERS
from homeroom.values import ResourceSettings, SyncSettings

FIELD = "{resources.courses.id}"


def planned(params: Any, path: str = "marks", batch: int = 3, settings: Any = None, **resource: Any) -> ResourcePlan:
    sync = SyncSettings(resources={"marks": settings or ResourceSettings(batch=batch)})
    marks = {"name": "marks", "endpoint": {"path": path, "params": params}, **resource}
    source = {"client": {"base_url": "https://api.example.com/v1/"}, "resources": ["courses", marks]}
    return build_plan(source, sync).resources[1]


def asked(plan: ResourcePlan, *values: Any) -> list[Any]:
    """The parameters of each request for parents with these values."""
    assert plan.batch is not None
    return [group.request.params for group in child_batches(plan, plan.batch, [{"id": v} for v in values], None)]


@pytest.mark.parametrize(
    ("params", "first", "second"),
    [
        ({"ids[0]": FIELD}, {"ids[0]": "1", "ids[1]": "2", "ids[2]": "3"}, {"ids[0]": "4"}),
        ({"ids[]": FIELD}, {"ids[]": ["1", "2", "3"]}, {"ids[]": ["4"]}),
        ({"ids": [FIELD]}, {"ids": ["1", "2", "3"]}, {"ids": ["4"]}),
        ({"ids": FIELD}, {"ids": "1,2,3"}, {"ids": "4"}),
    ],
)
def test_the_parameter_says_how_parents_are_named(params: Any, first: Any, second: Any) -> None:
    plan = planned({"all": 1, **params})
    assert asked(plan, 1, 2, 3, 4) == [{"all": 1, **first}, {"all": 1, **second}]
    assert asked(plan) == []


def test_a_parent_that_comes_twice_is_asked_for_once() -> None:
    assert asked(planned({"ids": FIELD}), 2, 1, 2) == [{"ids": "2,1"}]


def test_errors_say_how_many_parents_a_request_is_for_and_not_which() -> None:
    plan = planned({"ids": FIELD})
    assert plan.batch is not None
    shown = [group.request.shown for group in child_batches(plan, plan.batch, [{"id": n} for n in range(4)], None)]
    assert shown == [f"https://api.example.com/v1/marks ({parents})" for parents in ("3 parents", "1 parent")]


@pytest.mark.parametrize("params", [{"ids[0]": FIELD}, {"ids": [FIELD]}, {"ids": FIELD}])
def test_a_url_stays_short(params: Any) -> None:
    plan = planned({"like": "%" * 50, **params}, batch=1000)
    values = [f"somebody@{number}.example.com" for number in range(200)]
    found = asked(plan, *values)
    lengths = [len("https://api.example.com/v1/marks?" + urlencode(each, doseq=True)) for each in found]
    assert max(lengths) <= MOST_CHARACTERS and min(lengths[:-1]) > MOST_CHARACTERS - 150
    assert asked(plan, "x" * 5000, "y") == [asked(plan, "x" * 5000)[0], asked(plan, "y")[0]]


@pytest.mark.parametrize(
    ("parent", "says"),
    [
        ({"name": "x"}, "lacks the field id"),
        ({"id": None}, "has nothing to ask with in the field id"),
        ({"id": ""}, "has nothing to ask with in the field id"),
        ({"id": [1]}, "has nothing to ask with in the field id"),
        ({"id": "a,b"}, "has a comma in the field id"),
    ],
)
def test_a_parent_that_cannot_be_named_is_an_error(parent: Any, says: str) -> None:
    plan = planned({"ids": FIELD})
    assert plan.batch is not None
    with pytest.raises(DataError, match=f"resource marks, a row of its parent courses {says}"):
        child_batches(plan, plan.batch, [{"id": 1}, parent], None)


@pytest.mark.parametrize(
    ("params", "more", "says"),
    [
        ({}, {"path": "marks/" + FIELD}, "parents are put together in one parameter, and nowhere else"),
        ({"ids": FIELD}, {"path": "marks/" + FIELD}, "parents are put together in one parameter, and nowhere else"),
        ({"a": FIELD, "b": FIELD}, {}, "parents are put together in one parameter, and nowhere else"),
        ({"a": FIELD, "b": "{resources.courses.name}"}, {}, "parents are put together in one parameter"),
        ({"a": "course:" + FIELD}, {}, "parents are put together in one parameter, and nowhere else"),
        ({"a": 1}, {}, "the resource has no parent"),
        ({"a": FIELD}, {"include_from_parent": ["id"]}, "nobody knows which one's fields it should take"),
        (
            {"a": FIELD},
            {"settings": ResourceSettings(batch=2, deletes="soft"), "primary_key": "id", "write_disposition": "merge"},
            "nobody knows whose they are",
        ),
    ],
)
def test_what_cannot_be_asked_for_together_is_refused(params: Any, more: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=r"sync\.resources\.marks\.batch: .*" + says):
        planned(params, **more)


def test_parents_with_places_of_their_own_are_refused() -> None:
    settings = ResourceSettings(batch=2, cursor_per_parent=True)
    with pytest.raises(ConfigError, match="each parent is asked from its own place"):
        planned({"a": FIELD}, settings=settings)
