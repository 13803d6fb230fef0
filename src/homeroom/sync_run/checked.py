"""A config that is checked without asking the API."""

from __future__ import annotations

import os
from dataclasses import dataclass

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.sync_run.fitting import refuse_misfits
from homeroom.values import Config


@dataclass(frozen=True, slots=True)
class Checked:
    """A config that is right, as far as can be told without asking the API.

    `destination` and `dataset` are None where no destination is named.
    """

    name: str
    resources: tuple[str, ...]
    destination: str | None
    dataset: str | None


def check_config(reference: str) -> Checked:
    """Check a config offline: the file, the plan of its resources, its destination, its credentials.

    Raises `ConfigError` with every problem, each with the line it stands on.
    """
    from homeroom.plan import build_plan

    config = load_config(reference, environ=os.environ)
    with placed(reference):
        plan = build_plan(config.source, config.sync, config.privacy.settings)
        target = load.choose_target(config.destination, config.dataset, config.name) if config.destination else None
        if target is not None:
            _refuse_misfits(config, target)
    shown, dataset = (target.shown, target.dataset) if target else (None, None)
    return Checked(config.name, plan.order, shown, dataset)


def _refuse_misfits(config: Config, target: load.Target) -> None:
    from homeroom.source import make_source
    from homeroom.source.options import ReadingOptions

    resources = make_source(config.source, config.sync, ReadingOptions()).resources
    names = [name for name, resource in resources.items() if resource.selected]
    refuse_misfits(resources, names, config.source, config.sync, target)
