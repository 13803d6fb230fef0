"""What must hold of rows before they go on."""

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.dlt_seam.rest_api import json_path
from homeroom.errors import DataError
from homeroom.shape import RowRules, check_required, keys_of, with_parent_fields
from homeroom.values import Page, PageFacts

PAGE = Page("users", 1, 3, "GET /users?page=3", b"", PageFacts(2), json_path("$"), datetime(2026, 1, 1, tzinfo=UTC))


def snake(name: str) -> str:
    """`sourcedId` to `sourced_id`, as dlt's naming does."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def rules(*key: str, required: tuple[str, ...] = ()) -> RowRules:
    return RowRules(key, required, snake)


def test_parent_fields_go_into_every_child_row() -> None:
    rows = [{"id": 1}, {"id": 2, "_course_id": "old"}]
    with_parent_fields(rows, {"_course_id": 7})
    assert rows == [{"id": 1, "_course_id": 7}, {"id": 2, "_course_id": 7}]


def test_without_parent_fields_a_row_may_be_anything() -> None:
    rows: list[Any] = [1, None]
    with_parent_fields(rows, {})
    assert rows == [1, None]


def test_a_row_that_is_no_object_cannot_take_parent_fields() -> None:
    with pytest.raises(DataError, match="row 2 is no object") as caught:
        with_parent_fields([{}, "s3cret"], {"_course_id": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_rows_with_all_that_is_required_pass() -> None:
    check_required(PAGE, [{"id": 0}, {"id": ""}, {"id": False}], rules(required=("id",)))


@pytest.mark.parametrize(("row", "said"), [({"id": None}, "id is null"), ({"name": "Ann"}, "id is missing")])
def test_a_null_where_none_may_be_is_refused_with_its_place_and_a_way_out(row: dict[str, Any], said: str) -> None:
    with pytest.raises(
        DataError, match=rf"users, page 3 \(GET /users\?page=3\), row 2: column {said}.*nullable: true"
    ) as caught:
        check_required(PAGE, [{"id": 1}, row], rules(required=("id",)))
    assert caught.value.resource == "users" and "Ann" not in str(caught.value)


def test_what_is_not_required_may_be_null() -> None:
    check_required(PAGE, [{"id": 1, "name": None}], rules(required=("id",)))
    check_required(PAGE, [{"id": None}, "no object"], rules())


def test_a_column_is_found_under_the_name_that_the_api_gives_it() -> None:
    check_required(PAGE, [{"sourcedId": "a"}], rules(required=("sourced_id",)))
    with pytest.raises(DataError, match="sourced_id is null"):
        check_required(PAGE, [{"sourcedId": None}], rules(required=("sourced_id",)))


def test_a_column_is_found_in_an_object_of_the_row() -> None:
    row = {"homeAddress": {"zipCode": "x"}}
    check_required(PAGE, [row], rules(required=("home_address__zip_code",)))
    with pytest.raises(DataError, match="home_address__street"):
        check_required(PAGE, [row], rules(required=("home_address__street",)))


def test_without_a_key_rows_have_no_keys() -> None:
    assert keys_of([{"id": 1}], rules()) is None


def test_a_single_key_is_its_value() -> None:
    assert keys_of([{"id": 1}, {"id": "a"}, {}], rules("id")) == [1, "a", None]


def test_a_key_of_several_columns_is_all_of_them_in_order() -> None:
    row = {"schoolYear": 2026, "student": {"id": 5}}
    assert keys_of([row], rules("student__id", "school_year")) == [(5, 2026)]


def test_keys_that_are_lists_or_objects_are_equal_where_their_content_is() -> None:
    keys = keys_of([{"id": {"a": 1, "b": [2]}}, {"id": {"b": [2], "a": 1}}, {"id": [1]}], rules("id"))
    assert keys is not None and len(set(keys)) == 2


def test_rows_that_are_no_objects_have_no_keys() -> None:
    assert keys_of([{"id": 1}, 5, None], rules("id")) == [1]


@pytest.mark.parametrize(
    ("row", "kind"), [(15, "a number"), ("Ann", "a text"), (True, "true or false"), ([1], "a list"), (None, "null")]
)
def test_a_row_that_is_no_object_is_refused_where_a_column_is_required(row: Any, kind: str) -> None:
    with pytest.raises(DataError) as caught:
        check_required(PAGE, [{"id": 1}, row], rules(required=("id",)))
    assert str(caught.value) == (
        f"resource users, page 3 (GET /users?page=3): row 2 is {kind}, not an object; "
        "check data_selector, which is $ here"
    )
