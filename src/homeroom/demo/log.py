"""What was asked of the sample school, kept for tests and for `-v`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True, slots=True)
class Request:
    """One request and what became of it; keys are never in it."""

    method: str
    path: str
    query: Mapping[str, str]
    """Of a name sent twice, the first value; a key as ***."""
    status: int
    """0 where the connection was closed without an answer; that of the half answer where it was cut."""
    at: float
    """When it came in: `time.monotonic()`, seconds."""
    resource: str | None
    """The entity whose rows were asked for, or None."""
    posted: Mapping[str, str] = field(default_factory=dict)
    """What the body of a POST asked, as a query would; a key as ***."""


class RequestLog:
    """Requests in the order in which they were answered; safe to use from any thread."""

    def __init__(self, listener: Callable[[Request], None] | None = None) -> None:
        """`listener` hears of each entry once it is kept; None: nobody does."""
        self._entries: list[Request] = []
        self._lock = Lock()
        self._listener = listener

    def add(self, entry: Request) -> None:
        """Keeps the entry, then tells the listener, in the server's thread."""
        with self._lock:
            self._entries.append(entry)
        if self._listener is not None:
            self._listener(entry)

    def snapshot(self) -> list[Request]:
        """All entries so far, in a list of the caller's own."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forgets all entries."""
        with self._lock:
            self._entries.clear()
