"""Values as the files write them.

Section 3 of the binding, «CSV Format»: RFC 4180, UTF-8, no line break within a field, lists with commas between their
items, dates as YYYY-MM-DD, true and false in small letters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from homeroom.oneroster_export.standard import ID

Row = Mapping[str, Any]
"""A row of the model: text, bool, int, float, Decimal, date or list of text by column; times are dates already."""

_NO_ID = re.compile(r"[^0-9A-Za-z.\-_/@]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_ID_LENGTH = 255


def sourced_id(native: object) -> str:
    """The source's id, or where that has characters that a GUID may not have, what is left of it and a hash.

    The same id always gives the same, and no two ids give one (but for one chance in 2^48).
    """
    text = str(native)
    if ID.fullmatch(text):
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{_NO_ID.sub('_', text)[: _ID_LENGTH - 13]}-{mark}"


def line(value: object) -> str:
    """A text in one line, without control characters and blanks around it; nothing for None."""
    return "" if value is None else _BLANKS.sub(" ", str(value)).strip()


def listed(values: Iterable[object] | None) -> str:
    """A list as one field. An item's own comma becomes a blank: there is no way to write it."""
    items = (line(str(value).replace(",", " ")) for value in values or () if value is not None)
    return ",".join(item for item in items if item)


def day(value: object) -> str:
    """A date as the standard writes it; nothing for what is no date, or of a year without four digits."""
    return value.isoformat() if isinstance(value, date) and value.year >= 1000 else ""


def flag(value: object) -> str:
    """True and false as the standard writes them; nothing for None."""
    return "" if value is None else ("true" if value else "false")


def number(value: object) -> str:
    """A number without an exponent and without zeros at its end; nothing for None, and for what is no finite number."""
    if value is None or isinstance(value, bool):
        return ""
    found = Decimal(str(value))
    if not found.is_finite():
        return ""
    text = f"{found:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
