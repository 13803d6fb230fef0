"""What a check says: one finding for each aspect of each resource, and what they come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Line = tuple["Outcome", str]
"""One thing that was seen of an aspect."""


class Outcome(StrEnum):
    """How an aspect came out, from best to worst. Nothing but `failed` makes a check fail."""

    OK = "ok"
    UNTESTED = "not tested"
    WARNING = "warning"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Outcome).index(self)


class Aspect(StrEnum):
    """What is looked at, in the order in which it is told."""

    AUTH = "auth"
    PATH = "path"
    ENVELOPE = "envelope"
    PAGING = "paging"
    KEYS = "keys"
    TYPES = "types"
    FILTER = "filter"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one aspect of one resource. The text never holds a secret or a value of a row."""

    resource: str
    aspect: Aspect
    verdict: Outcome
    text: str
    code: str | None = None
    """What an error in place of rows is for; it stands at the end of the text too."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings of a config, by resource in reading order. `requests` are those that were sent, retries included."""

    name: str
    findings: tuple[Finding, ...]
    requests: int

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that something is said of."""
        return tuple(dict.fromkeys(finding.resource for finding in self.findings))

    @property
    def failed(self) -> tuple[str, ...]:
        """The resources of which something has failed."""
        wrong = {finding.resource for finding in self.findings if finding.verdict is Outcome.FAILED}
        return tuple(name for name in self.resources if name in wrong)

    @property
    def passes(self) -> bool:
        """Whether nothing has failed. A warning is no failure."""
        return not self.failed

    @property
    def exit_code(self) -> int:
        """The command line's: 0 all passes, 3 some resources do, 4 none does and all were refused, else 1."""
        if self.passes:
            return 0
        if any(found.verdict is Outcome.OK for found in self.findings if found.resource not in self.failed):
            return 3
        refusals = (Aspect.AUTH, Aspect.RIGHTS)
        refused = {f.resource for f in self.findings if f.verdict is Outcome.FAILED and f.aspect in refusals}
        return 4 if refused.issuperset(self.failed) else 1


def finding(resource: str, aspect: Aspect, *lines: Line) -> Finding:
    """One finding of all that was seen of an aspect: as bad as the worst of it, which is told first."""
    ordered = sorted(lines, key=lambda line: -line[0].rank)
    return Finding(resource, aspect, ordered[0][0], "; ".join(text for _, text in ordered))


def untested(resource: str, aspects: Iterable[Aspect], why: str) -> list[Finding]:
    """Findings of what could not be looked at, for one reason."""
    return [Finding(resource, aspect, Outcome.UNTESTED, why) for aspect in aspects]
