"""Forgetting a person: out of the tables, out of what lies on this machine, and out of what later syncs bring.

The person is noted as forgotten first. So whatever a kill leaves is finished by the same command, and no sync in
between brings anything back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.errors import ConfigError, Problem
from homeroom.history import home_folder
from homeroom.lock import only_run
from homeroom.privacy.forgetting import Sieve
from homeroom.rejects import TABLE as REJECTS
from homeroom.sync_run.forgotten import forgetter, forms_of, privacy_key_of
from homeroom.sync_run.local_pages import drop_pages
from homeroom.sync_run.options import SyncOptions
from homeroom.sync_run.owed import without_parents
from homeroom.sync_run.replay_folder import finish_replays
from homeroom.values import Config

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.dlt_seam.forgotten import Removed
    from homeroom.privacy.person import Person


_SURE = 6
"""Characters from which an id is the person's wherever a rejected row has it; shorter ones are any number's."""


@dataclass(frozen=True, slots=True)
class _Who:
    """Where persons are, the resources whose rows do not tell whose they are, and the table of each resource."""

    person: Person
    untold: tuple[str, ...]
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed of a person; with `dry` what would be.

    `person` is the column with the ids, `columns` all that are known to hold such ids, `tables` what became of rows,
    `rejected` and `staged` the rows that went there.
    `files` are those of pages that went, `pending` packages that waited in dlt's folder. `untold` are resources whose
    rows do not tell whose they are. `by_machine`: only this machine's own key knows the person again.
    """

    name: str
    where: str
    dataset: str
    person: str
    columns: tuple[str, ...]
    tables: tuple[Removed, ...]
    rejected: int
    staged: int
    files: tuple[str, ...]
    pending: int
    untold: tuple[str, ...]
    by_machine: bool
    dry: bool

    @property
    def rows(self) -> int:
        """All rows that were deleted or emptied."""
        return sum(each.rows for each in self.tables) + self.rejected + self.staged


def forget(
    reference: str,
    person: str,
    options: SyncOptions,
    *,
    dry: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Forgotten:
    """Forget a person, whose id is `person` as the platform writes it, in the dataset of a config; see docs/forget.md.

    `options` may name another destination or dataset, and `home`. With `dry` nothing is changed.

    Raises:
        ConfigError: nothing was synced there, it takes no deletes, or nothing tells where the persons are.
        LoadError: the destination failed, or a sync is running; forget again, and what is left is done.
        DiskError: the key or the files of this machine cannot be written.
    """
    if not person.strip():
        raise ConfigError(
            [Problem("--person", "is empty", repr(person), "an id as the platform writes it", code="wrong-flag")]
        )
    config = load_config(reference, environ=os.environ)
    home = home_folder(options.home)
    with placed(config.file):
        who = _who(config)
        target = _target(config, options)
    with _opened(config, reference, target, home, dry=dry) as (pipeline, pending):
        return _forgotten(config, target, home, pipeline, who, person, pending, now, dry=dry)


def _target(config: Config, options: SyncOptions) -> load.Target:
    at = ("--to" if options.destination else "destination", "--dataset" if options.dataset else "dataset")
    destination, dataset = options.destination or config.destination, options.dataset or config.dataset
    return load.choose_target(destination, dataset, config.name, at=at)


def _who(config: Config) -> _Who:
    from homeroom.plan import build_plan, person_of, table_of, untold

    plan = build_plan(config.source, config.sync, config.privacy.settings)
    found = person_of(plan, config.privacy.settings, config.sync)
    return _Who(found, tuple(untold(plan, found)), {each.name: table_of(each) for each in plan.resources})


@contextmanager
def _opened(
    config: Config, reference: str, target: load.Target, home: Path, *, dry: bool
) -> Iterator[tuple[Pipeline, int]]:
    """The pipeline as the destination knows it, and how many packages waited in its folder."""
    if dry:
        with load.our_settings(target), TemporaryDirectory(prefix="homeroom-") as folder:
            pipeline = load.open_pipeline(target, config.name, Path(folder))
            _refuse_missing(pipeline, reference, target)
            load.restore(pipeline)
            _refuse(pipeline, reference, target)
            yield pipeline, 0
        return
    with load.our_settings(target), only_run(home, load.target_id(target), f"{target.shown}, dataset {target.dataset}"):
        finish_replays(target, home)
        pipeline = load.open_pipeline(target, config.name, home)
        _refuse_missing(pipeline, reference, target)
        pending = load.clear_leftovers(pipeline)
        _refuse(pipeline, reference, target)
        yield pipeline, pending


def _refuse(pipeline: Pipeline, reference: str, target: load.Target) -> None:
    from homeroom.dlt_seam.destination import takes_tables

    if not pipeline.default_schema_name:
        raise _nothing_synced(reference, target)
    if not takes_tables(pipeline):
        why, hint = "no single row can be deleted there by SQL", "take the rows out with the tools of that store"
        raise ConfigError([Problem("destination", why, target.shown, hint=hint, code="wrong-destination")])


def _refuse_missing(pipeline: Pipeline, reference: str, target: load.Target) -> None:
    if load.lacks_file(pipeline, target):
        raise _nothing_synced(reference, target)


def _nothing_synced(reference: str, target: load.Target) -> ConfigError:
    where = f"{target.shown}, dataset {target.dataset}"
    hint = f"run homeroom sync {reference} first, or say where it went by --to and --dataset"
    return ConfigError(
        [Problem("CONFIG", "nothing of it was ever synced there", where, hint=hint, code="nothing-synced")]
    )


def _forgotten(
    config: Config,
    target: load.Target,
    home: Path,
    pipeline: Pipeline,
    who: _Who,
    person: str,
    pending: int,
    now: Callable[[], datetime],
    *,
    dry: bool,
) -> Forgotten:
    from homeroom.dlt_seam import forgotten as seam
    from homeroom.dlt_seam.all_versions import schema_as_it_stands
    from homeroom.dlt_seam.noted_rules import keys_noted

    found = who.person
    ids = forms_of(person, config, keys_noted(pipeline, who.tables))
    if not dry:
        own = forgetter(config, home)
        load.ask(lambda: seam.bury(pipeline, own.hash(person), own.mark, found.resource, now()))
    journal_key = f"{config.name}-{load.target_id(target)}"
    files = drop_pages(home, journal_key, config.name, load.target_id(target), dry=dry)
    if not dry:
        without_parents(home / "deletes" / f"{journal_key}.json", ids)
    schema = load.ask(lambda: schema_as_it_stands(pipeline))
    tables = load.ask(lambda: list(seam.remove_person(pipeline, schema, found.act_of, ids, dry=dry)))
    return Forgotten(
        name=config.name,
        where=target.shown,
        dataset=target.dataset,
        person=f"{found.table}.{found.column}",
        columns=tuple(seam.columns_of_persons(schema, found.act_of)),
        tables=tuple(tables),
        rejected=load.ask(lambda: _drop_rejected(pipeline, who, ids, dry=dry)),
        staged=load.ask(lambda: seam.empty_staging(pipeline, schema, dry=dry)),
        files=tuple(map(str, files)),
        pending=pending,
        untold=who.untold,
        by_machine=privacy_key_of(config) is None,
        dry=dry,
    )


def _drop_rejected(pipeline: Pipeline, who: _Who, ids: Sequence[str], *, dry: bool) -> int:
    """Delete the rejected rows that name the person, where a row of a table would, or have the id in any place."""
    from homeroom.dlt_seam import forgotten as seam
    from homeroom.dlt_seam.extraction import column_namer

    wanted, namer = {*ids}, column_namer(pipeline.default_schema)
    plain = {each for each in wanted if len(each) >= _SURE}

    def names(resource: str, row: Any) -> bool:
        sieve = Sieve(who.person, wanted.__contains__, who.tables.get(resource, resource), (), namer)
        return sieve.sift([row]) is not None or _has(row, plain)

    texts = [text for resource, text in seam.rejected_rows(pipeline, REJECTS) if names(resource, _read(text))]
    return seam.drop_rejected(pipeline, REJECTS, texts, dry=dry)


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _has(value: Any, ids: set[str]) -> bool:
    if isinstance(value, dict):
        return any(_has(each, ids) for each in value.values())
    if isinstance(value, list):
        return any(_has(each, ids) for each in value)
    return str(value) in ids
