"""Who asks a host for something, so that all of them are told when it is left alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from homeroom.events import HeldBack, Hook, emit


class Visitors:
    """The resources that have asked one host. Used from one event loop."""

    def __init__(self, clock: Callable[[], float], hooks: Sequence[Hook]) -> None:
        self._clock = clock
        self._hooks = hooks
        self._names: set[str] = set()
        self._held_until = -math.inf

    def come(self, resource: str) -> None:
        """A resource asks; one that comes for the first time in the middle of a wait is told of the rest of it."""
        if resource in self._names:
            return
        self._names.add(resource)
        if (rest_s := self._held_until - self._clock()) >= 1.0:
            emit(self._hooks, HeldBack((resource,), rest_s))

    def hold(self, wait_s: float) -> None:
        """The host is left alone for `wait_s` seconds from now."""
        self._held_until = self._clock() + wait_s
        emit(self._hooks, HeldBack(tuple(sorted(self._names)), wait_s))
