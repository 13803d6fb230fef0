"""What a shell is told while somebody types: words for arguments and flags, read from files alone.

Nothing is imported that takes long (dlt, pydantic), no code of a config is run, nothing is asked for, and whatever
fails is no words: then the shell completes file names, as it does for any program.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import typer

VARIABLE = "_HOMEROOM_COMPLETE"
"""Set by the scripts in the environment of a program that is to answer, and not to run."""

_PLAIN = re.compile(r"[\w.@%+=,/~-]+")
"""A word that no shell takes for more than itself; others are not offered."""
_SUFFIXES = (".yaml", ".yml", ".toml", ".json")
_PLATFORMS = Path(__file__).parent.parent / "platforms"
_LARGEST = 2_000_000
_MOST_RUNS = 50
_Words = list[str | tuple[str, str]]


def begin() -> None:
    """Make ready to answer a shell, where one asks: no message is to come between the words."""
    if VARIABLE not in os.environ:
        return
    from typer.completion import completion_init  # type: ignore[attr-defined]  # typer names no exports of it

    completion_init()
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 until the process ends


def script(shell: str) -> str:
    """What a shell is to read so that it asks for words."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    return get_completion_script(prog_name="homeroom", complete_var=VARIABLE, shell=shell)


def _harmless(words: Callable[..., Iterable[str | tuple[str, str]]]) -> Callable[..., _Words]:
    """The words that are plain, and fit; none where anything fails."""

    @wraps(words)
    def fitting(ctx: typer.Context, incomplete: str) -> _Words:
        try:
            found = [(word, word) if isinstance(word, str) else word for word in words(ctx, incomplete)]
        except Exception:  # half a line may be anything, and so may the files that it names
            return []
        fits = (pair for pair in found if pair[0].startswith(incomplete) and _PLAIN.fullmatch(pair[0]))
        return [word if word == told else (word, told) for word, told in fits]

    return fitting


@_harmless
def config_files(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The files in the folder of what is typed that a config may be."""
    folder, slash, _ = incomplete.rpartition("/")
    before = f"{folder}{slash}"
    for file in sorted(Path(before or ".").expanduser().iterdir()):
        if file.suffix.lower() in _SUFFIXES and not file.name.startswith(".") and file.is_file():
            yield f"{before}{file.name}"


@_harmless
def platforms(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The platforms of the catalogue."""
    return sorted(file.stem for file in _PLATFORMS.glob("*.yaml"))


@_harmless
def resources(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The resources of the config on the line, without those that stand there already."""
    words = _line()[1:]
    files = (Path(word) for word in words if Path(word).suffix.lower() in _SUFFIXES)
    config = next((file for file in files if file.is_file()), None)
    return () if config is None else [name for name in _names(config) if name not in words or name == incomplete]


@_harmless
def runs(ctx: typer.Context, incomplete: str) -> Iterable[str | tuple[str, str]]:
    """The last runs of this machine, each with the name of its config."""
    from homeroom.history import home_folder, peek_runs

    yield "last"
    yield from peek_runs(home_folder(), most=_MOST_RUNS)


@_harmless
def run_names(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """The names of the configs that have run here."""
    from homeroom.history import home_folder, peek_runs

    return sorted({name for _, name in peek_runs(home_folder(), most=1000)})


@_harmless
def any_file(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """No word: the shell completes files by itself, and folders without a blank behind them."""
    return ()


def _line() -> list[str]:
    """The words on the line. Where a flag waits for its value, the parser has given up before the config."""
    text = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is still open
        return text.split()


def _names(file: Path) -> Iterable[str]:
    """The names of the resources of a config, without any check."""
    if file.stat().st_size > _LARGEST:
        return
    content = _READERS[file.suffix.lower()](file.read_text(encoding="utf-8-sig"))
    for each in content.get("source", content).get("resources", []):
        name = each.get("name") if isinstance(each, Mapping) else each
        if isinstance(name, str):
            yield name


def _yaml(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


_READERS: Mapping[str, Callable[[str], Any]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": tomllib.loads,
    ".json": json.loads,
}
