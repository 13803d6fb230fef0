"""What there is to know of a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    # The config
    "no-config", "bad-syntax", "unknown-key", "missing-key", "wrong-value", "unknown-name", "wrong-parent",
    "name-taken", "settings-conflict", "secret-missing", "wrong-environment", "wrong-destination",
    "rows-hidden-otherwise", "key-in-the-open", "forgotten-unknown",
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
