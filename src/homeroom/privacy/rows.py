"""Rules applied to rows of Python: the lane of objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from homeroom.privacy.book import Book, Node
from homeroom.privacy.hiding import Hider


class Hidden(dict[str, Any]):
    """A row whose columns are hidden, with the row as it came: requests of children are made of that."""

    __slots__ = ("came",)

    def __init__(self, row: dict[str, Any], came: Any) -> None:
        super().__init__(row)
        self.came = came


def clear_of(row: Any) -> Any:
    """The row as it came."""
    return row.came if isinstance(row, Hidden) else row


def hide_rows(rows: Sequence[Any], book: Book, hider: Hider) -> list[Any]:
    """The rows as they may be stored, new ones; those given stay as they are. One that is no object has no columns."""
    return [_hidden(row, book.root, book, hider) if isinstance(row, dict) else row for row in rows]


def _hidden(value: Any, node: Node, book: Book, hider: Hider) -> Any:
    if node.is_free or value is None:
        return value
    if isinstance(value, list) and book.whole(node, value) != "drop":
        element = book.element(node)
        if element.rule == "drop":
            return []
        kept = [each for each in value if not _is_dropped(each, element, book)]
        # A null among plain values goes with them.
        return [_hidden(each, element, book, hider) for each in kept if each is not None or element.leaf != "drop"]
    if isinstance(value, dict) and book.whole(node, value) == "keep":
        return _hidden_fields(value, node, book, hider)
    rule = book.whole(node, value) if isinstance(value, dict | list) else book.leaf(node)
    return value if rule == "keep" else hider.hide(rule, value)


def _hidden_fields(row: dict[str, Any], node: Node, book: Book, hider: Hider) -> dict[str, Any]:
    places = ((key, value, book.field(node, str(key))) for key, value in row.items())
    return {
        key: _hidden(value, place, book, hider) for key, value, place in places if not _is_dropped(value, place, book)
    }


def _is_dropped(value: Any, node: Node, book: Book) -> bool:
    if node.rule == "drop" or node.is_free or value is None:
        return node.rule == "drop"
    return (book.whole(node, value) if isinstance(value, dict | list) else book.leaf(node)) == "drop"
