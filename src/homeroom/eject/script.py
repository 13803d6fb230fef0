"""The text of a script: what it is, what it reads from outside, what it does not do, the config, one run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom._version import __version__
from homeroom.eject.literal import as_source, has_dates
from homeroom.eject.mended import Mended

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What a script is written of. `name`, `destination` and `dataset` are Python source."""

    file: str
    name: str
    destination: str
    dataset: str
    extra: str
    """What of dlt is to be installed for the destination; empty for nothing."""
    made: Mended
    settings: Mapping[str, str]
    variables: tuple[str, ...]
    secrets: tuple[str, ...]
    moved: tuple[str, ...]
    lost: tuple[str, ...]


def write_script(plan: Plan) -> str:
    """The whole script, ending in a newline."""
    parts = [_head(plan), _imports(plan), *(auth.classes for auth in plan.made.auths if auth.classes)]
    parts += [*plan.made.casting.source(), _config(plan), _run(plan)]
    return "\n\n\n".join(dict.fromkeys(parts)) + "\n"


def _head(plan: Plan) -> str:
    install = f'pip install "dlt[{plan.extra}]>=1.31,<1.32"' if plan.extra else 'pip install "dlt>=1.31,<1.32"'
    file = _harmless(plan.file)
    lines = [f'"""Does what `homeroom sync {file}` does, with dlt alone (homeroom {__version__}: homeroom eject).']
    lines += ["", f"    {install}"]
    lines += [f"    export {name}=..." for name in plan.variables]
    lines += [f"    {_secret(name)}" for name in plan.secrets]
    lines += ['"""', "", "# What Homeroom does, and this script does not:"]
    lines += _bullets(plan.lost)
    if notes := (*plan.moved, *plan.made.notes):
        lines += ["#", "# What is written otherwise than in the config, to come to the same:", *_bullets(notes)]
    return "\n".join(lines)


def _secret(name: str) -> str:
    section, _, key = _harmless(name).rpartition(".")
    table = f"[{section}] {key}" if section else key
    return f"{table} = '...'  in .dlt/secrets.toml, or: export {_harmless(name).replace('.', '__').upper()}=..."


def _harmless(text: str) -> str:
    """A name as it may stand between three quotes."""
    return "".join(char if char.isprintable() and char not in '"\\' else "_" for char in text)


def _bullets(texts: Iterable[str]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text,
            _WIDTH,
            initial_indent="# - ",
            subsequent_indent="#   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _imports(plan: Plan) -> str:
    found = {"os", *plan.made.casting.imports(), *(name for auth in plan.made.auths for name in auth.modules)}
    found |= {"datetime"} if has_dates(plan.made.source) else set()
    lines = [*(f"import {name}" for name in sorted(found)), ""]
    lines += ["# dlt reads these when it is imported; it would tell its makers of each run."]
    settings = {"RUNTIME__DLTHUB_TELEMETRY": "false", **plan.settings}
    lines += [f"os.environ.setdefault({as_source(key)}, {as_source(each)})" for key, each in settings.items()]
    more = dict.fromkeys(line for auth in plan.made.auths for line in auth.imports)
    sources = ["import dlt", *more, "from dlt.sources.rest_api import rest_api_source"]
    return "\n".join([*lines, "", *sources])


def _config(plan: Plan) -> str:
    return f"CONFIG = {as_source(_ordered(plan.made.source), 0, len('CONFIG = '))}"


def _ordered(source: Mapping[str, Any]) -> dict[str, Any]:
    keys = [key for key in ("client", "resource_defaults", "resources") if key in source]
    return {key: source[key] for key in (*keys, *(key for key in source if key not in keys))}


def _run(plan: Plan) -> str:
    return f"""def main():
    pipeline = dlt.pipeline(
        pipeline_name={plan.name},
        destination={plan.destination},
        dataset_name={plan.dataset},
    )
    print(pipeline.run(rest_api_source(CONFIG)))


if __name__ == "__main__":
    main()"""
