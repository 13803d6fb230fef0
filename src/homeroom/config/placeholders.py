"""`${NAME}` and `${secret:path.to.key}` in the strings of a config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from homeroom.config.collect import Path, Problems
from homeroom.secrets import SHORTEST

if TYPE_CHECKING:
    from homeroom.codes import Code

PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
"""`$${`, a placeholder with what stands in it, or a `${` that begins none."""
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SECRET = re.compile(r"[^.\s]+(?:\.[^.\s]+)*")

ReadSecret = Callable[[str], str | None]
"""From a dlt path to the secret, None where there is none."""


def replace_placeholders(content: Any, environ: Mapping[str, str], read_secret: ReadSecret, problems: Problems) -> Any:
    """A copy of `content` with every placeholder in it replaced; its keys stay as they are.

    What was put in is added to `problems.secrets` if it has 3 characters or more. A placeholder that has no
    value stays as written, is a problem, and settles its path. Objects that are not data are shared.
    """
    replacing = _Replacing(environ, read_secret, problems)
    replaced = replacing.visit(content, ())
    for path in replacing.missed:
        problems.settle(path)
    return replaced


class _Replacing:
    def __init__(self, environ: Mapping[str, str], read_secret: ReadSecret, problems: Problems) -> None:
        self._environ = environ
        self._read_secret = read_secret
        self._problems = problems
        self.missed: list[Path] = []

    def visit(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            return PLACEHOLDER.sub(lambda match: self._one(match, path), value)
        if isinstance(value, dict):
            return {key: self.visit(item, (*path, str(key))) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self.visit(item, (*path, i)) for i, item in enumerate(value))
        return value

    def _one(self, match: re.Match[str], path: Path) -> str:
        if match[0] == "$${":
            return "${"
        name = match[1] or ""
        if name.startswith("secret:") and _SECRET.fullmatch(name[7:]):
            value = self._secret(name[7:], path)
        elif _NAME.fullmatch(name):
            value = self._variable(name, path)
        else:
            hint = "write $${ for a literal ${"
            self._miss(path, f"`{match[0]}` is no placeholder", "${NAME}, ${secret:path.to.key}", hint, "wrong-value")
            value = None
        if value == "" and match[0] == match.string:
            hint = f"give {name.removeprefix('secret:')} a value, or leave the key out"
            self._miss(path, f"`{match[0]}` is empty", None, hint)
        if value is None:
            return match[0]
        if len(value) >= SHORTEST:
            self._problems.secrets.add(value)
        return value

    def _variable(self, name: str, path: Path) -> str | None:
        value = self._environ.get(name)
        if value is None:
            close = next((known for known in self._environ if known.upper() == name.upper()), None)
            hint = f"`{close}` is set, case counts" if close else f"set it with: export {name}=..."
            self._miss(path, f"the environment variable `{name}` is not set", None, hint)
        return value

    def _secret(self, name: str, path: Path) -> str | None:
        value = self._read_secret(name)
        if value is None:
            variable = name.replace(".", "__").upper()
            places = f"the environment variable {variable}, {' and '.join(_secret_files())}"
            hint = f"looked in {places}; {_how_to_set(name, variable)}"
            self._miss(path, f"the secret `{name}` was not found", None, hint)
        return value

    def _miss(self, path: Path, message: str, allowed: str | None, hint: str, code: Code = "secret-missing") -> None:
        self._problems.add(path, message, allowed=allowed, hint=hint, code=code)
        self.missed.append(path)


def _secret_files() -> list[str]:
    """Where dlt looks: its global folder depends on the user and the platform."""
    import dlt

    context = dlt.current.run_context()
    return [str(FilePath(folder, "secrets.toml")) for folder in (context.settings_dir, context.global_dir)]


def _how_to_set(name: str, variable: str) -> str:
    section, _, key = name.rpartition(".")
    table = f"[{section}] {key}" if section else key
    return f'set it with: export {variable}=... or with {table} = "..." in secrets.toml'
