"""What `homeroom init` is told by its flags, checked against what the platform asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from homeroom.catalog.model import Ask, Platform
from homeroom.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Told:
    """Values, names of keys and keys, each by the variable of the platform's YAML."""

    values: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict, repr=False)


def read_flags(
    platform: Platform,
    base_url: str | None,
    settings: Sequence[str],
    secret_names: Sequence[str],
    secret_files: Sequence[str],
) -> Told:
    """All flags at once. Raises `ConfigError` for the first that does not fit; never shows what may be a key."""
    told = Told()
    if base_url is not None:
        if platform.asks.base_url is None:
            raise _wrong("--base-url", f"{platform.title} has one address for everybody", None, "leave it out")
        told.values[platform.asks.base_url.variable] = right_value(platform.asks.base_url, base_url, "--base-url")
    for setting in settings:
        ask, value = _setting(platform, setting)
        told.values[ask.variable] = right_value(ask, value, "--set")
    for each in secret_names:
        variable, name = _of_secret(platform, each, "--secret-name")
        told.names[variable] = right_name(name, "--secret-name")
    for each in secret_files:
        variable, file = _of_secret(platform, each, "--secret-file")
        told.keys[variable] = _key_in(Path(file))
    check_names(platform, told.names)
    return told


def check_names(platform: Platform, names: Mapping[str, str]) -> None:
    """Raises `ConfigError` where two keys would have one name."""
    given = [names.get(secret.variable, secret.variable) for secret in platform.asks.secrets]
    for name in {name for name in given if given.count(name) > 1}:
        raise _wrong("--secret-name", "two keys cannot have one name", None, None, repr(name))


def right_value(ask: Ask, value: str, where: str) -> str:
    """The value without blanks around it and slashes behind it. Raises `ConfigError` where it cannot be."""
    plain = value.strip().rstrip("/")
    if re.fullmatch(ask.pattern, plain):
        return plain
    with_scheme = f"https://{plain}"
    hint = f"write {with_scheme}" if re.fullmatch(ask.pattern, with_scheme) else None
    raise _wrong(where, f"not {ask.what}", f"such as {ask.example}", hint, repr(value))


def right_name(name: str, where: str) -> str:
    """The name of a key: of an environment variable. Raises `ConfigError` for what is none, without showing it."""
    plain = name.strip()
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", plain):
        return plain
    hint = "this is the name under which the key is found, not the key"
    raise _wrong(where, "not the name of an environment variable", "capitals, digits and _", hint)


def _setting(platform: Platform, setting: str) -> tuple[Ask, str]:
    variable, equals, value = setting.partition("=")
    asks = {ask.variable: ask for ask in platform.values}
    if variable in {secret.variable for secret in platform.asks.secrets}:
        hint = "put it into a file and say --secret-file, or export it"
        raise _wrong("--set", f"`{variable}` is a key, and others can read a command line", None, hint)
    if variable in asks and equals:
        return asks[variable], value
    near = get_close_matches(variable, asks, n=1)
    nearest = f"did you mean `{near[0]}`?" if near else None
    allowed = ", ".join(f"{each}=VALUE" for each in asks) or "nothing: this platform asks for keys alone"
    raise _wrong("--set", "not what this platform asks for", allowed, nearest, repr(variable))


def _of_secret(platform: Platform, text: str, where: str) -> tuple[str, str]:
    """The variable that `[VARIABLE=]TEXT` is about, and its text. Of a single key it may be left out."""
    variables = [secret.variable for secret in platform.asks.secrets]
    variable, equals, rest = text.partition("=")
    if equals and variable in variables:
        return variable, rest
    if len(variables) == 1:
        return variables[0], text
    allowed = ", ".join(f"{each}=…" for each in variables)
    raise _wrong(where, "does not say which key it is about", allowed)


def _key_in(file: Path) -> str:
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise _wrong("--secret-file", f"cannot be read ({why})", None, None, repr(str(file))) from None
    if not key:
        raise _wrong("--secret-file", "holds no key", None, None, repr(str(file)))
    return key


def _wrong(
    where: str, message: str, allowed: str | None = None, hint: str | None = None, value: str | None = None
) -> ConfigError:
    return ConfigError([Problem(where, message, value, allowed, hint, code="wrong-flag")])
