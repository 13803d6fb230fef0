"""When a run has to end before its rows do: its time is over, or a host answers nobody any more."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from homeroom.errors import StoppedError
from homeroom.values import SyncSettings

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Watch:
    """What stops a run, over all its requests.

    It belongs to the engine and outlives its event loops, so it holds nothing of asyncio. Called from one
    event loop at a time. `clock` counts seconds and never goes back.
    """

    def __init__(self, settings: SyncSettings, clock: Callable[[], float]) -> None:
        self._deadline_s = settings.deadline_s
        self._stop_after = settings.retry.stop_after
        self._clock = clock
        self._ends_at: float | None = None
        self._failures: dict[str, int] = {}
        self.is_interrupted = False

    def interrupt(self) -> None:
        """The run was told to end: from now on nothing is sent. May be called from any thread, and by a signal."""
        self.is_interrupted = True

    def remaining_s(self) -> float | None:
        """Seconds until the deadline, counted from the first call on; None without one."""
        if self._deadline_s is None:
            return None
        if self._ends_at is None:
            self._ends_at = self._clock() + self._deadline_s
        return self._ends_at - self._clock()

    def check(self, resource: str, origin: str, wait_s: float = 0.0) -> None:
        """Raise `StoppedError` where nothing may be sent to `origin` any more, `wait_s` seconds from now."""
        if self.is_interrupted:
            told = f"resource {resource}, the run was stopped: it was interrupted; run again to finish it"
            raise StoppedError(told, resource=resource, code="interrupted")
        if self.is_gone(origin):
            times = self._failures[origin]
            raise StoppedError(
                f"resource {resource}, the run was stopped: {urlsplit(origin).netloc} failed {times} times in a row "
                f"(sync.retry.stop_after: {self._stop_after}); run again when it is back",
                resource=resource,
                code="host-gone",
            )
        remaining = self.remaining_s()
        if remaining is not None and remaining <= wait_s:
            raise self.too_late(resource, wait_s)

    def too_late(self, resource: str, wait_s: float = 0.0) -> StoppedError:
        """The error of a request that the deadline does not leave time for."""
        told = _told(self._deadline_s or 0.0)
        over = (
            f"a wait of {wait_s:.0f} s would outlast sync.deadline {told}"
            if wait_s
            else f"sync.deadline {told} is over"
        )
        return StoppedError(
            f"resource {resource}, the run was stopped: {over}; run again, with a longer deadline if need be",
            resource=resource,
        )

    def failed(self, origin: str) -> bool:
        """Note a failure of a host; whether that was one too many, so that its waiting requests may go."""
        self._failures[origin] = self._failures.get(origin, 0) + 1
        return self.is_gone(origin)

    def answered(self, origin: str) -> None:
        """Note an answer that was no failure of the host. One that was given up stays so."""
        if not self.is_gone(origin):
            self._failures.pop(origin, None)

    def is_gone(self, origin: str) -> bool:
        """Whether a host has been given up."""
        return self._failures.get(origin, 0) >= self._stop_after


def _told(seconds: float) -> str:
    """A duration as a config would say it: `2h`, `45min`, `90s`."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size and seconds % size == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"
