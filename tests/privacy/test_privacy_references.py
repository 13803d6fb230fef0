"""Columns that refer to a hidden one, or bring it, are hidden as it is."""

from __future__ import annotations

from typing import Any

from privacy_desk import Desk, hashed, listed


def texts_of(desk: Desk) -> str:
    """All that stands in the tables of the desk."""
    tables = [name for (name,) in desk.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'd'")]
    return str([desk.query(f'SELECT * FROM "{name}"') for name in tables])


def test_a_reference_to_a_reference_is_hidden_in_any_order(desk: Desk) -> None:
    desk.lists.rows |= {"marks": [{"id": 1, "who": "u7"}], "seats": [{"id": 2, "held": "u7"}], "users": [{"id": "u7"}]}

    def refers(column: str, table: str, other: str) -> list[dict[str, Any]]:
        return [{"referenced_table": table, "columns": [column], "referenced_columns": [other]}]

    marks = listed("marks", references=refers("who", "seats", "held"))
    seats = listed("seats", references=refers("held", "users", "id"))
    desk.configure(marks, seats, listed("users"), columns={"users.id": "hash"})
    desk.sync()
    assert desk.query("SELECT who FROM marks") == desk.query("SELECT held FROM seats") == [(hashed("u7"),)]


def test_what_is_in_a_field_of_a_parent_keeps_its_rules(desk: Desk) -> None:
    kin = {"id": 1, "home": {"city": "Bern7", "zip": 1}, "mails": ["a7@x.org"], "kids": [{"name": "Ann7", "n": 1}]}
    desk.lists.rows |= {"users": [kin], "orders": [{"id": 10}]}
    path = {"params": {"user": "{resources.users.id}"}}
    orders = listed("orders", endpoint=path, include_from_parent=["home", "mails", "kids"])
    rules = {"users.home__city": "drop", "users__mails.value": "hash", "users__kids.name": "mask"}
    desk.configure(listed("users"), orders, columns=rules)
    desk.sync()
    assert [each for each in ("Bern7", "a7@x.org", "Ann7") if each in texts_of(desk)] == []
    assert desk.query("SELECT value FROM orders___users_mails") == [(hashed("a7@x.org"),)]
    assert desk.query("SELECT name, n FROM orders___users_kids") == [("***", 1)]


def test_a_column_that_brings_one_named_for_a_hashed_key_is_hashed(desk: Desk) -> None:
    desk.lists.rows |= {"users": [{"id": "u7"}], "orders": [{"id": 1, "user_id": "u7"}], "lines": [{"id": 2}]}
    path = {"params": {"order": "{resources.orders.id}"}}
    lines = listed("lines", endpoint=path, include_from_parent=["user_id"])
    desk.configure(listed("users"), listed("orders"), lines, columns={"users.id": "hash"})
    desk.sync()
    assert desk.query("SELECT _orders_user_id FROM lines") == [(hashed("u7"),)]


def test_a_key_that_has_the_name_of_its_table_is_hashed_where_it_is_referred_to(desk: Desk) -> None:
    desk.lists.rows |= {"users": [{"userId": "u7"}], "orders": [{"id": 1, "userId": "u7"}]}
    desk.configure(listed("users", primary_key="userId"), listed("orders"), columns={"users.user_id": "hash"})
    desk.sync()
    assert desk.query("SELECT user_id FROM orders") == [(hashed("u7"),)]


def test_a_key_that_its_class_hashes_is_hashed_where_it_is_referred_to(desk: Desk) -> None:
    desk.lists.rows |= {"users": [{"id": "u7"}], "orders": [{"id": 1, "user_id": "u7"}]}
    classes = {"classes": {"users.id": "direct"}, "by_class": {"direct": "hash"}}
    desk.configure(listed("users"), listed("orders"), privacy=classes)
    desk.sync()
    assert desk.query("SELECT user_id FROM orders") == [(hashed("u7"),)]
