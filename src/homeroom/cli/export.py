"""`homeroom export`: what the neutral model holds, in a standard of the field."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeroom.cli import completing
from homeroom.cli.console import Voice, errors_told, make_voice, terminable, write_json
from homeroom.cli.flags import Json, Quiet, Verbose

if TYPE_CHECKING:
    from homeroom.oneroster_export import Exported

export = typer.Typer(
    help="Hand a synced school on in a standard of the field.",
    epilog="Example: homeroom export oneroster bundle --from school.yaml",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@export.callback()
def _group() -> None:
    """So that the standard is named also while there is one alone."""


@export.command("oneroster", epilog="Example: homeroom export oneroster bundle --from school.yaml")
def oneroster(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="a folder that is empty, new, or of an earlier export",
            autocompletion=completing.any_file,
        ),
    ],
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="WHERE",
            help="a config that was synced, or a destination as of sync --to",
            autocompletion=completing.config_files,
        ),
    ],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="which source of edu, where there are several")
    ] = None,
    demographics: Annotated[
        bool, typer.Option("--demographics", help="birth, sex and origin too, where the model has them")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write the dataset edu of a synced database as a OneRoster 1.2 CSV bundle, and check it by the standard's rules.

    Says what it had to make up or to leave out. Exit codes: 0 the bundle is right, 1 it is not, or database or folder
    failed, and nothing was written, 2 usage or config.
    """
    voice = make_voice(quiet=quiet, verbose=verbose)
    with terminable(), errors_told(voice):
        from datetime import UTC, datetime

        from homeroom.oneroster_export import export_oneroster

        today = datetime.now(UTC).date()
        done = export_oneroster(folder, origin, today=today, source=source, demographics=demographics)
        if as_json:
            told = {"folder": str(done.folder), "source": done.source, "database": done.where}
            write_json(voice, {**told, "files": dict(done.files), "notes": [asdict(note) for note in done.notes]})
        else:
            _print(voice, done)


def _print(voice: Voice, done: Exported) -> None:
    files = ", ".join(f"{file} {rows:,}" for file, rows in done.files.items())
    lines = [f"{done.folder}: a OneRoster 1.2 bundle of {done.source}, no rule broken", f"  {files}"]
    kind = ""
    for note in done.notes:
        if note.kind != kind:
            kind = note.kind
            lines.append(f"  {kind}:")
        lines.append(f"    {note.rows:>7,}  {note.file}.csv  {note.what}")
    for line in lines:
        voice.out.print(line, highlight=False, soft_wrap=True, markup=False)
