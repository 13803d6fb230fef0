"""What dlt raised, brought out of its wrappings and told as one of our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dlt.common.schema.exceptions import DataValidationError

from homeroom.dlt_seam.contracts import contract_error
from homeroom.errors import ContractError, DiskError, HomeroomError, InterruptError, LoadError
from homeroom.interrupts import signal_of
from homeroom.reasons import QUOTED, disk_reason, hint_beside_rows


@contextmanager
def errors_of_dlt(act: str, *, of_rows: bool = False, hint: str = "", folder: str = "") -> Iterator[None]:
    """Bring out what dlt wrapped: ours as it was, an interrupt as ours, anything else as a LoadError.

    `of_rows`: a message may quote a value of a row, so what it quotes is left out. `hint` is what to try next.
    `folder` is where dlt writes files of its own.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise _interrupted(act, error) from error
    except HomeroomError:
        raise
    except Exception as error:
        cause = _deepest(error)
        if not of_rows and (broken := _broken_contract(error)) is not None:
            raise broken from None
        if isinstance(cause, HomeroomError):
            raise cause from None
        if isinstance(cause, KeyboardInterrupt):
            raise _interrupted(act, cause) from None
        if folder and (why := disk_reason(cause, ours=True)):
            # Of the destination's disk its driver tells, and not by an error of the system.
            told = f"could not {act}: {why} in dlt's working folder {folder}; make room there (HOMEROOM_HOME moves it)"
            raise DiskError(told) from error
        line = first_line(cause)
        around = hint_beside_rows(error)
        in_rows = of_rows and around is None
        said = QUOTED.sub("…", line) if in_rows else line
        if of_rows and not in_rows:
            hint = "see that the destination can be reached and written"
        parts = (f"could not {act}: {said.rstrip('.!')}", around or hint)
        raise LoadError("; ".join(filter(None, parts)), in_rows=in_rows) from error


def _broken_contract(error: BaseException | None) -> ContractError | None:
    """What a contract says that dlt asked itself while it read (of a model's fields, or of tables by the row)."""
    resource: str | None = None
    while error is not None:
        resource = getattr(error, "pipe_name", resource)
        if isinstance(error, DataValidationError):
            return contract_error(error, resource, f"resource {resource}" if resource else "could not read")
        error = error.__cause__
    return None


_DOING = {"begin": "beginning", "remove": "removing", "write": "writing"}


def _interrupted(act: str, error: BaseException) -> InterruptError:
    # Where dlt has let its jobs end first, the interrupt is of a kind of its own.
    at_once = not hasattr(error, "signal_code")
    doing = f"{_DOING.get(verb := act.split()[0], f'{verb}ing')}{act.removeprefix(verb)}"
    return InterruptError(f"interrupted while {doing}", number=signal_of(error), at_once=at_once)


def _deepest(error: BaseException) -> BaseException:
    """The error that everything else was raised from; ours wins wherever it stands."""
    while not isinstance(error, HomeroomError | KeyboardInterrupt) and error.__cause__ is not None:
        error = error.__cause__
    return error


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    # A driver's further lines quote the statement, and with it rows; so does dlt at the end of a line.
    text = str(error).rpartition("The actual reason given is:")[2].partition("Offending data item:")[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [type(error).__name__]
    return (" ".join(lines[:2]) if lines[0].endswith(":") else lines[0])[:300]
