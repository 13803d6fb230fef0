"""The codes of all errors: a short name for each cause that has a next step of its own, and what is known of it.

`docs/errors.md` is written from this registry. A code keeps its meaning from version to version: programs match it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeroom.codes.entry import Code, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Code", "Entry", "explained", "registry", "tagged"]


def tagged(text: str, code: Code | None) -> str:
    """A message with its code at its end, as in `no such file [no-config]`; as it is without a code."""
    return text if code is None else f"{text} [{code}]"


def registry() -> Mapping[Code, Entry]:
    """All entries by their code, in the order of the page."""
    from homeroom.codes.before import BEFORE
    from homeroom.codes.during import DURING

    return {entry.code: entry for entry in (*BEFORE, *DURING)}


def explained(code: Code) -> list[str]:
    """What to say of a code where there is room: what it means, then what to try, a line each."""
    entry = registry()[code]
    return [f"[{code}] {entry.means}", *(f"  try: {each}" for each in entry.to_try)]
