"""What the answers said of a quota. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.draft.values import Confidence, Guess
from homeroom.values import Answer

_POLICY = re.compile(r"(?:q=)?(\d+)\s*;(?:[^,]*;)?\s*w=(\d+)", re.ASCII)
_UNITS = {1: "s", 60: "min", 3600: "h"}
_ABOUT = re.compile(r"^(x-)?rate-?limit|^retry-after$|^x-request-cost$", re.IGNORECASE)


def rate_headers(answers: Sequence[Answer]) -> str:
    """The headers that speak of a quota, in a sentence; empty where there is none. Their names alone."""
    names = dict.fromkeys(name for answer in answers for name, _ in answer.headers if _ABOUT.match(name))
    if not names:
        return ""
    return f"answers tell a quota ({', '.join(names)}): a run slows down by it before it is used up"


def rate_of(answers: Sequence[Answer]) -> Mapping[str, Guess[Any]]:
    """The `rate` that a `RateLimit-Policy` states; empty where none does so in a unit that a config knows."""
    for answer in answers:
        for name, value in answer.headers:
            found = _POLICY.search(value) if "policy" in name.lower() or name.lower() == "ratelimit-limit" else None
            unit = _UNITS.get(int(found[2])) if found else None
            if found and unit:
                said = f"{name} says {found[1]} requests in {found[2]} seconds"
                return {"rate": Guess(f"{found[1]}/{unit}", Confidence.CERTAIN, said)}
    return {}
