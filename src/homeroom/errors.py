"""Everything that Homeroom raises on purpose.

    HomeroomError
    ├── ConfigError      the config is wrong; holds every problem found, not the first   exit 2
    ├── AuthError        the server refused the key, or what the key may see              exit 4
    ├── TransientError   the server kept failing after every retry; try again later       exit 1
    ├── StoppedError     the run was stopped: its deadline is over, or a host is gone     exit 5 or 1
    │   └── DiskError    this machine cannot write: full, or read-only                    exit 5 or 1
    ├── RequestError     the server refused a request, or led away from its own origin    exit 1
    ├── DataError        an answer is not what the config says it is                      exit 1
    │   └── ContractError  a row breaks a schema contract that is frozen                  exit 1
    ├── IncompleteError  rows are known or suspected to be missing                        exit 3
    ├── LoadError        the destination refused                                          exit 1 or 3
    └── InterruptError   stopped by a signal, after a clean flush                         exit 130; SIGTERM: 5 or 1

The exit code is the command line's when nothing landed; 5 is for a run of which at least one page had
arrived, whatever landed, and for any error after which pages are kept for the next run. No message ever holds a
secret or a row's content: what it may name is the resource, the place in the config, the page, the row's number.

Each has a `code`, a short name for its cause that stays the same from version to version (`homeroom.codes`,
docs/errors.md); the text of an error is without it, what the command line prints ends in it.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from homeroom.codes import Code


class HomeroomError(Exception):
    """Base of all errors raised on purpose.

    `code` names the cause; without one it is the class's. `resource` is the resource it happened in, None where there
    is no single one. `by_hand` is the request that failed as a line of curl without its secrets, empty where none did.
    Of one that ended a whole run: `kept` is how many pages the same command, given again, goes on with; `landed`,
    whether tables were committed before, which keep this run's rows.
    """

    code: Code = "own-code-failed"
    resource: str | None
    by_hand: str = ""
    kept: int = 0
    landed: bool = False

    def __init__(self, message: str, *, resource: str | None = None, code: Code | None = None) -> None:
        super().__init__(message)
        self.resource = resource
        if code is not None:
            self.code = code


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a config.

    `path` is the place in the config (`source.resources[2].endpoint.path`, empty for the whole file);
    `value` is already masked where it is a secret, None where there is no value to show; `line`
    counts from 1 and is None where the format or the caller (a Python dict) has no lines. `code` names the cause.
    """

    path: str
    message: str
    value: str | None = None
    allowed: str | None = None
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    code: Code = "wrong-value"

    def __str__(self) -> str:
        parts = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.value is not None:
            parts.append(f"got {self.value}")
        if self.allowed is not None:
            parts.append(f"allowed: {self.allowed}")
        if self.hint is not None:
            parts.append(self.hint)
        return "; ".join(parts)

    @property
    def place(self) -> str:
        """`school.yaml:12: source.client.base_url`, with the parts that are known."""
        file = "" if self.file is None else self.file + (f":{self.line}" if self.line else "")
        return ": ".join(part for part in (file, self.path) if part)


class ConfigError(HomeroomError):
    """The config is wrong. Nothing was requested and nothing was written.

    `problems` holds all that was found, in the order of the file; the message is one line each, `code` the first's.
    """

    code: Code = "wrong-value"
    problems: tuple[Problem, ...]

    def __init__(self, problems: Sequence[Problem], *, resource: str | None = None) -> None:
        code = problems[0].code if problems else None
        super().__init__("\n".join(str(problem) for problem in problems), resource=resource, code=code)
        self.problems = tuple(problems)


class AuthError(HomeroomError):
    """The server answered 401 or 403: the key is wrong, or may not see this. Or no token was given for the key.

    Not retried, but for one new token where the old one was refused. `status` is the answer's, None where no
    token came.
    """

    code: Code = "key-refused"
    status: int | None

    def __init__(
        self, message: str, *, resource: str | None = None, status: int | None = None, code: Code | None = None
    ) -> None:
        super().__init__(message, resource=resource, code=code)
        self.status = status


class TransientError(HomeroomError):
    """The server was unreachable, throttled or broken until the retries were used up."""

    code: Code = "server-failing"


class StoppedError(HomeroomError):
    """The run was stopped in the middle: `sync.deadline` is over, or `retry.stop_after` failures of a host in a row.

    What had landed before stays. Nothing more is asked for: of any host after the deadline, else of that host.
    """

    code: Code = "deadline-over"


class DiskError(StoppedError):
    """This machine cannot write: a disk is full, a file or folder is read-only. Nothing more was read or loaded."""

    code: Code = "cannot-write"


class RequestError(HomeroomError):
    """The server refused a request (another 4xx), or a link or redirect led off the configured origin.

    `status` is the answer's, None where there was no answer to blame.
    """

    code: Code = "request-refused"
    status: int | None

    def __init__(
        self, message: str, *, resource: str | None = None, status: int | None = None, code: Code | None = None
    ) -> None:
        super().__init__(message, resource=resource, code=code)
        self.status = status


class DataError(HomeroomError):
    """An answer is not what the config says: not JSON, no rows where they should be, a null in a key.

    `about` says what a whole answer is instead: `error`, one with a good status; `rows`, one that has none where the
    config looks for them. Empty for everything else.
    """

    code: Code = "rows-unfit"
    about: Literal["", "error", "rows"]

    def __init__(
        self,
        message: str,
        *,
        resource: str | None = None,
        about: Literal["", "error", "rows"] = "",
        code: Code | None = None,
    ) -> None:
        super().__init__(message, resource=resource, code=code)
        self.about = about


class ContractError(DataError):
    """A row breaks a schema contract that is frozen (`schema_contract: freeze`). The run ended, nothing was loaded."""

    code: Code = "contract-broken"


class IncompleteError(HomeroomError):
    """Rows are known or suspected to be missing. In a plain `pipeline.run` nothing of the source is loaded."""

    code: Code = "rows-missing"


class LoadError(HomeroomError):
    """The destination refused. Its package was dropped; the pages that it was made of are kept in the journal.

    `landed`: some tables were committed before, and keep this run's rows. `in_rows`: the reason may be in the rows,
    which would be refused again; else it is around them (a lock, a full disk, a connection).
    """

    code: Code = "load-refused"
    in_rows: bool

    def __init__(
        self,
        message: str,
        *,
        resource: str | None = None,
        landed: bool = False,
        in_rows: bool = False,
        code: Code | None = None,
    ) -> None:
        super().__init__(message, resource=resource, code=code)
        self.landed = landed
        self.in_rows = in_rows


class InterruptError(HomeroomError):
    """Stopped by a signal, `number`. The tables hold what they held before, or whole tables of this run.

    `at_once`: what was under way was not waited for, or not to its end.
    """

    code: Code = "interrupted"
    number: int
    at_once: bool

    def __init__(
        self,
        message: str,
        *,
        resource: str | None = None,
        number: int = signal.SIGINT,
        at_once: bool = False,
        code: Code | None = None,
    ) -> None:
        super().__init__(message, resource=resource, code=code)
        self.number = number
        self.at_once = at_once
