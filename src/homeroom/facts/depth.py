"""How deep a JSON text nests, told from its brackets alone: 0.05 ms for 60 kB, before anything is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

from homeroom.errors import DataError

_ONE_KIND = bytes.maketrans(b"[]", b"{}")
_STEP = [{ord("{"): 1, ord("}"): -1}.get(code, 0) for code in range(256)]
_USUAL = 12
"""Levels that answers are made of; what is deeper is measured slowly."""
_SHORT = 16_384
"""Bytes of a text that may have fewer brackets than levels are allowed."""

_OTHERS = bytes(set(range(256)) - set(b'{}[]"'))


def hold_depth(text: bytes, limit: int) -> None:
    """Raise `DataError` where lists and objects are nested deeper than `limit`."""
    if deeper_than(text, limit):
        raise too_deep(limit)


@contextmanager
def followed(limit: int | None) -> Iterator[None]:
    """Turns Python's own limit, which parsers and JSONPaths reach sooner in a deep stack, into the same error."""
    try:
        yield
    except RecursionError:
        raise too_deep(limit) from None


def too_deep(limit: int | None) -> DataError:
    """What to say of an answer that nests too deep, or deeper than a parser can follow. None: the limit was held."""
    setting = "sync.limits.json_depth" + ("" if limit is None else f": {limit}")
    words = f"the answer nests lists and objects too deep to be read ({setting}); raise it if that is right"
    return DataError(words, code="answer-too-large")


def deeper_than(text: bytes, limit: int) -> bool:
    """Whether lists and objects are nested deeper than `limit`. What is no JSON may give either answer."""
    # To count takes two thirds of the time of all below: only where it may well be the answer.
    if len(text) < _SHORT and text.count(b"{") + text.count(b"[") <= limit:
        return False
    left = brackets = _brackets(text)
    if b"{" * (limit + 1) in brackets:
        return True
    # Each pass removes the innermost pairs, so one level. That is ten times as fast as the walk below, but a
    # hostile text would need hundreds.
    for _ in range(min(limit, _USUAL)):
        left = left.replace(b"{}", b"")
    return bool(left) and max(accumulate(map(_STEP.__getitem__, brackets))) > limit


def _brackets(text: bytes) -> bytes:
    """The brackets that are no part of strings, all as curly ones."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    left = text.translate(_ONE_KIND, _OTHERS)
    # A string without brackets is now two quotes side by side. Where others remain, every second part is inside.
    left = left.replace(b'""""', b"").replace(b'""', b"")
    return b"".join(left.split(b'"')[::2]) if b'"' in left else left
