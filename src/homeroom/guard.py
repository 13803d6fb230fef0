"""Guard: whether a table may lose what a read did not bring (`replace`, `scd2`, `cdc`).

Rows that a read misses look like rows that the API has deleted. So such a table is loaded only behind a read that was
proved, and not where more is gone than people delete between two runs; else it stays as it was. Where it holds no
row yet, nothing can be lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.values import Status

FEW = 20
"""Rows that may go whatever their share."""

INCREMENTS = (
    "an incremental read brings only what is new, and {way} would take the other rows out of the table {table}; it was "
    "left as it was: merge instead (with scd2, by a merge_key), or take them out by --allow-deletes"
)
"""Why a table that holds rows is not loaded behind a read that did not ask for them."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a load would do to a table.

    `way` is what takes rows away; `held` and `absent` are the rows of the table, and those of them that did not come.
    None where they cannot be counted, `absent` also where it does not matter. `keyed`: rows have a primary key.
    """

    resource: str
    table: str
    way: str
    status: Status
    came: int
    held: int | None
    absent: int | None = None
    keyed: bool = True


def objection(loss: Loss, *, share: float, allowed: bool) -> str | None:
    """Why the table must stay as it was; None where it may be loaded.

    `share` is the part of the table that may go at once; `allowed`: any may, behind a read that was proved.
    """
    if loss.held == 0:
        return None
    if loss.status is not Status.COMPLETE:
        return _unproved(loss)
    if allowed:
        return None
    if loss.came == 0:
        return _emptied(loss)
    if share >= 1:
        return None
    if loss.held is None or loss.absent is None:
        return _uncounted(loss)
    if loss.absent > FEW and loss.absent > share * loss.held:
        return _too_many(loss, loss.absent, loss.held, share)
    return None


def needs_absent(loss: Loss, *, share: float, allowed: bool) -> bool:
    """Whether it matters how many rows are absent: to find out takes a look at all keys of the table."""
    known = loss.held is not None and loss.held > FEW
    return known and loss.status is Status.COMPLETE and loss.came > 0 and not allowed and share < 1


def _unproved(loss: Loss) -> str:
    settings = f"sync.resources.{loss.resource}"
    key = "" if loss.keyed else "a primary_key with "
    return (
        f"{loss.way} would take every row that did not come out of the table {loss.table}, and this read is not "
        f"proved; it was left as it was: prove it by {key}the API's total ({settings}.total_path or total_header), by "
        "offsets (sync.overlap) or by a cursor, or merge instead"
    )


def _emptied(loss: Loss) -> str:
    held = "rows" if loss.held is None else "1 row" if loss.held == 1 else f"{loss.held:,} rows"
    does = {None: "empty", "soft": "mark as deleted all of", "hard": "empty"}[_deleting(loss)]
    shall, left = "if it shall be empty", _left(loss)
    if _deleting(loss):
        shall, left = "if they are deleted", "they were kept"
    return (
        f"0 rows came, and {loss.way} would {does} the table {loss.table}, which holds {held}; "
        f"{left}: {shall}, sync with --allow-deletes"
    )


def _uncounted(loss: Loss) -> str:
    return (
        f"{loss.way} would take every row that did not come out of the table {loss.table}, and this destination cannot "
        f"be asked how many these are; {_left(loss)}: sync with --allow-deletes, or set sync.max_delete_share: 1"
    )


def _too_many(loss: Loss, absent: int, held: int, share: float) -> str:
    does = "mark them as deleted" if _deleting(loss) == "soft" else "take them out"
    raised = ", or raise sync.max_delete_share" if absent < held else ""
    return (
        f"{absent:,} of the {held:,} rows of the table {loss.table} did not come ({absent / held:.1%}, and "
        f"sync.max_delete_share is {share:.4g}), and {loss.way} would {does}; {_left(loss)}: if they "
        f"are deleted, sync with --allow-deletes{raised}"
    )


def _deleting(loss: Loss) -> str | None:
    """`soft` or `hard` of `deletes`; None of what takes rows away by the load itself."""
    way, _, how = loss.way.partition(": ")
    return how if way == "deletes" else None


def _left(loss: Loss) -> str:
    """What has become of the rows: those of the read are merged before any is deleted."""
    return "they were kept, and the rows that came were merged" if _deleting(loss) else "it was left as it was"
