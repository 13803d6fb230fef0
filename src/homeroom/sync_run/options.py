"""What a run may be told beside its config, and what comes of that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from homeroom.config.quantities import read_rate
from homeroom.errors import ConfigError, Problem
from homeroom.source.options import Glance
from homeroom.values import SyncSettings
from homeroom.windows import moment


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a run may be told beside its config.

    `select` and `exclude` are patterns of resource names (`enroll*`); `limit` is the most rows of each
    resource, None for all; `concurrency` and `rate` (`10/s`, `600/min`) override the config's. `home` is
    where local state lives, None for `HOMEROOM_HOME` or `~/.homeroom`. `resume`: an unfinished run is finished.
    `fail_fast`: the first resource that fails or is incomplete ends the run, and nothing is loaded.
    `allow_deletes`: a read that was proved may take away any number of rows.
    `since` and `until` are dates or times: resources with an `incremental` are read for that span alone, and what they
    remember stays; `until` None: now. `full_refresh`: all there is of resources with an `incremental` is read, once.
    `rekey`: tables whose rows were hidden otherwise are made anew, behind a proved read of all their rows.
    `glance`: one resource is looked at instead, as `homeroom preview` does it. `insecure_http`: keys may go over http.
    """

    destination: str | None = None
    dataset: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limit: int | None = None
    concurrency: int | None = None
    rate: str | None = None
    home: Path | None = None
    resume: bool = True
    fail_fast: bool = False
    allow_deletes: bool = False
    since: str | None = None
    until: str | None = None
    full_refresh: bool = False
    rekey: bool = False
    glance: Glance | None = None
    insecure_http: bool = False

    def __post_init__(self) -> None:
        refuse_empty(self.destination, self.dataset)


def refuse_empty(destination: str | None, dataset: str | None) -> None:
    """Raise `ConfigError` for names that are given and empty: a variable of a shell, perhaps, that is not set."""
    given = (("--to", destination), ("--dataset", dataset))
    empty = [flag for flag, text in given if text == ""]
    hint = "name one, or leave it out"
    if problems := [Problem(flag, "is empty", "''", hint=hint, code="wrong-flag") for flag in empty]:
        raise ConfigError(problems)


def told_settings(settings: SyncSettings, options: SyncOptions) -> SyncSettings:
    """The config's settings with what this run was told instead. Raises `ConfigError` for a rate that is none."""
    settings = replace(
        settings,
        tables=settings.tables or "improved",
        insecure_http=settings.insecure_http or options.insecure_http,
    )
    if options.concurrency is not None:
        settings = replace(settings, concurrency=options.concurrency)
    if options.rate is None:
        return settings
    try:
        rate = read_rate(options.rate)
    except ValueError:
        rate = 0.0
    if rate <= 0:
        allowed = "requests in a time, such as 10/s, 600/min or 5000/h"
        raise ConfigError([Problem("--rate", "not a rate", repr(options.rate), allowed, code="wrong-flag")])
    return replace(settings, rate=rate)


def span_of(options: SyncOptions, now: datetime) -> tuple[str, str] | None:
    """The span of time that was asked for; None where none was. Raises `ConfigError` for what is no time."""
    problems = []
    for flag, text in (("--since", options.since), ("--until", options.until)):
        try:
            if text is not None:
                moment(text)
        except ValueError:
            allowed = "such as 2024-08-01 or 2024-08-01T06:00:00Z"
            problems.append(Problem(flag, "is no date or time", repr(text), allowed, code="wrong-flag"))
    if problems:
        raise ConfigError(problems)
    if options.since is not None and options.full_refresh:
        message, hint = "cannot be said with --since, which asks for a part", "leave one of the two out"
        raise ConfigError([Problem("--full-refresh", message, hint=hint, code="wrong-flag")])
    if options.rekey and (options.since is not None or options.limit is not None):
        message, hint = "reads all there is, and a part was asked for", "leave out --since and --limit"
        raise ConfigError([Problem("--rekey", message, hint=hint, code="wrong-flag")])
    if options.since is None:
        if options.until is not None:
            hint = "say where to begin"
            raise ConfigError([Problem("--until", "needs --since", repr(options.until), hint=hint, code="wrong-flag")])
        return None
    until = options.until or now.isoformat(timespec="seconds")
    if moment(options.since) >= moment(until) and options.until is None:
        hint = "without --until a backfill ends now"
        raise ConfigError([Problem("--since", "lies in the future", repr(options.since), hint=hint, code="wrong-flag")])
    if moment(options.since) >= moment(until):
        hint = f"--until is {options.until}"
        raise ConfigError(
            [Problem("--since", "must be before --until", repr(options.since), None, hint, code="wrong-flag")]
        )
    return options.since, until


def with_cursors(names: Sequence[str], known: Collection[str]) -> list[str]:
    """Of the chosen resources those that a span of time can be asked of. Raises `ConfigError` where there is none."""
    left = [name for name in names if name in known]
    if not left:
        hint = "a span of time can be asked of resources with an `incremental` alone"
        message = "no resource has an `incremental`"
        raise ConfigError([Problem("--since", message, ", ".join(names), hint=hint, code="wrong-flag")])
    return left


def refuse_doubled(names: Sequence[str], doubled: Collection[str]) -> None:
    """Raise `ConfigError` where a read in full would bring rows twice to a table of the chosen resources."""
    if wrong := [name for name in names if name in doubled]:
        hint = "leave them out with --exclude, or set write_disposition: merge and primary_key"
        message = "would append rows that are there"
        raise ConfigError([Problem("--full-refresh", message, ", ".join(wrong), hint=hint, code="settings-conflict")])


def chosen(default: Sequence[str], all_names: Collection[str], options: SyncOptions) -> list[str]:
    """The resources to load, in the config's order. Raises `ConfigError` for a pattern that fits none."""
    problems = [
        Problem(
            flag,
            "no resource has such a name",
            repr(given),
            ", ".join(all_names),
            _hint(flag, given, all_names),
            code="unknown-name",
        )
        for flag, patterns in (("--select", options.select), ("--exclude", options.exclude))
        for given in patterns
        if not any(fnmatchcase(name, given) for name in all_names)
    ]
    if problems:
        raise ConfigError(problems)
    wanted = [n for n in all_names if _fits(n, options.select)] if options.select else list(default)
    left = [name for name in wanted if not _fits(name, options.exclude)]
    if not left:
        message, hint = "no resource is left to read", "exclude less"
        raise ConfigError([Problem("--exclude", message, ", ".join(options.exclude), None, hint, code="wrong-flag")])
    return left


def _hint(flag: str, pattern: str, known: Collection[str]) -> str | None:
    names = [name.strip() for name in pattern.split(",")]
    if len(names) > 1:
        return f"one pattern at a time: {' '.join(f'{flag} {name}' for name in names if name)}"
    return _nearest(pattern, known)


def _nearest(word: str, known: Collection[str]) -> str | None:
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else None


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
