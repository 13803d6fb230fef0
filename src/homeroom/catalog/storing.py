"""Writes the config, and keys into dlt's secrets.toml, which stays its owner's alone."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from homeroom.errors import ConfigError, DiskError, Problem

SECRETS = Path(".dlt", "secrets.toml")
"""Where dlt looks first, from the folder that a command is run in."""


def check_output(file: Path, *, force: bool) -> None:
    """Raises `ConfigError` where the config cannot or must not be written."""
    if file.suffix not in (".yaml", ".yml"):
        raise _wrong("--output", "the config is YAML", str(file), hint=f"write {file.stem or 'school'}.yaml")
    if not file.parent.is_dir():
        raise _wrong("--output", "there is no such folder", str(file.parent), hint=f"mkdir -p {file.parent}")
    if file.is_dir() or (file.exists() and not force):
        raise _wrong("--output", "it is there already", str(file), hint="--force replaces it, -o names another")


def check_secrets(keys: Mapping[str, str], *, force: bool) -> None:
    """Raises `ConfigError` where secrets.toml is no TOML, or one of the keys (by name) is there with another value."""
    there = _parsed(_read())
    for name, key in keys.items():
        if not force and there.get(name.lower(), key) != key:
            hint = "--force replaces it, --secret-name gives this one another name"
            raise _wrong("", f"{SECRETS} has another `{name.lower()}` already", hint=hint)


def store_secrets(keys: Mapping[str, str]) -> None:
    """Put keys, by name, at the head of secrets.toml, mode 0600; what else stands there stays as it is."""
    text = _read()
    wanted = _parsed(text) | {name.lower(): key for name, key in keys.items()}
    for name in keys:
        text = _without(text, name.lower())
    lines = "".join(f"{name.lower()} = {json.dumps(key, ensure_ascii=False)}\n" for name, key in keys.items())
    text = lines + ("\n" if text and not text.startswith("\n") else "") + text
    if _parsed(text) != wanted:
        raise _wrong("", f"{SECRETS} cannot be changed without changing more", hint="write the keys into it yourself")
    _write_private(SECRETS, text)


def write_config(file: Path, text: str) -> None:
    """Write the config. Raises `DiskError` where it cannot be written."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DiskError(f"{file} cannot be written ({error.strerror}); name another file by -o") from None


def _read() -> str:
    try:
        return SECRETS.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _wrong("", f"{SECRETS} cannot be read ({error.strerror})") from None


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Its words hold no value, but where it stopped.
        raise _wrong("", f"{SECRETS} is no TOML: {error}", hint="put it right, or move it away") from None


def _without(text: str, name: str) -> str:
    """`text` without the line of a key that stands above all tables."""
    head, bracket, rest = re.match(r"(?s)(.*?)(^\[|\Z)(.*)", text, flags=re.MULTILINE).groups()  # type: ignore[union-attr]
    return re.sub(rf"(?m)^{re.escape(name)}[ \t]*=.*\n?", "", head) + bracket + rest


def _write_private(file: Path, text: str) -> None:
    """All or nothing, and never readable by others, not for a moment."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise DiskError(f"{file} cannot be written ({error.strerror}); export the key instead") from None


def _wrong(where: str, message: str, value: str | None = None, hint: str | None = None) -> ConfigError:
    return ConfigError([Problem(where, message, value, None, hint)])
