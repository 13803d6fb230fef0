"""What the name of a column, and of its table, says of it: whose it is, and which personal thing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from homeroom.personal.kinds import Kind, Whose, is_about, kind_of
from homeroom.personal.words import (
    ENGLISH,
    FOREIGN,
    GLUED,
    ORGANISATION,
    PASSED_OVER,
    PASSED_SUFFIXES,
    PERSON,
    RECORD,
    WHOLE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """The words of a column's own name in English, singular, and whose it is.

    `is_about`: it is a switch, a count, a type or a time of a thing, and not the thing (`email_verified`).
    """

    words: str
    whose: Whose
    is_about: bool
    kind: Kind | None


@lru_cache(maxsize=8192)
def by_name(table: str, column: str) -> Named:
    """What the names say; of `orders__buyers` and `value`, a list of plain values, as of `orders` and `buyers`."""
    tables, columns = _segments(table), _segments(column)
    listed = columns == [("value",)] and len(tables) > 1
    if listed:
        tables, columns = tables[:-1], [tables[-1]]
    own, before = _own(columns)
    if not before:
        own = [*_passed(tables), *own]
    whose = _whose(before, tables)
    words = " ".join(word for segment in own for word in segment)
    plural = not listed and _is_plural(column)
    last = " ".join(columns[-1])
    about = is_about(last)
    return Named(words, whose, about, kind_of(words, whose, about=about, is_plural=plural))


def _own(columns: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], Sequence[tuple[str, ...]]]:
    """The last segment with those that only say what (`address__city`), and the ones that say whose."""
    start = len(columns) - 1
    while start and "_".join(columns[start - 1]) in _PASSED:
        start -= 1
    return list(columns[start:]), columns[:start]


def _passed(tables: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """Of `staffs__addresses` the addresses: they belong to the column's own name."""
    start = len(tables)
    while start > 1 and "_".join(tables[start - 1]) in _PASSED:
        start -= 1
    return tables[start:]


def _whose(before: Sequence[tuple[str, ...]], tables: Sequence[tuple[str, ...]]) -> Whose:
    """Of `parent__id` and `orgs__children.id` whatever the table is of: its rows stand in a tree."""
    last = before[-1][-1] if before else ""
    if last and last not in _KIN:
        return _of_word(last)
    tables = tables[: len(tables) - len(_passed(tables))]
    while len(tables) > 1 and tables[-1][-1] in _KIN:
        tables = tables[:-1]
    found = _of_word(_subject(tables[-1])) if tables else Whose.OTHER
    is_part_of_record = found is Whose.OTHER and len(tables) > 1 and _of_word(_subject(tables[0])) is Whose.RECORD
    return Whose.RECORD if is_part_of_record else found


def _subject(words: Sequence[str]) -> str:
    """The last word, of `users_by_course` and `students_deletes` too; of `course_children` the courses."""
    left = list(words)
    for small in ("by", "in", "of", "for", "with"):
        if small in left[1:]:
            left = left[: left.index(small, 1)]
    while len(left) > 1 and (left[-1] in PASSED_SUFFIXES or left[-1].isdigit()):
        left.pop()
    if len(left) > 1 and left[-1] in _KIN:
        left.pop()
    return left[-1]


def _of_word(word: str) -> Whose:
    if word in PERSON:
        return Whose.PERSON
    if word in ORGANISATION:
        return Whose.ORGANISATION
    return Whose.RECORD if word in RECORD else Whose.OTHER


def _is_plural(column: str) -> bool:
    last = _snake(column).rpartition("_")[2]
    return last in ("people", "staff") or last != _singular(last)


# --- words ---------------------------------------------------------------------------------------------------------


def _segments(path: str) -> list[tuple[str, ...]]:
    parts = [part for part in re.split(r"__+|\.", _snake(path)) if part.strip("_")]
    return [tuple(_words(part)) for part in parts] or [("",)]


def _words(part: str) -> Iterator[str]:
    text = " ".join(_singular(piece) for word in part.split("_") if word for piece in _unglued(_bare(word)))
    yield from _PHRASES.sub(lambda found: _MEANT[found[0]], text).split()


def _snake(path: str) -> str:
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", _folded(path)).lower()
    return _HOLES.sub(lambda found: _UNHOLED[found[0]], re.sub(r"[^a-z0-9_.]", "_", text))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _bare(word: str) -> str:
    """Of `phone1` the word."""
    return word if word in ENGLISH else word.rstrip("0123456789") or word


def _unglued(word: str) -> list[str]:
    if word in WHOLE or not _GLUE.fullmatch(word):
        return [word]
    return [*re.findall(_PIECE, word)]


def _singular(word: str) -> str:
    if word in ("ids", "uids", "uuids", "guids"):
        return word[:-1]
    if len(word) < 5 or word.endswith(("ss", "us", "is")):
        return {"kids": "kid"}.get(word, word)
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word in ("children", "alumni"):
        return {"children": "child", "alumni": "alumnus"}[word]
    return word[:-1] if word.endswith("s") else word


def _any_of(texts: Iterable[str]) -> str:
    """The longest first, since the first that fits is taken."""
    return "|".join(sorted(map(re.escape, texts), key=lambda text: (-len(text), text)))


_PIECE = _any_of(GLUED)
_GLUE = re.compile(rf"(?:{_PIECE}){{2,}}")
_MEANT = {
    **{" ".join(_singular(word) for word in _folded(text).split()): meant for text, meant in FOREIGN.items()},
    **ENGLISH,
}
_PHRASES = re.compile(rf"\b(?:{_any_of(_MEANT)})\b")
_UNHOLED = {
    re.sub(r"[^a-z]+", "_", text).strip("_"): _folded(text).replace(" ", "_")
    for text in FOREIGN
    if not text.isascii() and text[0].isascii()
}
_HOLES = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(sorted(map(re.escape, _UNHOLED), key=len, reverse=True))})(?![a-z0-9])"
)
_KIN = frozenset({"parent", "child"})
_PASSED = {"_".join(_words(each)) for each in PASSED_OVER}
