"""`rest_api_source` and `rest_api_resources`: dlt's parameters, dlt's DltSource, our reading."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dlt
from dlt.extract import DltResource, DltSource

from homeroom.config import allows_http, check_source, read_privacy, read_sync
from homeroom.dlt_seam import deletes
from homeroom.dlt_seam import extraction as seam
from homeroom.dlt_seam.current_run import remove_second_copies
from homeroom.errors import ConfigError, Problem
from homeroom.fetch.transport import aiohttp_transport, chosen_transport
from homeroom.keys import Came
from homeroom.plan import ResourcePlan, SourcePlan, build_plan, refreshing, resource_name, spanning
from homeroom.rejects import Reject
from homeroom.report import build_report
from homeroom.secrets import read_dlt_secret
from homeroom.source.entrance import LEFT_OUT
from homeroom.source.options import ReadingOptions
from homeroom.source.reading import Reading
from homeroom.source.scopes import Scope
from homeroom.values import Report, SyncSettings

if TYPE_CHECKING:
    from dlt.common.schema import Schema
    from dlt.common.schema.typing import TSchemaContract
    from dlt.sources.rest_api.typing import RESTAPIConfig

SECTION = NAME = "rest_api"
"""dlt's own: secrets and state of a pipeline that changes over are found where dlt left them."""


class RestApiSource(DltSource):
    """A DltSource that knows what its last iteration read."""

    reading: Reading | None = None

    @property
    def report(self) -> Report:
        """What the last iteration (a `pipeline.run`, a `list`) read, resource by resource, and the proof.

        Before the first one every resource is `skipped`.
        """
        if self.reading is None:
            raise ConfigError([])  # pragma: no cover - a source is never made without a reading
        tables = {name: seam.table_name_of(self, name) for name in self.reading.ledger.entries}
        selected = [name for name, resource in self.resources.items() if resource.selected]
        return build_report(self.reading.ledger, tables, selected, name=self.name, started_at=self.reading.started_at)

    def parallelize(self) -> RestApiSource:
        """As in dlt for resources of the user's own; ours are read side by side as they are."""
        ours = self.reading.ledger.entries if self.reading else {}
        for name, resource in self.resources.selected.items():
            if name not in ours:
                seam.parallelize(resource)
        return self

    @property
    def with_cursor(self) -> set[str]:
        """The resources that read from where the last run ended (`incremental`)."""
        plans = self.reading.plan.resources if self.reading else ()
        return {plan.name for plan in plans if plan.incremental is not None}

    @property
    def with_times(self) -> set[str]:
        """Those of which a span of time can be asked: all of these but what is read by change versions."""
        plans = self.reading.plan.resources if self.reading else ()
        return self.with_cursor - {plan.name for plan in plans if plan.by_version}

    @property
    def read_in_part(self) -> set[str]:
        """The resources of which a read asks for new rows alone, by a cursor of their own or of a parent's."""
        names = self.reading.ledger.entries if self.reading else ()
        return {name for name in names if self.reading and self.reading.cursors.reads_in_part(name)}

    def scope(self, name: str) -> Scope | None:
        """The parents that the last read of a child came to a proved end for; None where its rows tell no parent."""
        return None if self.reading is None else self.reading.scope(name)

    @property
    def would_double(self) -> set[str]:
        """The resources whose rows the next run brings again, and whose tables would then hold them twice."""
        names = self.reading.ledger.entries if self.reading else ()
        return {name for name in names if self.reading and self.reading.cursors.would_double(name)}

    @property
    def doubled(self) -> set[str]:
        """The resources whose tables would hold rows twice after a read in full; asked before the read."""
        plans = self.reading.plan.resources if self.reading else ()
        return {plan.name for plan in plans if plan.appends} & self.read_in_part

    def came(self, name: str) -> Came:
        """What the last read of a resource of the config brings to its table."""
        if self.reading is None:
            raise ConfigError([])  # pragma: no cover - a source is never made without a reading
        return self.reading.arrivals.came(self.reading.ledger.entries[name])

    def arrived(self, name: str) -> Came:
        """The same, with the rows that a contract has kept out of the table."""
        if self.reading is None:
            raise ConfigError([])  # pragma: no cover - a source is never made without a reading
        return self.reading.arrivals.arrived(self.reading.ledger.entries[name])

    def rejects(self, names: Collection[str]) -> list[Reject]:
        """The rows of these resources that a contract has kept out of their tables, as far as they are kept."""
        entries = self.reading.ledger.entries.values() if self.reading else ()
        return [reject for each in entries if each.resource in names and each.rejects for reject in each.rejects.kept]

    @property
    def parents(self) -> dict[str, str | None]:
        """Each resource with the one that its requests are made from; None at the top."""
        entries = self.reading.ledger.entries if self.reading else {}
        return {name: entry.parent for name, entry in entries.items()}

    def clone(self, with_name: str | None = None) -> RestApiSource:
        """As in dlt; the clone shares the report, so that `source.with_resources("users")` fills it."""
        # A clone "with a name", even its own, starts the schema's versions anew.
        schema = self.schema.clone() if with_name is None else self.schema.clone(with_name=with_name)
        copy = type(self)(schema, self.section, list(self.resources.values()))
        copy.reading = self.reading
        return copy


def rest_api_source(
    config: RESTAPIConfig,
    name: str | None = None,
    section: str | None = None,
    max_table_nesting: int | None = None,
    root_key: bool | None = None,
    schema: Schema | None = None,
    schema_contract: TSchemaContract | None = None,
    parallelized: bool = False,
    *,
    sync: Mapping[str, Any] | None = None,
    privacy: Mapping[str, Any] | None = None,
) -> RestApiSource:
    """A drop-in for dlt's `rest_api_source`: the same config, the same tables, nothing lost in silence.

    In a plain `pipeline.run` a resource that fails or is incomplete raises at the end of extraction, so
    that nothing of the source is loaded. `source.report` says what was read and what that proves.
    `sync={"journal": True}` keeps pages on disk, so that the next run of the pipeline goes on where one was killed.

    Args:
        config: dltHub's RESTAPIConfig, unchanged.
        name, section, max_table_nesting, root_key, schema, schema_contract, parallelized: as in dlt.
        sync: how to read: the `sync:` section of a config file, as a dict.
        privacy: columns that are not stored as they come: the `privacy:` section, as a dict. Its key is looked up in
            the environment and in dlt's secrets.

    Raises:
        ConfigError: with every problem of the config; nothing has been requested.

    Example:
        >>> source = rest_api_source({
        ...     "client": {"base_url": "https://api.example.com"},
        ...     "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
        ...     "resources": [{"name": "courses", "endpoint": {
        ...         "path": "/v1/courses", "data_selector": "data", "paginator": {"type": "offset", "limit": 100}}}],
        ... })
    """
    own = _copied(config, {})
    settings = _settings(own, sync)
    return make_source(
        own,
        settings,
        _options(own, settings, sync, privacy),
        name=name,
        section=section,
        max_table_nesting=max_table_nesting,
        root_key=root_key,
        schema=schema,
        schema_contract=schema_contract,
        parallelized=parallelized,
    )


def rest_api_resources(
    config: RESTAPIConfig, *, sync: Mapping[str, Any] | None = None, privacy: Mapping[str, Any] | None = None
) -> list[DltResource]:
    """The resources of a config, parents before children, as dlt's `rest_api_resources` gives them.

    Raises `ConfigError` with every problem of the config.
    """
    own = _copied(config, {})
    settings = _settings(own, sync)
    return _resources(_reading(own, settings, _options(own, settings, sync, privacy)))


def make_source(
    config: Mapping[str, Any],
    settings: SyncSettings,
    options: ReadingOptions,
    *,
    name: str | None = None,
    section: str | None = None,
    parallelized: bool = False,
    **dlt_arguments: Any,
) -> RestApiSource:
    """A source of a config that was checked; `dlt_arguments` are those of `dlt.source`.

    Raises `ConfigError` where planning finds what checking could not.
    """
    held: list[Reading] = []

    def resources() -> list[DltResource]:
        # Inside of dlt's source function, where a missing credential is looked up in the right section.
        held.append(_reading(config, settings, options))
        return _resources(held[-1])

    factory = dlt.source(
        resources, name=name or NAME, section=section or SECTION, _impl_cls=RestApiSource, **dlt_arguments
    )
    source: RestApiSource = factory()
    source.reading = held[-1]
    return source.parallelize() if parallelized else source


def _copied(value: Any, seen: dict[int, Any]) -> Any:
    """A copy of plain containers, one for each: dlt writes into some, and the config would not be known again."""
    if type(value) not in (dict, list):
        return value
    if id(value) not in seen:
        pairs = value.items() if type(value) is dict else enumerate(value)
        copies = {key: _copied(item, seen) for key, item in pairs}
        seen[id(value)] = copies if type(value) is dict else list(copies.values())
    return seen[id(value)]


def _settings(config: Mapping[str, Any], sync: Mapping[str, Any] | None) -> SyncSettings:
    if problems := check_source(config):
        raise ConfigError(problems)
    settings = read_sync(sync or {}, resources=[resource_name(resource) for resource in config["resources"]])
    settings = replace(settings, insecure_http=allows_http(os.environ))
    if settings.keep_raw:
        hint = "homeroom replay rebuilds what homeroom sync has loaded: leave it out, or use homeroom.sync"
        raise ConfigError(
            [Problem("sync.keep_raw", "is for homeroom sync alone", "True", "false", hint, code="settings-conflict")]
        )
    for name, each in settings.resources.items():
        hint = "a plain pipeline.run deletes nothing: leave it out, or use homeroom.sync"
        if each.deletes != "keep":
            at = f"sync.resources.{name}.deletes"
            raise ConfigError(
                [Problem(at, "is for homeroom sync alone", repr(each.deletes), "keep", hint, code="settings-conflict")]
            )
        if each.parent_column is not None:
            at = f"sync.resources.{name}.parent_column"
            raise ConfigError(
                [
                    Problem(
                        at, "is for homeroom sync alone", repr(each.parent_column), hint=hint, code="settings-conflict"
                    )
                ]
            )
    return settings


def _options(
    config: Mapping[str, Any],
    settings: SyncSettings,
    sync: Mapping[str, Any] | None,
    privacy: Mapping[str, Any] | None,
) -> ReadingOptions:
    """How a plain `pipeline.run` reads; where its pages are kept, dlt is freed of what a kill may have left."""
    rules = read_privacy(privacy or {}, environ=os.environ, read_secret=read_dlt_secret)
    if not settings.journal:
        return ReadingOptions(privacy=rules)
    # Here: SQLite is for those who keep a journal.
    from homeroom.history import home_folder
    from homeroom.privacy.seal import seal_of
    from homeroom.source.kept import Keeper

    remove_second_copies()
    keeper = Keeper(config, sync or {}, settings.resume_within_s, seal_of(rules, home_folder()))
    return ReadingOptions(keep=keeper.held, privacy=rules)


def _reading(config: Mapping[str, Any], settings: SyncSettings, options: ReadingOptions) -> Reading:
    """A reading over the transport of the options; where that is the default, config and environment choose."""
    plan = build_plan(config, settings, options.privacy.settings)
    if options.span is not None:
        plan = spanning(plan, *options.span)
    if options.full_refresh:
        plan = refreshing(plan, settings.naming_deleted)
    if options.transport is aiohttp_transport:
        options = replace(options, transport=chosen_transport(plan.session))
    return Reading(plan, settings, options)


def _resources(reading: Reading) -> list[DltResource]:
    made: dict[str, DltResource] = {}
    for name in reading.plan.order:
        plan = _planned(reading.plan, name)
        made[name] = reading.plan.foreign[name] if plan is None else _resource(reading, plan, made)
    return list(made.values())


def _planned(plan: SourcePlan, name: str) -> ResourcePlan | None:
    return next((resource for resource in plan.resources if resource.name == name), None)


def _resource(reading: Reading, plan: ResourcePlan, made: Mapping[str, DltResource]) -> DltResource:
    # dlt's overloads know nothing of `data_from`, which its own rest_api passes here.
    dlt_resource: Any = dlt.resource
    # Everything is read side by side anyway; dlt's threads would only mix up the order of children.
    hints = {key: value for key, value in plan.hints.items() if key != "parallelized"}
    resource: DltResource
    if plan.parent is None:
        resource = dlt_resource(_root_function(reading, plan), **hints)
    else:
        resource = dlt_resource(_child_function(reading, plan), data_from=made[plan.parent], **hints)
    dlts = _dlts_cursor(plan)
    if dlts is not None and plan.parent is None:
        resource = resource(cursor=dlts)
    elif dlts is not None:
        seam.add_cursor(resource, dlts)
    for step in plan.steps:
        for kind, act in step.items():
            {"filter": resource.add_filter, "map": resource.add_map, "yield_map": resource.add_yield_map}[kind](act)
    if plan.steps and not reading.options.strict:
        resource.add_map(lambda row: reading.entrance.known_row(plan.name, row))
        resource.add_filter(lambda row: row is not LEFT_OUT)
    if plan.steps and (reading.entrance.improves or reading.entrance.hiding.hides(plan.name)):
        resource.add_step(seam.LastMap(lambda row: reading.entrance.stored_row(plan.name, row)))
    if reading.marks_deleted(plan.name):
        deletes.add_mark(resource)
    if plan.steps and not reading.options.strict:
        reading.arrivals.watch(plan.name)
        resource.add_step(seam.LastMap(lambda row: reading.arrivals.row(plan.name, row)))
    return resource


def _dlts_cursor(plan: ResourcePlan) -> Any:
    """The `Incremental` that dlt moves, and picks the rows of the resource by; None without one, or with ours."""
    return plan.incremental.cursor if plan.incremental is not None and not plan.queries else None


def _root_function(reading: Reading, plan: ResourcePlan) -> Any:
    if _dlts_cursor(plan) is None:

        def pages() -> Iterator[Any]:
            yield from reading.root_pages(plan)

        return pages

    def pages_from(cursor: Any = None) -> Iterator[Any]:
        yield from reading.root_pages(plan, cursor)

    # By this annotation dlt knows the argument in which to hand in the `Incremental` bound to its state.
    pages_from.__annotations__["cursor"] = dlt.sources.incremental[Any] | None
    return pages_from


def _child_function(reading: Reading, plan: ResourcePlan) -> Any:
    def children(items: Any) -> Iterator[Any]:
        return reading.child_pages(plan, items, None if _dlts_cursor(plan) is None else seam.current_cursor())

    return children
