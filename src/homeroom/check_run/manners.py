"""Which resources are still asked for, after what came of others. Pure."""

from __future__ import annotations

from homeroom.errors import AuthError, HomeroomError, StoppedError, TransientError
from homeroom.plan import ResourcePlan

MOST_REFUSALS = 2
"""How often a key is tried that was never accepted: some platforms lock who goes on."""


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
