"""`homeroom eject`: the script is data, what it cannot do is a message."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.console import Voice, errors_told, make_voice
from homeroom.cli.flags import ConfigArgument, Dataset, Quiet, To, Verbose, to_file
from homeroom.errors import ConfigError, DiskError, Problem


def eject(
    config: ConfigArgument,
    output: Annotated[Path | None, to_file("the script; printed if not given")] = None,
    to: To = None,
    dataset: Dataset = None,
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Print a Python script that does what sync does with dlt alone, without Homeroom; says what it cannot do.

    No secret is in it: it reads them from where the config's placeholders say. Nothing is requested.
    """
    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        _eject(voice, config, output=output, force=force, destination=to, dataset=dataset)


def _eject(
    voice: Voice, config: str, *, output: Path | None, force: bool, destination: str | None, dataset: str | None
) -> None:
    """Write the script to `output`, or to stdout where that is None."""
    if output is not None:
        _check_output(output, force=force)
    from homeroom.eject import eject

    script = eject(config, destination=destination, dataset=dataset, environ=os.environ)
    if output is None:
        voice.out.file.write(script.text)
        voice.out.file.flush()
    else:
        _write(output, script.text)
    for line in script.moved:
        voice.say(f"not in the script: {line}")
    for line in script.lost:
        voice.say(f"lost: {line}")
    if output is not None:
        voice.say(f"{output}: a script of dlt's alone; what is lost stands at its top too. Run it: python {output}")


def _check_output(file: Path, *, force: bool) -> None:
    """Raise `ConfigError` where the script cannot or must not be written."""
    if file.is_dir() or not file.parent.is_dir():
        message = "this is a folder" if file.is_dir() else "there is no such folder"
        raise _wrong(message, file if file.is_dir() else file.parent, "name a file in a folder that is there")
    if file.exists() and not force:
        raise _wrong("it is there already", file, "--force replaces it, another -o names another")
    if file.stem in sys.stdlib_module_names or file.stem in ("dlt", "duckdb", "requests"):
        raise _wrong(f"beside a script of this name `import {file.stem}` would find it", file, "name it otherwise")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DiskError(f"{file} cannot be written ({error.strerror}); name another file by -o") from None


def _wrong(message: str, file: Path, hint: str) -> ConfigError:
    return ConfigError([Problem("--output", message, str(file), hint=hint, code="wrong-flag")])
