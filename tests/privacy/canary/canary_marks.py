"""Values that nobody can mistake for others, and finding them in bytes however they are written there.

A text is marked by a core of letters and digits, `cnry` and twelve hexadecimal digits, which stays in one piece in a
URL, in JSON and in SQL; a number by its range; a moment by its microseconds, in a year of its own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Fate = Literal["hidden", "kept", "secret"]
"""Hidden by a rule; stored as it came; a key of the config."""

_PREFIX, _DIGITS, _LEAST = "cnry", 12, 4
"""So many digits of a core tell that it was there, though it was cut."""
_FIRST, _SPAN = 7_314_159_200_000_000, 100_000_000
_YEAR = 2011

_HEX = rb"[0-9a-fA-F]{%d,%d}" % (_LEAST, _DIGITS)
_CLEAR = re.compile(rb"(?i:cnry)(" + _HEX + rb")")
_UTF16 = re.compile(rb"(?i:c\0n\0r\0y\0)((?:[0-9a-fA-F]\0){%d,%d})" % (_LEAST, _DIGITS))
_AS_HEX = re.compile(rb"(?i)636e7279((?:3[0-9]|6[1-6]){%d,%d})" % (_LEAST, _DIGITS))
_NUMBER = re.compile(rb"73141592[0-9]{8}")
_MOMENT = re.compile(rb"[0-2][0-9](?::|%3A)[0-5][0-9](?::|%3A)[0-5][0-9]\.[0-9]{6}")
_DIGEST = re.compile(rb"[0-9a-f]{32,128}|[A-Za-z0-9+/_-]{20,88}={0,2}")


def _inside_base64(before: int) -> tuple[int, re.Pattern[bytes]]:
    """What base64 makes of the prefix behind so many other bytes, and what follows it."""
    first = -(-8 * before // 6)
    whole = base64.b64encode(bytes(before) + _PREFIX.encode()).rstrip(b"=")
    held = whole[first : 8 * (before + len(_PREFIX)) // 6]
    return before, re.compile(re.escape(held) + rb"[A-Za-z0-9+/_-]{6,}")


_BASE64 = [_inside_base64(before) for before in range(3)]


@dataclass(frozen=True, slots=True)
class Mark:
    """One value. `core` is what is looked for, `what` the column or the place that it was sent in."""

    core: str
    fate: Fate
    what: str


@dataclass(slots=True)
class Mint:
    """Makes marked values, each another one, and knows them again."""

    random: Random
    marks: dict[str, Mark] = field(default_factory=dict)
    digests: dict[bytes, Mark] = field(default_factory=dict)
    """Of texts and numbers without a key: who knows all names can try them all."""

    def text(self, what: str, pattern: str = "{}", fate: Fate = "hidden") -> str:
        """A text with a core in it; `pattern` says what stands around it."""
        mark = self._new(f"{_PREFIX}{self.random.getrandbits(4 * _DIGITS):0{_DIGITS}x}", fate, what)
        made = pattern.format(mark.core)
        for each in {made, mark.core}:
            self._digest(each, mark)
        return made

    def number(self, what: str) -> int:
        """A number that a double holds exactly, hidden."""
        number = _FIRST + self.random.randrange(_SPAN)
        self._digest(str(number), self._new(str(number), "hidden", what))
        return number

    def moment(self, what: str) -> str:
        """A time to the microsecond, hidden."""
        second = self.random.randrange(300 * 86_400)
        moment = datetime.fromtimestamp(datetime(_YEAR, 1, 1, tzinfo=UTC).timestamp() + second, UTC).replace(
            microsecond=self.random.randrange(1, 1_000_000)
        )
        text = f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
        self._digest(text, self._new(text[11:-1], "hidden", what))
        return text

    def secret(self, what: str, pattern: str = "{}") -> str:
        """A key or a password."""
        return self.text(what, pattern, "secret")

    def found(self, content: bytes) -> set[Mark]:
        """The marks that bytes hold, in whatever form."""
        cores = {core for core in _cores(content) if core}
        whole = {self.marks[core] for core in cores if core in self.marks}
        cut = {core for core in cores if core not in self.marks and core.startswith(_PREFIX)}
        parts = {mark for mark in self.marks.values() if cut and mark.core.startswith(tuple(cut))}
        digests = {self.digests[each[0]] for each in _DIGEST.finditer(content) if each[0] in self.digests}
        return whole | parts | digests

    def _new(self, core: str, fate: Fate, what: str) -> Mark:
        if core in self.marks:
            raise ValueError(f"the core {core} was drawn twice: take another seed")
        mark = self.marks[core] = Mark(core, fate, what)
        return mark

    def _digest(self, text: str, mark: Mark) -> None:
        raw = text.encode()
        for kind in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha3_256, hashlib.sha512, hashlib.blake2b):
            digest = kind(raw).digest()
            self.digests[digest.hex().encode()] = mark
            self.digests[base64.b64encode(digest)] = mark
        self.digests[base64.b64encode(hashlib.shake_128(raw).digest(15))] = mark  # as dlt does it


def _cores(content: bytes) -> Iterator[str]:
    for found in _CLEAR.finditer(content):
        yield _PREFIX + found[1].decode().lower()
    for found in _UTF16.finditer(content):
        yield _PREFIX + found[1].replace(b"\0", b"").decode().lower()
    for found in _AS_HEX.finditer(content):
        yield _PREFIX + bytes.fromhex(found[1].decode()).decode().lower()
    for before, pattern in _BASE64:
        yield from (_decoded(before, found[0]) for found in pattern.finditer(content))
    yield from (found[0].decode() for found in _NUMBER.finditer(content))
    yield from (found[0].replace(b"%3A", b":").decode() for found in _MOMENT.finditer(content))
    yield from _binary(content)


def _decoded(before: int, written: bytes) -> str:
    """The core that base64 was made of; empty where there is none."""
    text = b"A" * -(-8 * before // 6) + written.replace(b"-", b"+").replace(b"_", b"/")
    raw = base64.b64decode(text[: len(text) // 4 * 4])
    # The first letter of the prefix has lost the bits that it shares with what stands before it.
    digits = re.match(rb"nry(" + _HEX + rb")", raw[before + 1 :])
    return _PREFIX + digits[1].decode() if digits else ""


def _binary(content: bytes) -> Iterator[str]:
    """Numbers and moments as databases and parquet write them: eight bytes, at any place."""
    begin = int(datetime(_YEAR, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
    end = begin + 366 * 86_400_000_000
    for at in range(8):
        size = (len(content) - at) // 8
        if size < 1:
            return
        buffer = pa.py_buffer(content[at : at + 8 * size])
        whole = pa.Array.from_buffers(pa.int64(), size, [None, buffer])
        for each in _between(whole, _FIRST, _FIRST + _SPAN):
            yield str(each)
        for each in _between(whole, begin, end):
            yield f"{datetime.fromtimestamp(each // 1_000_000, UTC):%H:%M:%S}.{each % 1_000_000:06}"
        for each in _between(pa.Array.from_buffers(pa.float64(), size, [None, buffer]), _FIRST, _FIRST + _SPAN):
            yield str(int(each))


def _between(values: pa.Array, least: int, most: int) -> list[float]:
    low, high = pa.scalar(least, pa.int64()).cast(values.type), pa.scalar(most, pa.int64()).cast(values.type)
    held: list[float] = values.filter(pc.and_(pc.greater_equal(values, low), pc.less(values, high))).to_pylist()
    return held
