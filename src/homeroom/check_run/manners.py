"""Which resources are still asked for, after what came of others. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from homeroom.errors import AuthError, HomeroomError, StoppedError, TransientError
from homeroom.plan import ResourcePlan

MOST_REFUSALS = 2
"""How often a key is tried that was never accepted: some platforms lock who goes on."""


def parentless(plan: ResourcePlan, known: Container[str], rows: Mapping[str, Sequence[Any]]) -> str:
    """Why a child cannot be asked for; empty where it can, or is none. `rows` are those that came, by resource."""
    if plan.parent is None or rows.get(plan.parent):
        return ""
    if plan.parent not in known:
        return f"its parent {plan.parent} is a DltResource of yours, whose rows are not known here"
    if plan.parent not in rows:
        return f"its parent {plan.parent} was not read"
    return f"its parent {plan.parent} has no row to ask with"


class Manners:
    """What the first answers of a config said of those to come."""

    def __init__(self) -> None:
        self._is_answered = False
        self._unreached = ""
        self._accepted: set[int] = set()
        self._refused: dict[int, int] = {}

    def why_not(self, plan: ResourcePlan) -> str:
        """Why a resource is not asked for; empty where it is."""
        if self._unreached and not self._is_answered:
            return f"not asked: there was no answer for {self._unreached}"
        if self._refused.get(id(plan.auth), 0) >= MOST_REFUSALS and not self.was_accepted(plan):
            return f"not asked: the key was refused {MOST_REFUSALS} times, and some platforms lock who goes on"
        return ""

    def was_accepted(self, plan: ResourcePlan) -> bool:
        """Whether the key of a resource has brought a page, of this one or another."""
        return id(plan.auth) in self._accepted

    def remember(self, plan: ResourcePlan, error: HomeroomError | None, *, has_page: bool) -> None:
        """Note what a first answer was."""
        if isinstance(error, TransientError | StoppedError):
            self._unreached = self._unreached or plan.name
            return
        self._is_answered = True
        if has_page:
            self._accepted.add(id(plan.auth))
        elif isinstance(error, AuthError) and error.status != 403:
            self._refused[id(plan.auth)] = self._refused.get(id(plan.auth), 0) + 1
