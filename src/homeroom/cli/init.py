"""`homeroom init`: a config from the catalogue. Asks at a terminal alone, and there only for what is missing."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from homeroom import catalog
from homeroom.catalog import Ask, Filled, Platform, Secret, Told
from homeroom.cli.console import Voice
from homeroom.cli.schema import write_for_editors
from homeroom.config.editors import editor_line
from homeroom.config.privacy_section import KEY_VARIABLE
from homeroom.errors import ConfigError
from homeroom.privacy_values import Profile


def run_init(
    voice: Voice,
    name: str,
    *,
    output: Path | None,
    base_url: str | None,
    settings: Sequence[str],
    secret_names: Sequence[str],
    secret_files: Sequence[str],
    profile: Profile | None,
    force: bool,
) -> None:
    """Write the config, store the keys that were given, and say what is still to be done."""
    platform = catalog.find_platform(name)
    file = output or Path(f"{platform.platform}.yaml")
    catalog.check_output(file, force=force)
    told = catalog.read_flags(platform, base_url, settings, secret_names, secret_files)
    catalog.check_secrets(_named(told), force=force)
    if sys.stdin.isatty() and sys.stderr.isatty():
        told = _ask(voice, platform, told)
        catalog.check_names(platform, told.names)
        catalog.check_secrets(_named(told), force=force)
        profile = profile or _profile(voice)
    profile = profile or "standard"
    filled = catalog.fill(platform, _config_name(file), told.values, told.names, profile)
    if told.keys:
        catalog.store_secrets(_named(told))
    catalog.write_config(file, f"{editor_line(file)}\n{filled.text}")
    write_for_editors(voice, file)
    _tell(voice, platform, file, filled, told)
    _tell_next(voice, file, profile)


def _named(told: Told) -> dict[str, str]:
    """The keys by the names under which they are stored."""
    return {told.names.get(variable, variable): key for variable, key in told.keys.items()}


def _config_name(file: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", file.stem).strip("_") or "school"


def _ask(voice: Voice, platform: Platform, told: Told) -> Told:
    """What flags have not told. An empty answer leaves a value to the environment."""
    told = replace(told, values=dict(told.values), names=dict(told.names), keys=dict(told.keys))
    for ask in platform.values:
        if ask.variable not in told.values and (value := _value(voice, ask)):
            told.values[ask.variable] = value
    for secret in platform.asks.secrets:
        voice.say(_where(secret))
        if secret.variable not in told.names:
            name = _until_right(voice, lambda secret=secret: _name(secret))  # type: ignore[misc]
            told.names[secret.variable] = name
        if secret.variable not in told.keys and (key := _key(secret)):
            told.keys[secret.variable] = key
    return told


def _value(voice: Voice, ask: Ask) -> str:
    def once() -> str:
        text: str = typer.prompt(f"{ask.what}, such as {ask.example}", default="", show_default=False, err=True)
        return catalog.right_value(ask, text, ask.variable) if text.strip() else ""

    return _until_right(voice, once)


def _name(secret: Secret) -> str:
    text: str = typer.prompt(f"the name under which the {secret.what} is found", default=secret.variable, err=True)
    return catalog.right_name(text, secret.variable)


def _key(secret: Secret) -> str:
    if not typer.confirm(f"store the {secret.what} in {catalog.SECRETS} now", default=False, err=True):
        return ""
    text: str = typer.prompt(f"{secret.what} (not shown)", default="", show_default=False, hide_input=True, err=True)
    return text.strip()


def _profile(voice: Voice) -> Profile:
    """Which profile of personal data; the first letters will do."""
    for each, means in catalog.MEANS.items():
        voice.say(f"  {each:12}  {means}")
    while True:
        said: str = typer.prompt("which profile of personal data", default="standard", err=True)
        found: list[Profile] = [each for each in catalog.MEANS if each.startswith(said.strip().lower() or "?")]
        if len(found) == 1:
            return found[0]


def _until_right(voice: Voice, once: Callable[[], str]) -> str:
    while True:
        try:
            return once()
        except ConfigError as error:
            voice.say(str(error))


def _where(secret: Secret) -> str:
    return f"{secret.what}: {secret.where}. Grant it: {'; '.join(secret.permissions)}"


def _tell(voice: Voice, platform: Platform, file: Path, filled: Filled, told: Told) -> None:
    count = len(platform.resource_names)
    voice.say(f"{file}: {platform.title}, {count} resources into {catalog.DESTINATION} ({platform.verified})")
    for ask in filled.unset:
        if ask.variable not in os.environ:
            voice.say(f"set {ask.what}: export {ask.variable}={shlex.quote(ask.example)}")
    for secret, name in filled.secrets:
        if secret.variable in told.keys:
            voice.say(f"{name.lower()} is in {catalog.SECRETS}, readable by you alone; keep it out of version control")
            continue
        if name not in os.environ:
            voice.say(f'set the {secret.what}: export {name}=…  or {name.lower()} = "…" in {catalog.SECRETS}')
        voice.say(f"  {_where(secret)}")


def _tell_next(voice: Voice, file: Path, profile: Profile) -> None:
    voice.say(f"privacy, {profile}: {catalog.MEANS[profile]}")
    if profile == "deidentified" and KEY_VARIABLE not in os.environ:
        voice.say(f'set the privacy key, and keep a copy: export {KEY_VARIABLE}="$(homeroom privacy key)"')
    quoted = shlex.quote(str(file))
    voice.say(f"next: homeroom validate {quoted} && homeroom sync {quoted}")
