"""Placeholders as Python: `${NAME}` reads the environment, `${secret:path}` dlt's secrets; no value is looked up.

A secret that the config holds itself is moved to the environment, so that no script has one in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from homeroom.config.placeholders import PLACEHOLDER
from homeroom.eject.literal import Code, text_source

_LONG_ENOUGH = 8
"""A secret of this length counts wherever it stands; a shorter one where it is all of a text."""
_BRACES_OR_QUOTES = re.compile(r"[{}\"\\]")


@dataclass(slots=True)
class References:
    """What a script reads from outside. `literals` are the secrets that stand in the config itself."""

    literals: Collection[str] = ()
    variables: dict[str, None] = field(default_factory=dict)
    secrets: dict[str, None] = field(default_factory=dict)
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)
    """From a secret of the config to the variable that holds it in its stead, and where it stands."""

    def read(self, value: Any, path: str = "") -> Any:
        """A copy of a part of the config with `Code` for every text that has to be looked up; keys stay as they are."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            return {key: self.read(each, f"{path}.{key}" if path else str(key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.read(each, f"{path}[{i}]") for i, each in enumerate(value)]
        return value

    def _text(self, text: str, path: str) -> str | Code:
        parts: list[str | Code] = []
        end = 0
        for match in PLACEHOLDER.finditer(text):
            parts += self._without_secrets(text[end : match.start()], path)
            parts.append(self._looked_up(match))
            end = match.end()
        parts += self._without_secrets(text[end:], path)
        return joined([part for part in parts if part != ""])

    def _looked_up(self, match: re.Match[str]) -> str | Code:
        name = match[1] or ""
        if match[0] == "$${":
            return "${"
        if name.startswith("secret:"):
            self.secrets[name[7:]] = None
            return Code(f"dlt.secrets[{text_source(name[7:])}]")
        return self._variable(name)

    def _variable(self, name: str) -> Code:
        self.variables[name] = None
        return Code(f"os.environ[{text_source(name)}]")

    def _without_secrets(self, text: str, path: str) -> list[str | Code]:
        found = [each for each in self.literals if each == text or (len(each) >= _LONG_ENOUGH and each in text)]
        if not found:
            return [text]
        secret = max(found, key=len)
        before, _, after = text.partition(secret)
        variable = self._variable(self._home_of(secret, path))
        return [*self._without_secrets(before, path), variable, *self._without_secrets(after, path)]

    def _home_of(self, secret: str, path: str) -> str:
        """The variable that a secret of the config is moved to, named after where it was found first."""
        if secret not in self.moved:
            plain = re.sub(r"\W+", "_", path.rpartition(".")[2]).strip("_").upper() or "SECRET"
            plain = f"_{plain}" if plain[0].isdigit() else plain
            name, number = plain, 2
            while name in self.variables:
                name, number = f"{plain}_{number}", number + 1
            self.moved[secret] = (name, path)
        return self.moved[secret][0]


def joined(parts: list[str | Code]) -> str | Code:
    """One text of literal and looked-up parts: as it is, as one expression, or as an f-string where that is plain."""
    merged: list[str | Code] = []
    for part in parts:
        if merged and isinstance(part, str) and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if not any(isinstance(part, Code) for part in merged):
        return "".join(map(str, merged))
    if len(merged) == 1:
        return merged[0]
    if any(isinstance(part, str) and (_BRACES_OR_QUOTES.search(part) or not part.isprintable()) for part in merged):
        # Braces are dlt's own placeholders, which nobody wants to see doubled.
        return Code(" + ".join(part.text if isinstance(part, Code) else text_source(part) for part in merged))
    inner = (f"{{{part.text.replace(chr(34), chr(39))}}}" if isinstance(part, Code) else part for part in merged)
    return Code(f'f"{"".join(inner)}"')
