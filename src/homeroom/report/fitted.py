"""What of a report goes on one screen: all that is wrong, then as much of the rest as there is room for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from homeroom.values import ResourceReport, Status

_HEAD = 2
"""Lines above the first row of a table."""
_SURE = (Status.COMPLETE, Status.UNPROVED)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The resources that get a row, the remarks that get a line, and what is said of the others; empty for none."""

    rows: tuple[str, ...]
    remarks: tuple[str, ...]
    rest: str = ""


def fit(
    lines: Mapping[str, ResourceReport], remarks: Sequence[tuple[str, str]], run_id: str, *, width: int, room: int
) -> Fitted:
    """What is shown in `room` lines of `width` columns; `remarks` are resources, or empty texts, with what is said.

    Resources that are not whole, and what is said of them, are shown in any case, also where that is more than a
    screen. Where not all fit, they come first.
    """
    texts = [text for _, text in remarks]
    if not lines or _HEAD + len(lines) + sum(_height(text, width) for text in texts) <= room:
        return Fitted(tuple(lines), tuple(texts))
    wrong = [name for name, line in lines.items() if line.status not in _SURE]
    needed = [text for name, text in remarks if not name or name in wrong]
    # By how much there is to say of them: what is not proved before what is.
    others = sorted((name for name in lines if name not in wrong), key=lambda name: -lines[name].status.rank)
    longest = _rest([lines[name] for name in others], len(remarks), run_id)
    room -= _HEAD + len(wrong) + sum(_height(text, width) for text in (*needed, longest))
    shown = others[: max(0, room)]
    room -= len(shown)
    kept = []
    for name, text in remarks:
        if text in needed or (name in shown and _height(text, width) <= room):
            room -= 0 if text in needed else _height(text, width)
            kept.append(text)
    left = [lines[name] for name in others[len(shown) :]]
    return Fitted((*wrong, *shown), tuple(kept), _rest(left, len(texts) - len(kept), run_id))


def _rest(left: Sequence[ResourceReport], remarks: int, run_id: str) -> str:
    """`31 more, all complete: 1,234,567 rows; homeroom show RUN lists them`."""
    parts = []
    if left:
        counts = Counter(str(line.status) for line in left)
        first = next(iter(counts))
        statuses = f"all {first}" if len(counts) == 1 else ", ".join(f"{n} {status}" for status, n in counts.items())
        rows = sum(line.rows_received for line in left)
        parts.append(f"{len(left)} more, {statuses}: {'1 row' if rows == 1 else f'{rows:,} rows'}")
    if remarks:
        parts.append("1 remark" if remarks == 1 else f"{remarks} remarks")
    if not parts:
        return ""
    it = "it" if len(left) + remarks == 1 else "them"
    return f"{' and '.join(parts)}; homeroom show {run_id} lists {it}"


def _height(text: str, width: int) -> int:
    return max(1, len(wrap(text, width)))
