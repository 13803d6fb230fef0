"""A config planned: one page of each resource, and what the whole would take."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from homeroom import load
from homeroom.check_run.look import Looker, RequestCount
from homeroom.config import load_config, placed
from homeroom.dlt_seam.cursors import standings_in
from homeroom.dlt_seam.standing import Standing
from homeroom.events import Hook, ResourceStarted, emit
from homeroom.fetch import Engine
from homeroom.fetch.transport import chosen_transport
from homeroom.history import home_folder
from homeroom.plan import ResourcePlan, SourcePlan
from homeroom.plan_run.count import Count, exact
from homeroom.plan_run.estimate import NOTHING, Estimate, estimate
from homeroom.plan_run.meter import Meter
from homeroom.plan_run.model import HostPlanned, PlanReport, ResourcePlanned
from homeroom.plan_run.probe import Probed, Prober
from homeroom.plan_run.timing import Budget, Pull, time_of
from homeroom.secrets import mask_text
from homeroom.source import RestApiSource, make_source
from homeroom.source.options import ReadingOptions
from homeroom.sync_run import SyncOptions, chosen, told_settings
from homeroom.sync_run.state import Unfinished, unfinished_here
from homeroom.values import Config, SyncSettings


def plan(
    config: str | os.PathLike[str],
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    concurrency: int | None = None,
    rate: str | None = None,
    hooks: Sequence[Hook] = (),
    home: Path | None = None,
    insecure_http: bool = False,
) -> PlanReport:
    """What the next sync would ask for: rows, requests and time of each resource, going by one page of it.

    Of a child one parent is asked for. Nothing is written, no cursor moves, and the destination is not asked: where an
    `incremental` stands is what this machine remembers of the last sync.

    Args:
        config: path of a YAML, TOML or JSON file, or `module:attribute`.
        select, exclude: patterns of resource names; parents of a selected child are planned too.
        concurrency: most requests in flight to one host; the config's if None.
        rate: most requests to one host in a time, `10/s` or `600/min`; the config's if None.
        hooks: callables that are given the events of `homeroom.events`.
        home: where local state lies; `HOMEROOM_HOME`, else `~/.homeroom`, if None.
        insecure_http: let keys go over http to other machines.

    Raises:
        ConfigError: the config is wrong, or a pattern fits no resource; nothing was requested.
    """
    options = SyncOptions(
        select=tuple(select),
        exclude=tuple(exclude),
        concurrency=concurrency,
        rate=rate,
        home=home,
        insecure_http=insecure_http,
    )
    return plan_config(load_config(os.fspath(config), environ=os.environ), options, hooks)


def plan_config(config: Config, options: SyncOptions, hooks: Sequence[Hook] = ()) -> PlanReport:
    """`plan` for a config that is already read."""
    settings = told_settings(config.sync, options)
    with placed(config.file):
        source = make_source(config.source, settings, ReadingOptions(privacy=config.privacy))
        assert source.reading is not None
        planned = source.reading.plan
        transport = chosen_transport(planned.session)
    names = _names(source, options)
    known, unfinished = _remembered(config, home_folder(options.home))
    counter, meter, now = RequestCount(), Meter(_now), _now()
    engine = Engine(settings, planned.origins, (counter, *hooks), transport=transport, witness=meter)
    found: list[Probed] = []
    with closing(Looker(engine, settings)) as looker:
        prober = Prober(planned, engine, looker, meter, settings, known, now)
        for each in planned.resources:
            if each.name in names:
                emit(hooks, ResourceStarted(each.name))
                found.append(prober.probe(each))
    reckoned = _Reckoning(config, settings, meter, found, _foreign(planned, names))
    return replace(reckoned.report(counter.requests), notes=tuple(_notes(source, options, names, unfinished)))


def _now() -> datetime:
    return datetime.now(UTC)


def _names(source: RestApiSource, options: SyncOptions) -> set[str]:
    """The resources that would be read: those that are chosen, and all above them."""
    names = chosen([n for n, r in source.resources.items() if r.selected], source.resources, options)
    above = {each for name in names for each in _above(name, source.parents)}
    return {*names, *above}


def _above(name: str, parents: Mapping[str, str | None]) -> list[str]:
    parent = parents.get(name)
    return [] if parent is None else [parent, *_above(parent, parents)]


def _foreign(planned: SourcePlan, names: Collection[str]) -> list[ResourcePlanned]:
    why = "a DltResource of yours, which asks by itself"
    return [ResourcePlanned(name, reason=why) for name in planned.order if name in planned.foreign and name in names]


def _remembered(config: Config, home: Path) -> tuple[dict[str, Standing], Unfinished | None]:
    """What this machine remembers of the config; nothing where it names no destination."""
    if config.destination is None:
        return {}, None
    with placed(config.file):
        target = load.choose_target(config.destination, config.dataset, config.name)
    folder = home / "pipelines" / load.target_id(target) / config.name
    return standings_in(folder), unfinished_here(config, target, home)


def _notes(source: RestApiSource, options: SyncOptions, names: set[str], unfinished: Unfinished | None) -> list[str]:
    chosen_ones = set(chosen([n for n, r in source.resources.items() if r.selected], source.resources, options))
    notes = [f"{name} is read for its children alone" for name in source.resources if name in names - chosen_ones]
    if unfinished is not None:
        of = "" if unfinished.of is None else f" of {unfinished.of:,}"
        here = f"{unfinished.pages:,}{of} pages are here, and not asked for again"
        notes.append(f"an earlier run was not finished: {here}")
    return notes


class _Reckoning:
    """From what was probed to the report."""

    def __init__(
        self,
        config: Config,
        settings: SyncSettings,
        meter: Meter,
        found: Sequence[Probed],
        foreign: Sequence[ResourcePlanned],
    ) -> None:
        self._config = config
        self._settings = settings
        self._meter = meter
        self._found = found
        self._foreign = foreign
        self._estimates: dict[str, Estimate] = {}

    def report(self, requests_made: int) -> PlanReport:
        """All resources, and all hosts."""
        for probed in self._found:
            above = self._estimates.get(probed.plan.parent or "")
            if probed.began is not None:
                parents = None if above is None else above.left
                self._estimates[probed.plan.name] = estimate(probed, parents, self._meter.answer_s(probed.plan.name))
            elif above is not None and above.left == exact(0):
                self._estimates[probed.plan.name] = NOTHING
        lines = (*map(self._line, self._found), *self._foreign)
        settings = self._settings
        return PlanReport(self._config.name, lines, self._hosts(), requests_made, settings.concurrency, settings.rate)

    def _line(self, probed: Probed) -> ResourcePlanned:
        name = probed.plan.name
        if name not in self._estimates:
            reason = mask_text(probed.reason, self._config.secrets)
            return ResourcePlanned(name, reason=reason, failed=probed.failed, refused=probed.refused)
        found, began = self._estimates[name], probed.began
        time = time_of([found.pull], self._budget(_host(probed.plan)))
        came, asked = (0, None) if began is None else (began.first.rows, began.asked if began.is_short else None)
        return ResourcePlanned(name, found.rows, found.pull.requests, time, came, asked, found.size, found.notes)

    def _budget(self, host: str) -> Budget:
        return Budget(self._settings.concurrency, self._settings.rate, self._meter.quota(host))

    def _hosts(self) -> tuple[HostPlanned, ...]:
        pulls: dict[str, list[Pull]] = {}
        for probed in self._found:
            if probed.plan.name in self._estimates:
                pulls.setdefault(_host(probed.plan), []).append(self._estimates[probed.plan.name].pull)
        return tuple(self._host(host, each) for host, each in pulls.items())

    def _host(self, host: str, pulls: Sequence[Pull]) -> HostPlanned:
        requests: Count = sum((pull.requests for pull in pulls), exact(0))
        asked = [pull.answer_s for pull in pulls if pull.answer_s] or [0.0]
        budget = self._budget(host)
        return HostPlanned(host, requests, time_of(pulls, budget), sum(asked) / len(asked), budget.quota)


def _host(plan: ResourcePlan) -> str:
    """The host of a resource's requests, with its port."""
    path = urlsplit(plan.path)
    return path.netloc if path.scheme in ("http", "https") else urlsplit(plan.base_url).netloc
