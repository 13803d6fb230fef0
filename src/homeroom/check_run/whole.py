"""A config tried out against its API: a page of each resource, or two, and what they say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from homeroom.check_run.findings import Aspect, CheckReport, Finding, Outcome, finding
from homeroom.check_run.grants import grants_of, platform_of, told_once
from homeroom.check_run.look import Looker, RequestCount
from homeroom.check_run.refused import coded, words
from homeroom.check_run.resources import Checker
from homeroom.config import load_config, placed
from homeroom.errors import HomeroomError
from homeroom.events import Hook
from homeroom.fetch import Engine
from homeroom.fetch.transport import chosen_transport
from homeroom.secrets import mask_text
from homeroom.source import make_source
from homeroom.source.options import ReadingOptions
from homeroom.source.versions import NAME, Versions
from homeroom.values import Config


def check(config: str | os.PathLike[str], *, hooks: Sequence[Hook] = (), insecure_http: bool = False) -> CheckReport:
    """Try a config out: one page of each resource, two where paging can only be told from the second.

    Of a child one parent is asked for, of the first page. Nothing is written, and no cursor moves.

    Args:
        config: path of a YAML, TOML or JSON file, or `module:attribute`.
        hooks: callables that are given the events of `homeroom.events`.
        insecure_http: let keys go over http to other machines.

    Raises:
        ConfigError: the config is wrong; nothing was requested.
    """
    return check_config(load_config(os.fspath(config), environ=os.environ), hooks, insecure_http=insecure_http)


def check_config(config: Config, hooks: Sequence[Hook] = (), *, insecure_http: bool = False) -> CheckReport:
    """`check` for a config that is already read."""
    open_http = config.sync.insecure_http or insecure_http
    settings = replace(config.sync, tables=config.sync.tables or "improved", insecure_http=open_http)
    with placed(config.file):
        source = make_source(config.source, settings, ReadingOptions(privacy=config.privacy))
        assert source.reading is not None
        plan = source.reading.plan
        transport = chosen_transport(plan.session)
    counter, grants = RequestCount(), grants_of(platform_of(config.file))
    engine = Engine(settings, plan.origins, (counter, *hooks), transport=transport)
    findings: list[Finding] = []
    with closing(Looker(engine, settings)) as looker:
        checker = Checker(plan, source, looker, grants, hooks)
        for name in plan.order:
            findings += checker.findings(name)
        if plan.versions is not None:
            findings.append(_versions(Versions(plan.versions, engine)))
    masked = tuple(replace(each, text=mask_text(each.text, config.secrets)) for each in told_once(findings, grants))
    return CheckReport(config.name, masked, counter.requests)


def _versions(versions: Versions) -> Finding:
    """Whether the newest change version stands where the config says."""
    reading = versions.awaited(NAME, None)
    try:
        while True:
            next(reading)
    except StopIteration:
        return finding(NAME, Aspect.ENVELOPE, (Outcome.OK, "the newest change version is told"))
    except HomeroomError as error:
        return coded(finding(NAME, Aspect.ENVELOPE, (Outcome.FAILED, words(NAME, error))), error)
