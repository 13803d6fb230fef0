"""What a draft has found out: guesses, each with its evidence. Both ways, by asking and by reading, end in these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from homeroom.personal import Personal

T = TypeVar("T")


class Confidence(StrEnum):
    """How sure a guess is, from most to least.

    `certain`: asked and answered so, or said by the description in so many words. `likely`: what was seen fits, and
    nothing contradicts it. `guess`: nobody has proved it; it is asked at a terminal, or marked `# check:`.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Guess(Generic[T]):
    """A value, how sure it is, and the evidence: one plain sentence without a secret or a row's content.

    `others` are what else it may be, in order; they are offered at a terminal where it is no more than a guess.
    """

    value: T
    confidence: Confidence
    evidence: str
    others: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a resource's own table, or of one nested in it, as dlt names and types it.

    `table` is the resource's own where empty. `data_type` is None where nothing tells it (only nulls came). `nullable`
    is None where it is not declared: a sample cannot prove that no null ever comes. Of `declared` false only the
    evidence is written, and nothing into `columns:`.
    """

    name: str
    data_type: str | None
    nullable: bool | None = None
    evidence: str = ""
    table: str = ""
    declared: bool = True
    personal: Personal | None = None


@dataclass(frozen=True, slots=True)
class DraftedResource:
    """One resource of the draft.

    `path` is relative to the base URL, with `{resources.NAME.FIELD}` where a parent's row fills it. `params` are
    query parameters that are sent as they are (a page size, for one). `paginator` and `incremental` are in dlt's
    format; `incremental` is the value of `endpoint.incremental`, None where there is no filter to ask with.
    `primary_key` is empty where none was found: rows are then replaced, not merged. `sync` holds the keys of
    `sync.resources.NAME`. `notes` are further facts, each one sentence, for comments alone.
    """

    name: str
    path: Guess[str]
    paginator: Guess[Mapping[str, Any]]
    selector: Guess[str]
    primary_key: Guess[tuple[str, ...]]
    method: str = "GET"
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    json: Mapping[str, Any] | None = None
    incremental: Guess[Mapping[str, Any] | None] | None = None
    columns: tuple[Column, ...] = ()
    include_from_parent: tuple[str, ...] = ()
    sync: Mapping[str, Guess[Any]] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that the config names as `${secret:NAME}` (`variable` in small letters), or a value, as `${VARIABLE}`."""

    variable: str
    what: str
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """What was asked for, or described, and is no resource of the draft; and why, in one sentence."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole config, found out. `auth` is dlt's section with placeholders in place of secrets; None: no key needed.

    `source` says where it is from (a URL, a file); `requests` how many were sent for it, 0 for one that was read.
    `sync` holds keys of the `sync` section but its resources (a rate, for one).
    """

    source: str
    base_url: Guess[str]
    auth: Guess[Mapping[str, Any] | None]
    resources: tuple[DraftedResource, ...]
    secrets: tuple[Secret, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sync: Mapping[str, Guess[Any]] = field(default_factory=lambda: MappingProxyType({}))
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0


def unsure(draft: Draft) -> int:
    """How many guesses of a draft nobody has proved."""
    guesses: list[Guess[Any]] = [draft.base_url, draft.auth, *draft.sync.values()]
    for resource in draft.resources:
        guesses += [resource.path, resource.selector, resource.paginator, resource.primary_key, *resource.sync.values()]
        guesses += [resource.incremental] if resource.incremental is not None else []
    return sum(guess.confidence is Confidence.GUESS for guess in guesses)
