"""Those who are forgotten, as a sync heeds them: their hashes come from the dataset, the keys from here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.config import KEY_SECRET, KEY_VARIABLE, placed
from homeroom.errors import ConfigError, Problem
from homeroom.privacy.forgetting import Forgetter, Forgetting
from homeroom.privacy.seal import has_machine_key, machine_key
from homeroom.secrets import read_dlt_secret
from homeroom.values import Config

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.source.reading import Reading


def privacy_key_of(config: Config) -> str | None:
    """The privacy key, also where no rule of the config hashes by it."""
    return config.privacy.key or os.environ.get(KEY_VARIABLE) or read_dlt_secret(KEY_SECRET)


def forgetter(config: Config, home: Path) -> Forgetter:
    """What hashes the id of whom is to be forgotten: by the privacy key, without one by a key of this machine."""
    key = privacy_key_of(config)
    return Forgetter(key.encode() if key else machine_key(home))


def _forgetters(config: Config, home: Path) -> list[Forgetter]:
    """All that are at hand."""
    key = privacy_key_of(config)
    keys = [*([key.encode()] if key else []), *([machine_key(home)] if has_machine_key(home) else [])]
    return [Forgetter(each) for each in keys]


def heed_forgotten(pipeline: Pipeline, reading: Reading, config: Config, home: Path) -> None:
    """Let a read leave those out who are forgotten in this dataset.

    Raises `ConfigError` where it has a forgotten person whom no key here can tell: they would come back in silence.
    """
    from homeroom.dlt_seam.destination import takes_tables
    from homeroom.dlt_seam.forgotten import buried
    from homeroom.plan import person_of

    if not takes_tables(pipeline):
        return
    found = load.ask(lambda: buried(pipeline))
    if not found:
        return
    own = _forgetters(config, home)
    if strange := found.keys() - {each.mark for each in own}:
        number = sum(len(found[mark]) for mark in strange)
        why = f"{number:,} {'person is' if number == 1 else 'persons are'} forgotten here by a key that is not at hand"
        hint = f"set the privacy key as it was ({KEY_VARIABLE}), or copy pages.key of the machine that did it to {home}"
        raise ConfigError([Problem("privacy", why, hint=hint, code="forgotten-unknown")])
    with placed(config.file):
        person = person_of(reading.plan, config.privacy.settings, config.sync)
    reading.entrance.forgetting = Forgetting(person, own, found)
