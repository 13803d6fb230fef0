"""Those who are forgotten, as a sync heeds them: their hashes come from the dataset, the keys from here."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.config import KEY_SECRET, KEY_VARIABLE, placed
from homeroom.errors import ConfigError, Problem
from homeroom.privacy import Hider
from homeroom.privacy.forgetting import Forgetter, Forgetting
from homeroom.privacy.seal import has_machine_key, machine_key
from homeroom.secrets import read_dlt_secret
from homeroom.values import Config

if TYPE_CHECKING:
    from dlt import Pipeline

    from homeroom.source.reading import Reading


KEYS_BEFORE = "HOMEROOM_PRIVACY_KEYS_BEFORE"
_SECRET_BEFORE = "homeroom.privacy_keys_before"


def privacy_key_of(config: Config) -> str | None:
    """The privacy key, also where no rule of the config hashes by it."""
    return config.privacy.key or os.environ.get(KEY_VARIABLE) or read_dlt_secret(KEY_SECRET)


def _keys_at_hand(config: Config) -> list[str]:
    """The privacy key and those that were in use before, by which persons may be forgotten; each once."""
    told = os.environ.get(KEYS_BEFORE) or read_dlt_secret(_SECRET_BEFORE) or ""
    before = [told, *told.split()]  # a single one may have spaces in it
    return [key for key in dict.fromkeys((privacy_key_of(config), *before)) if key]


def forgetter(config: Config, home: Path) -> Forgetter:
    """What hashes the id of whom is to be forgotten: by the privacy key, without one by a key of this machine."""
    key = privacy_key_of(config)
    return Forgetter(key.encode() if key else machine_key(home))


def forms_of(person: str, config: Config, noted: Collection[str]) -> list[str]:
    """An id in all forms in which rows may have it: as it is, and hashed by each privacy key that is at hand.

    `noted` are the marks of the keys by which rows are hashed. Raises `ConfigError` where one of these keys is not.
    """
    own = [Hider(key) for key in _keys_at_hand(config)]
    if {*noted} - {each.mark for each in own}:
        why = "rows are hashed here by a privacy key that is not at hand, and nobody can find the person in them"
        hint = f"give the key of then in {KEYS_BEFORE}, or take another by homeroom sync --rekey first"
        raise ConfigError([Problem("privacy", why, hint=hint, code="rows-hidden-otherwise")])
    return [person, *(hashed for each in own for hashed in each.hashes([person]))]


def _forgetters(config: Config, home: Path) -> list[Forgetter]:
    """All that are at hand."""
    keys = [key.encode() for key in _keys_at_hand(config)]
    return [Forgetter(each) for each in (*keys, *([machine_key(home)] if has_machine_key(home) else []))]


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
        hint = f"give the key of then in {KEYS_BEFORE}, or copy pages.key of the machine that did it to {home}"
        raise ConfigError([Problem("privacy", why, hint=hint, code="forgotten-unknown")])
    with placed(config.file):
        person = person_of(reading.plan, config.privacy.settings, config.sync)
    reading.entrance.forgetting = Forgetting(person, own, found)
