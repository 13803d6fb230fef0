"""The codes of all errors: a short name for each cause that has a next step of its own, and what is known of it.

`docs/errors.md` is written from this registry. A code keeps its meaning from version to version: programs match it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Code = Literal[
    # The config
    "no-config", "bad-syntax", "unknown-key", "missing-key", "wrong-value", "unknown-name", "wrong-parent",
    "name-taken", "settings-conflict", "secret-missing", "wrong-environment", "wrong-destination",
    # The command line
    "wrong-flag", "cannot-replay", "nothing-synced",
    # The key
    "key-refused", "right-missing", "token-refused",
    # The network
    "host-unreachable", "tls-failed", "server-failing", "rate-limited", "answer-cut-off", "answer-too-large",
    "request-unsendable", "host-gone", "deadline-over", "interrupted",
    # Requests
    "not-found", "request-refused", "led-away",
    # Answers
    "unreadable-answer", "no-rows-there", "error-answer", "not-ready", "paging-broken",
    # Rows
    "rows-unfit", "null-in-key", "null-in-column", "parent-field-missing", "cursor-unusable", "contract-broken",
    "rows-missing", "deletes-refused",
    # The destination and this machine
    "destination-unreachable", "load-refused", "locked", "cannot-write", "file-damaged",
    # Code of yours, or a fault of ours
    "own-code-failed",
]  # fmt: skip
"""Every code, so that a type checker knows a wrong one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a code. `means` and each of `causes` and `to_try` are whole sentences.

    `exits` are the exit codes of `homeroom sync` where nothing else went wrong.
    """

    code: Code
    group: str
    title: str
    means: str
    causes: tuple[str, ...]
    to_try: tuple[str, ...]
    exits: tuple[int, ...]


def tagged(text: str, code: Code | None) -> str:
    """A message with its code at its end, as in `no such file [no-config]`; as it is without a code."""
    return text if code is None else f"{text} [{code}]"


def registry() -> Mapping[Code, Entry]:
    """All entries by their code, in the order of the page."""
    from homeroom.codes.before import BEFORE
    from homeroom.codes.during import DURING

    return {entry.code: entry for entry in (*BEFORE, *DURING)}


def explained(code: Code) -> list[str]:
    """What to say of a code where there is room: what it means, then what to try, a line each."""
    entry = registry()[code]
    return [f"[{code}] {entry.means}", *(f"  try: {each}" for each in entry.to_try)]
