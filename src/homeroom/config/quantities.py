"""Rates and durations as a person writes them."""

from __future__ import annotations

import re
from typing import Any

_UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*/\s*(s|sec|min|h|d)")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(s|m|min|h|d)")


def read_rate(text: Any) -> float:
    """Requests a second of `10/s`, `600/min`, `5000/h`. Raises ValueError for anything else."""
    number, unit = _parts(_RATE, text)
    return number / unit


def read_duration(text: Any) -> float:
    """Seconds of `90s`, `45m`, `2h`, `1d`. Raises ValueError for anything else."""
    number, unit = _parts(_DURATION, text)
    return number * unit


def _parts(form: re.Pattern[str], text: Any) -> tuple[float, int]:
    found = form.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or not float(found[1]):
        raise ValueError("not a number above 0 and a unit")
    return float(found[1]), _UNITS[found[2]]
