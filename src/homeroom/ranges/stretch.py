"""What a read with random access is made of: stretches of rows or pages, and the bounds that the config sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Why a stretch is asked for."""

    NEXT = "next"
    """It follows the last one."""
    FILL = "fill"
    """A page came short: this is its rest."""
    AGAIN = "again"
    """It came back empty although there are rows behind it."""
    PROBE = "probe"
    """Beyond the announced end, because the last page was full."""
    FAR = "far"
    """At twice the last position: a gap wider than the window would show here."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start`, so many. `of` is the start of the page that a fill completes."""

    start: int
    length: int
    kind: Kind = Kind.NEXT
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the config says of a read.

    `step` is the length of a page, `divisible` tells rows, which can be asked for in any number, from pages.
    `maximum` is the first position that is not to be read, None for all. `window` is the most stretches
    under way while no end is known. `full_page` is the number of rows of a full page, None where it is not known.
    """

    start: int
    step: int
    divisible: bool
    window: int
    maximum: int | None = None
    stops_when_empty: bool = True
    full_page: int | None = None
