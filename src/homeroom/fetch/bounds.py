"""What an answer may be at most (`sync.limits`), and which packings may be asked for. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from homeroom.fetch import failures
from homeroom.fetch.protocol import TransportError
from homeroom.values import LimitSettings

_MB = 1_000_000
_UNSUSPECTED = 1_000_000
"""A body up to this many bytes may be packed as tightly as it likes: a page of empty rows is."""
_PACKINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"})
"""Of other words in Content-Encoding (`utf-8`, often) is known that they stand there by mistake."""


@dataclass(slots=True)
class BodyGauge:
    """Watches one body as it comes in."""

    host: str
    limits: LimitSettings
    size: int = 0

    def count(self, unpacked: int, sent: int | None) -> None:
        """So many bytes more; `sent` are those that came over the wire so far, None where that is not known.

        Raises `TransportError` as soon as a limit is passed.
        """
        self.size += unpacked
        if self.size > self.limits.body_mb * _MB:
            raise self._too_large()
        if sent and self.size > _UNSUSPECTED and self.size > sent * self.limits.decompression:
            raise self._too_tight()

    def _too_large(self) -> TransportError:
        most = self.limits.body_mb
        words = f"{self.host} sent a body of more than {most} MB (sync.limits.body_mb: {most})"
        return TransportError("limit", f"{words}; ask for smaller pages, or raise it", transient=False)

    def _too_tight(self) -> TransportError:
        most = self.limits.decompression
        words = f"{self.host} sent a body that unpacks to more than {most} times its size"
        hint = "ask for smaller pages, or raise it if the server is to be trusted"
        return TransportError("limit", f"{words} (sync.limits.decompression: {most}); {hint}", transient=False)


def header_too_long(host: str, limits: LimitSettings, hardest_kb: int | None = None) -> TransportError:
    """A header line beyond the limit; `hardest_kb` is what the library bears at most, None for anything."""
    most = limits.header_kb if hardest_kb is None else min(hardest_kb, limits.header_kb)
    words = f"{host} sent a header line longer than {most} kB (sync.limits.header_kb: {limits.header_kb})"
    raisable = hardest_kb is None or limits.header_kb < hardest_kb
    hint = "raise it" if raisable else "requests reads no longer ones: use the aiohttp transport"
    return TransportError("limit", f"{words}; {hint}", transient=False)


def longest_line(headers: Iterable[tuple[str, str]]) -> int:
    """The length of the longest header line, in characters."""
    return max((len(name) + len(value) + 2 for name, value in headers), default=0)


def packings(header: str) -> frozenset[str]:
    """The words of an Accept-Encoding or Content-Encoding header, without their weights."""
    return frozenset(part.partition(";")[0].strip().lower() for part in header.split(",")) - {""}


def readable_packings(asked: str, known: str) -> str:
    """What of the config's Accept-Encoding may be sent: no packing that could not be unpacked.

    `known` is the wire's own header. Where nothing is left (`br` alone, or `*`) it takes the place.
    """
    allowed = packings(known) | {"identity"}
    kept = [part.strip() for part in asked.split(",") if packings(part) <= allowed and part.strip()]
    return ", ".join(kept) or known


def check_unpacked(host: str, encoding: str | None, known: str) -> None:
    """Raise `TransportError` where a body is still packed: `encoding` is its Content-Encoding."""
    if encoding and (left := (packings(encoding) & _PACKINGS) - packings(known)):
        raise failures.unreadable(host, min(left))
