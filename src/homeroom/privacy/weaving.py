"""How rows with hidden columns are read as columns: the layout of what is stored, with what is read for it."""

from __future__ import annotations

from homeroom.layout import Group, Keys, Leaf, Many, Part, Table, UnfitError, Veiled
from homeroom.privacy.book import Book, Node
from homeroom.privacy_values import Rule

_NOTHING = Leaf("", None)


def woven(stored: Table, raw: Keys, book: Book) -> Table:
    """The layout by which rows are read, from that of the rows that are `stored`; `raw` was seen in rows as they came.

    Raises `UnfitError` where an object is hidden as a whole, which takes Python.
    """
    return Table(stored.name, _part(stored.row, raw, book.root, book), stored.known)


def _part(stored: Part | None, raw: Keys, node: Node, book: Book) -> Part:
    """What is read at a place; `stored` is None where nothing of it is."""
    if node.is_free and stored is not None:
        return stored
    if node.rule == "drop" or stored is None:
        return Veiled(_as_read(raw), "drop", None)
    if raw.kind == "list":
        return _list(stored, raw, node, book)
    if raw.kind != "object":
        return _plain(stored, raw, node, book)
    if node.rule != "keep" or node.listed != "keep":
        raise UnfitError("a rule of privacy hides an object as a whole")
    if not isinstance(stored, Group):
        raise UnfitError("an object with hidden columns is one value")
    held = dict(stored.fields)
    return Group(
        tuple((key, _part(held.get(key), seen, book.field(node, key), book)) for key, seen in raw.fields.items())
    )


def _list(stored: Part, raw: Keys, node: Node, book: Book) -> Part:
    element = book.element(node)
    is_plain = raw.element is not None and raw.element.kind == "scalar"
    is_none = raw.element is None or not raw.element.kind
    if element.rule == "drop" or (is_plain and book.leaf(element) == "drop") or (is_none and element.listed == "drop"):
        return Veiled(_as_read(raw), "drop", None)
    if not isinstance(stored, Many):
        raise UnfitError("a list with hidden columns is one value")
    row = _part(stored.table.row, raw.element or Keys(), element, book)
    return Many(Table(stored.table.name, row, stored.table.known), stored.key)


def _plain(stored: Part, raw: Keys, node: Node, book: Book) -> Part:
    rule = book.leaf(node) if raw.kind == "scalar" else node.rule
    if rule == "keep":
        return stored
    return Veiled(_as_read(raw), "drop", None) if rule == "drop" else _leaf(stored, raw, rule)


def _leaf(stored: Part, raw: Keys, rule: Rule) -> Part:
    if not isinstance(stored, Leaf):
        raise UnfitError("a hidden value has become an object")
    return Veiled(_NOTHING if stored.type is None else _as_read(raw), rule, stored)


def _as_read(raw: Keys) -> Part:
    """By what JSON alone says, so that the text that is hashed is that of the lane of objects."""
    if raw.kind == "object":
        return Group(tuple((key, _as_read(seen)) for key, seen in raw.fields.items()))
    if raw.kind == "list":
        return Many(Table("", _as_read(raw.element or Keys()), known=True))
    kind = "double" if raw.first == "bigint" and raw.fraction else raw.first
    return Leaf("", kind or None, exact=True)
