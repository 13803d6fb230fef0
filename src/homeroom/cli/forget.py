"""`homeroom forget`: a person out of a dataset, and kept out of it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.cli.console import Voice, errors_told, make_voice, terminable, write_json
from homeroom.cli.flags import ConfigArgument, Dataset, Json, Quiet, To, Verbose
from homeroom.errors import ConfigError, Problem

if TYPE_CHECKING:
    from homeroom.sync_run.forget import Forgotten


def forget(
    config: ConfigArgument,
    person: Annotated[str, typer.Option("--person", metavar="ID", help="the person's id, as the platform writes it")],
    to: To = None,
    dataset: Dataset = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be removed, and change nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask; needed where there is no terminal")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Remove a person from all tables and from kept pages, and keep later syncs from bringing the person back.

    Ended in the middle, it is finished by the same command. Exit codes: 0 done, also where there was nothing of the
    person, 1 the destination or a file failed, 2 usage or config.
    """
    voice = make_voice(quiet=quiet, verbose=verbose)
    with terminable(), errors_told(voice):
        from homeroom.sync_run import SyncOptions
        from homeroom.sync_run.forget import forget as act

        if not (yes or dry_run):
            _confirm(voice)
        done = act(config, person, SyncOptions(to, dataset), dry=dry_run)
        if as_json:
            write_json(voice, _json(done))
        else:
            _print(voice, done)


def _confirm(voice: Voice) -> None:
    """Ask at a terminal. Raises `ConfigError` where there is none, `typer.Exit` where the answer is no."""
    if not sys.stdin.isatty():
        hint = "give --yes, or --dry-run to see what would go"
        raise ConfigError(
            [Problem("--yes", "nobody can be asked here, and this cannot be undone", hint=hint, code="wrong-flag")]
        )
    if not typer.confirm("Remove this person from the dataset? This cannot be undone.", err=True):
        voice.say("Nothing was removed.")
        raise typer.Exit(0)


def _print(voice: Voice, done: Forgotten) -> None:
    for line in _lines(done):
        voice.out.print(line, highlight=False, soft_wrap=True, markup=False)


def _lines(done: Forgotten) -> list[str]:
    would = "would be " if done.dry else ""
    lines = [f"{done.where}, dataset {done.dataset}: a person of {done.person}"]
    width = max((len(each.table) for each in done.tables), default=0)
    for each in done.tables:
        emptied = f" of {', '.join(each.columns)}" if each.columns else ""
        lines.append(f"  {each.table:<{width}}  {each.rows:>7,}  {would}{each.act}{emptied}")
    if not done.tables:
        lines.append("  no row names the person")
    others = {"rejected rows": done.rejected, "rows in staging": done.staged, "packages that waited": done.pending}
    lines += [f"  {what}: {number:,} {would}deleted" for what, number in others.items() if number]
    lines += [f"  pages: {file} {would}removed" for file in done.files]
    if done.untold:
        names = ", ".join(done.untold)
        lines.append(f"  not known of {names}: no column tells whose a row is (include_from_parent would)")
    if not done.dry:
        by = (
            "this machine's own key, so on this machine"
            if done.by_machine
            else "the privacy key, so wherever it is set"
        )
        lines.append(f"  the next syncs leave the person out: known again by {by}")
    return lines


def _json(done: Forgotten) -> dict[str, Any]:
    return {**asdict(done), "rows": done.rows}
