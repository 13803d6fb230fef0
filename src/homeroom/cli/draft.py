"""`homeroom draft`: a config from an API or from its description. Asks at a terminal alone, about guesses."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import typer

from homeroom import catalog
from homeroom._version import __version__
from homeroom.cli import progress
from homeroom.cli.console import EXIT_PART, Voice, errors_told
from homeroom.cli.schema import write_for_editors
from homeroom.config.editors import editor_line
from homeroom.config.privacy_section import KEY_VARIABLE

if TYPE_CHECKING:
    from homeroom.draft import Draft, Guess
    from homeroom.draft.values import DraftedResource

T = TypeVar("T")

_ASKED = ("path", "selector", "paginator", "primary_key")
"""The guesses of a resource that are asked about; the others are marked alone."""


def run_draft(
    voice: Voice,
    where: str,
    *,
    endpoints: Sequence[str],
    auth: str | None,
    secret_name: str | None,
    output: Path | None,
    rate: str | None,
    insecure_http: bool,
    force: bool,
) -> int:
    """Draft a config, and write it to a file or to stdout; the exit code."""
    with errors_told(voice):
        from homeroom.draft import draft, written

        if output is not None:
            catalog.check_output(output, force=force)
        name = None if secret_name is None else catalog.right_name(secret_name, "--secret-name")
        with progress.shown(voice.err, quiet=voice.quiet, verbose=voice.verbose) as hook:
            found = draft(
                where,
                endpoints=endpoints,
                auth=auth,
                secret_name=name,
                rate=rate,
                environ=os.environ,
                read_secret=_Keys(voice),
                hooks=[hook],
                insecure_http=insecure_http,
            )
        found = _asked(voice, found) if at_terminal() and not voice.quiet else found
        stem = _stem(output, where)
        command = _command(where, endpoints, auth, output)
        editor = "" if output is None else editor_line(output)
        told = {"name": stem, "destination": catalog.DESTINATION, "command": command, "version": __version__}
        text = written(found, **told, editor=editor)
        if output is None:
            voice.out.file.write(text)
            voice.out.file.flush()
        else:
            catalog.write_config(output, text)
            write_for_editors(voice, output)
        _tell(voice, found, output)
        return EXIT_PART if found.left and endpoints else 0


def at_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class _Keys:
    """Reads secrets as dlt does; at a terminal asks for one that is not set, once."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._told: dict[str, str] = {}

    def __call__(self, path: str) -> str | None:
        from homeroom.secrets import read_dlt_secret

        value = read_dlt_secret(path) or self._told.get(path)
        if value is None and at_terminal():
            what = f"{path} (not shown, not stored)"
            text: str = typer.prompt(what, default="", show_default=False, hide_input=True, err=True)
            value = self._told[path] = text.strip()
        return value or None


def _asked(voice: Voice, found: Draft) -> Draft:
    """The draft with what a person has said of its guesses."""
    return replace(
        found,
        base_url=_chosen(voice, "base_url", found.base_url),
        auth=_chosen(voice, "auth", found.auth),
        resources=tuple(_asked_of(voice, resource) for resource in found.resources),
    )


def _asked_of(voice: Voice, resource: DraftedResource) -> DraftedResource:
    chosen: dict[str, Any] = {
        field: _chosen(voice, f"{resource.name}, {field}", getattr(resource, field)) for field in _ASKED
    }
    return replace(resource, **chosen)


def _chosen(voice: Voice, what: str, guess: Guess[T]) -> Guess[T]:
    """What a person chooses of a guess that has others beside it."""
    from homeroom.draft import Confidence

    if guess.confidence is not Confidence.GUESS or not guess.others:
        return guess
    voice.say(f"{what}: {guess.evidence}")
    values = (guess.value, *guess.others)
    for number, value in enumerate(values, start=1):
        voice.say(f"  {number}  {_shown(value)}")
    number = 0
    while not 1 <= number <= len(values):
        number = typer.prompt(f"which one, 1 to {len(values)}", type=int, default=1, err=True)
    said = "chosen at the terminal"
    return replace(guess, value=values[number - 1], others=(), confidence=Confidence.LIKELY, evidence=said)


def _shown(value: Any) -> str:
    from homeroom.draft.writing import flow

    return flow(dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value)


def _stem(output: Path | None, where: str) -> str:
    """The config's name: of its file, of the host, of the description."""
    if output is not None:
        text = output.stem
    elif "://" in where:
        host = urlsplit(where).hostname or ""
        text = "" if host.replace(".", "").isdigit() or ":" in host or host == "localhost" else host
    else:
        text = Path(where).stem
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_") or "school"


def _command(where: str, endpoints: Sequence[str], auth: str | None, output: Path | None) -> str:
    parts = ["homeroom", "draft", where]
    parts += [part for endpoint in endpoints for part in ("--endpoint", endpoint)]
    # A section may hold more than its author would want to have in a file that is shared.
    parts += ["--auth", "…" if auth.startswith("{") else auth] if auth else []
    parts += ["-o", str(output)] if output else []
    return shlex.join(parts)


def _tell(voice: Voice, found: Draft, output: Path | None) -> None:
    from homeroom.draft import unsure
    from homeroom.draft.writing import needs_key

    for left in found.left:
        voice.say(f"left out: {left.name}: {left.why}")
    number, checks = len(found.resources), unsure(found)
    resources = "1 resource" if number == 1 else f"{number} resources"
    sent = f" with {found.requests} requests" if found.requests else ""
    to_check = f"; {checks} to look at, marked `# check:`" if checks else ""
    voice.say(f"{output or 'stdout'}: {resources} drafted{sent}{to_check}")
    for secret in found.secrets:
        if secret.variable not in os.environ:
            voice.say(f"set {secret.what}: export {secret.variable}=…")
    if needs_key(found) and KEY_VARIABLE not in os.environ:
        voice.say(f'set the privacy key, and keep a copy: export {KEY_VARIABLE}="$(homeroom privacy key)"')
    if output is not None:
        file = shlex.quote(str(output))
        voice.say(f"next: homeroom validate {file} && homeroom check {file} && homeroom sync {file}")
