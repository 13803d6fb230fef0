"""Which fields tell the rows of a list apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from homeroom.draft.live.envelope import Row
from homeroom.draft.values import Confidence, Guess

_SURE = ("id", "sourcedid", "uuid", "guid", "objectid", "_id", "uid", "uri", "@id")
_FEW = 10
"""Below so many rows that differ prove little."""
_NO_KEY = 90
_MOST_PARTS = 8
"""Fields that are looked at for a key of two or three."""


def find_key(rows: Sequence[Row], name: str) -> Guess[tuple[str, ...]]:
    """The primary key, empty where none was found."""
    if not rows:
        others = (("id",),)
        return Guess((), Confidence.GUESS, "no row came that could show a key; rows are replaced each time", others)
    single = [key for key in rows[0] if _is_key(rows, (key,))]
    ranked = sorted(single, key=lambda key: (_rank(key, name), list(rows[0]).index(key)))
    ranked = [key for key in ranked if _rank(key, name) < _NO_KEY]
    if ranked:
        return _told(rows, ranked, name)
    parts = [key for key in rows[0] if _ends_in_id(key) and _is_filled(rows, key)][:_MOST_PARTS]
    for count in (2, 3):
        for several in combinations(parts, count):
            if _is_key(rows, several):
                told = f"no single field, but {' and '.join(several)} together are unique in {_rows(rows)}"
                return Guess(several, Confidence.LIKELY if len(rows) >= _FEW else Confidence.GUESS, told)
    said = f"no field that looks like a key is unique in {_rows(rows)}; rows are replaced each time"
    named = tuple((key,) for key in single if isinstance(rows[0][key], str))[:3] if len(rows) >= _FEW else ()
    return Guess((), Confidence.GUESS, said, named)


def _told(rows: Sequence[Row], ranked: Sequence[str], name: str) -> Guess[tuple[str, ...]]:
    best, others = ranked[0], tuple((key,) for key in ranked[1:4])
    told = f"{best} is unique and never null in {_rows(rows)}"
    if len(rows) < 2:
        return Guess((best,), Confidence.GUESS, f"one row came, with a field {best}", others)
    if _rank(best, name) < len(_SURE) and len(rows) >= _FEW:
        return Guess((best,), Confidence.CERTAIN, told)
    return Guess((best,), Confidence.LIKELY, told)


def _rank(key: str, name: str) -> int:
    """How likely a field is the key by its name, the lowest first; 90 and more: it is none."""
    plain = key.lower()
    if plain in _SURE:
        return _SURE.index(plain)
    letters, of = re.sub(r"[^a-z]", "", plain), re.sub(r"[^a-z]", "", name.lower())
    if letters in {
        f"{stem}id" for stem in (of, of.removesuffix("s"), of.removesuffix("es"), of.removesuffix("ies") + "y")
    }:
        return 20
    if letters in ("key", "code", "number", "externalid", "slug", "username", "login"):
        return 40
    return _NO_KEY


def _ends_in_id(key: str) -> bool:
    return bool(re.search(r"(_id|Id|ID|_key|_code|SourcedId)$", key)) or key.lower() in _SURE


def _is_filled(rows: Sequence[Row], key: str) -> bool:
    return all(
        isinstance(row.get(key), str | int) and not isinstance(row[key], bool) and row[key] != "" for row in rows
    )


def _is_key(rows: Sequence[Row], keys: Sequence[str]) -> bool:
    """Whether these fields are filled in every row, with plain values, and never the same in two."""
    return all(_is_filled(rows, key) for key in keys) and len({tuple(row[key] for key in keys) for row in rows}) == len(
        rows
    )


def _rows(rows: Sequence[Row]) -> str:
    return "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
