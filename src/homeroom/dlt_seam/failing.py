"""What dlt raised, brought out of its wrappings and told as one of our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING

from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.common.schema.exceptions import DataValidationError

from homeroom.dlt_seam.contracts import contract_error
from homeroom.errors import ContractError, DataError, DiskError, HomeroomError, InterruptError, LoadError
from homeroom.interrupts import signal_of
from homeroom.reasons import CODES, QUOTED, disk_reason, hint_beside_rows

if TYPE_CHECKING:
    from homeroom.codes import Code

_BEYOND_64 = "64-bit range"
"""orjson's words, by which dlt writes rows: of a number that is too large it raises no error of its own."""


@contextmanager
def errors_of_dlt(
    act: str, *, of_rows: bool = False, hint: str = "", folder: str = "", stands: str = ""
) -> Iterator[None]:
    """Bring out what dlt wrapped: ours as it was, an interrupt as ours, anything else as a LoadError.

    `of_rows`: a message may quote a value of a row, so what it quotes is left out. `hint` is what to try next.
    `folder` is where dlt writes files of its own. `stands` is what is so all the same.
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
        if act == "read" and isinstance(cause, TypeError) and _BEYOND_64 in str(cause):
            why = "a row has a whole number beyond 64 bits, for which dlt has no place"
            hint = "have it made a text, or left out, by a `map` among the resource's processing_steps"
            raise DataError(f"could not {act}: {why}; {hint}") from error
        if act == "read" and not type(cause).__module__.startswith("dlt."):
            raise _of_code(error, cause) from error
        if (lacking := _without_credentials(error, act)) is not None:
            raise lacking from None
        line = first_line(cause)
        around = hint_beside_rows(error)
        in_rows = of_rows and around is None
        said = QUOTED.sub("…", line) if in_rows else line
        if of_rows and not in_rows:
            hint = "see that the destination can be reached and written"
        parts = (f"could not {act}: {said.rstrip('.!')}", around or hint, stands)
        raise LoadError("; ".join(filter(None, parts)), in_rows=in_rows, code=_code_of(act, around, cause)) from error


def _without_credentials(error: BaseException, act: str) -> LoadError | None:
    """What to set where dlt has found no credentials of the destination, or not all of them."""
    found = next((each for each in _chain(error) if isinstance(each, ConfigFieldMissingException)), None)
    kind = getattr(found and found.config, "destination_type", None)
    if found is None or not isinstance(kind, str):
        return None
    asked = f"DESTINATION__{kind.rpartition('.')[2].upper()}"
    told = f"could not {act}: dlt finds no {' and no '.join(found.fields)} for {kind.rpartition('.')[2]}"
    if "credentials" in found.fields:
        hint = f"write a URL with user and password as the destination, or set {asked}__CREDENTIALS to one"
        return LoadError(f"{told}, or not all of them; {hint}", code="secret-missing")
    return LoadError(f"{told}; set {asked}__{found.fields[0].upper()}", code="secret-missing")


def _of_code(error: BaseException, cause: BaseException) -> LoadError:
    """The error of a step, a filter or a library under one: its words may quote a row, so it is told by its place."""
    at = "".join(
        f" ({Path(frame.f_code.co_filename).name}:{line})" for frame, line in [*walk_tb(cause.__traceback__)][-1:]
    )
    resource = next((str(name) for each in _chain(error) if (name := getattr(each, "pipe_name", None))), None)
    where = f"resource {resource}, " if resource else "could not read: "
    told = f"{where}{type(cause).__name__} was raised{at} by code of the config or a hook, or it is a fault of ours"
    return LoadError(f"{told}; look there", resource=resource, code="own-code-failed")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _code_of(act: str, around: str | None, cause: BaseException) -> Code:
    if type(cause).__name__ == "MissingDependencyException":
        return "wrong-environment"
    if around is not None:
        return CODES[around]
    return "destination-unreachable" if act.startswith(("reach", "begin")) else "load-refused"


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
