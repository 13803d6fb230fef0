"""Which rule holds where in a row."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.dlt_seam.extraction import column_namer
from homeroom.privacy import Book, Hidden, Hider, clear_of, hide_rows

NAME = column_namer(None)


def hidden(row: Any, **rules: str) -> Any:
    """The row by rules that are masks unless they say otherwise; `__` in front names a nested table."""
    columns: Any = {tuple(at.rsplit("0", 1)) if "0" in at else ("t", at): rule for at, rule in rules.items()}
    return hide_rows([row], Book("t", columns, NAME), Hider("k" * 32))[0]


def test_a_column_is_found_by_its_name_in_the_database() -> None:
    assert hidden({"firstName": "Ann", "first-name": "Ann", "last": "B"}, first_name="mask") == {
        "firstName": "***",
        "first-name": "***",
        "last": "B",
    }


def test_a_field_of_an_object_is_a_column_of_two_names() -> None:
    assert hidden({"home": {"city": "B", "zip": 1}}, home__city="drop") == {"home": {"zip": 1}}


def test_an_object_that_has_a_rule_is_one_value() -> None:
    assert hidden({"home": {"city": "B"}}, home="mask") == {"home": "***"}
    assert hidden({"home": {"city": "B"}}, home="drop") == {}


def test_the_elements_of_a_list_have_the_rule_of_the_list() -> None:
    assert hidden({"mails": ["a@b.example", None, {"x": 1}, ["y"]]}, mails="mask") == {
        "mails": ["***@b.example", None, "***", ["***"]]
    }


def test_a_column_of_a_nested_table_has_a_rule_of_its_own() -> None:
    row = {"kids": [{"name": "Ann", "age": 7}, "Bob"]}
    assert hidden(row, t__kids0name="mask") == {"kids": [{"name": "***", "age": 7}, "Bob"]}
    assert hidden(row, t__kids0value="drop") == {"kids": []}


def test_what_is_kept_inside_of_what_is_dropped_is_dropped() -> None:
    assert hidden({"home": {"city": "B"}}, home="drop", home__city="keep") == {}


def test_a_key_that_is_called_like_a_field_of_an_object_has_the_rule_of_the_object() -> None:
    """As the column that both become."""
    assert hidden({"home__city": "B"}, home="drop") == {}


def test_the_rows_given_stay_as_they_are() -> None:
    row = {"a": {"b": "x"}, "c": ["x"]}
    hidden(row, a__b="mask", c="mask")
    assert row == {"a": {"b": "x"}, "c": ["x"]}


def test_a_row_that_is_no_object_has_no_columns() -> None:
    assert hidden("x", value="mask") == "x"


@pytest.mark.parametrize(
    ("column", "rule"), [("email", "mask"), ("email__v_text", "mask"), ("emails", "keep"), ("home__city", "drop")]
)
def test_a_stored_column_has_the_rule_of_what_it_is_made_of(column: str, rule: str) -> None:
    book = Book("t", {("t", "email"): "mask", ("t", "home"): "drop"}, NAME)
    assert book.rule_of(column) == rule


def test_a_stored_column_of_a_nested_table_has_the_rule_of_its_list() -> None:
    assert Book("t", {("t", "kids"): "drop"}, NAME).rule_of("name", "t__kids") == "drop"


def test_rules_that_found_no_column_are_told() -> None:
    book = Book("t", {("t", "email"): "mask", ("t", "emial"): "mask", ("other", "x"): "mask"}, NAME)
    hide_rows([{"email": "x"}], book, Hider(None))
    assert book.unmatched == ["t.emial"]


def test_a_hidden_row_knows_the_row_as_it_came() -> None:
    came = {"id": 7}
    row = Hidden({"id": "…"}, came)
    assert (row, clear_of(row), clear_of(came)) == ({"id": "…"}, came, came)


def test_a_rule_for_value_is_of_the_field_where_elements_are_objects_that_have_one() -> None:
    row = {"mails": [{"Value": "a@b.example", "type": "work"}, "c@d.example"]}
    masked = [{"Value": "***@b.example", "type": "work"}, "***@d.example"]
    assert hidden(row, t__mails0value="mask") == {"mails": masked}
    assert hidden(row, t__mails0value="drop") == {"mails": [{"type": "work"}]}
    assert hidden({"mails": [{"type": "work"}, [1]]}, t__mails0value="mask") == {"mails": ["***", ["***"]]}


def test_a_single_value_in_the_place_of_a_list_has_the_rule_of_its_elements() -> None:
    assert hidden({"mails": "a@b.example"}, t__mails0value="mask") == {"mails": "***@b.example"}
    assert hidden({"mails": "a@b.example", "x": 1}, t__mails0value="drop") == {"x": 1}
    assert Book("t", {("t__mails", "value"): "hash"}, NAME).rule_of("mails__v_text") == "hash"


def test_a_list_in_the_place_of_an_object_has_the_rules_of_its_fields() -> None:
    row = {"home": [{"city": "B", "zip": 1}]}
    assert hidden(row, home__city="mask") == {"home": [{"city": "***", "zip": 1}]}


def test_a_key_without_a_name_is_called_empty_as_dlt_does() -> None:
    assert hidden({"": "x", "home": {" ": "y"}, "a": 1}, _empty="drop", home___empty="mask") == {
        "home": {" ": "***"},
        "a": 1,
    }
