"""What a rule makes of one value.

A hash is HMAC-SHA-256 (RFC 2104) over the value as text, in UTF-8, as 64 hexadecimal digits; its key is the privacy
key's text in UTF-8. So anybody who has the key can make it too: `printf %s 4711 | openssl dgst -sha256 -hmac "$KEY"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from homeroom.layout import LARGEST_EXACT
from homeroom.privacy_values import Rule

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hmac import HMAC

MASKED = "***"

DIGITS = 64
"""Of a hash."""

_MARKED = "homeroom: which key"

_EMAIL = re.compile(r"[^@\s]+@([\w.-]+)")
_YEAR = re.compile(r"(\d{4})-\d{2}(-\d{2}([T ].*)?)?", re.DOTALL)
"""ISO 8601, to the month at least; a bare year stays as masked as any number."""


def text_of(value: Any) -> str:
    """A value as the text that is hashed: `7`, `"7"` and `7.0` are one, as a join across platforms has it.

    True and false are `true` and `false`; objects and lists are JSON with their keys in order.
    """
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Hider:
    """Hides single values. `key` is the privacy key; None where no rule hashes. Safe in several threads."""

    def __init__(self, key: str | None) -> None:
        self._begun = _begun(key.encode()) if key else None

    @property
    def has_key(self) -> bool:
        """Whether it can hash."""
        return self._begun is not None

    @property
    def mark(self) -> str:
        """What tells one key from another, and does not tell the key; empty without one."""
        return "" if self._begun is None else self.hashes([_MARKED])[0][:16]

    def hide(self, rule: Rule, value: Any) -> str | None:
        """What `hash` or `mask` makes of a value; a null stays one."""
        if value is None:
            return None
        return self.hashes([text_of(value)])[0] if rule == "hash" else masked(value)

    def hashes(self, texts: Iterable[str]) -> list[str]:
        """The hash of each text. Half a character, which no UTF-8 has, counts as its escape."""
        return [digest.hex() for digest in self.digests(map(_bytes, texts))]

    def digests(self, contents: Iterable[bytes]) -> list[bytes]:
        """The 32 bytes of each hash, of texts in UTF-8."""
        if self._begun is None:
            raise ValueError("a hash needs the privacy key")
        copy, found = self._begun.copy, []
        for content in contents:
            own = copy()
            own.update(content)
            found.append(own.finalize())
        return found


def _begun(key: bytes) -> HMAC:
    """What every hash begins with: a copy takes a third of the time of the standard library's `hmac.digest`."""
    # Here: it takes 30 ms to import, which a config without rules does not need.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.hmac import HMAC

    return HMAC(key, SHA256())


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def masked(value: Any) -> str:
    """The domain of an e-mail address, the year of a date or time, of anything else that it was there."""
    if isinstance(value, dict | list):
        return MASKED
    text = text_of(value)
    if email := _EMAIL.fullmatch(text):
        return f"{MASKED}@{email[1]}"
    year = _YEAR.fullmatch(text)
    return year[1] if year else MASKED
