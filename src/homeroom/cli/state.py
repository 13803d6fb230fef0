"""`homeroom state`: what is remembered between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from homeroom.cli.console import Voice, errors_told, make_voice, write_json
from homeroom.cli.flags import ConfigArgument, Dataset, Exclude, Json, Quiet, Select, To, Verbose

if TYPE_CHECKING:
    from homeroom.sync_run.state import Remembered

state = typer.Typer(
    help="What is remembered between runs: cursors, and runs that were not finished.",
    epilog="Example: homeroom state show school.yaml",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@state.command("list", epilog="Example: homeroom state list")
def list_(as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """What the files of this machine tell of every config; no destination is asked."""
    from homeroom.sync_run.state import list_remembered

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        found = list_remembered()
        if as_json:
            write_json(voice, {"state": [_json(each) for each in found]})
        elif not found:
            voice.say("Nothing is remembered: no cursor, and no run that was not finished.")
        for each in () if as_json else found:
            _print(voice, each)


@state.command("show", epilog="Example: homeroom state show school.yaml")
def show(
    config: ConfigArgument,
    to: To = None,
    dataset: Dataset = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Where the resources of a config stand, as the destination has it, and a run that was not finished."""
    from homeroom.sync_run import SyncOptions
    from homeroom.sync_run.state import show_remembered

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        _tell(voice, show_remembered(config, SyncOptions(to, dataset)), as_json=as_json)


@state.command("reset", epilog="Example: homeroom state reset school.yaml --select 'enroll*'")
def reset(
    config: ConfigArgument,
    select: Select = None,
    exclude: Exclude = None,
    to: To = None,
    dataset: Dataset = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Forget cursors, so that the next sync reads from the beginning; an unfinished run is set aside. No row goes."""
    from homeroom.sync_run import SyncOptions
    from homeroom.sync_run.state import reset_remembered

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        options = SyncOptions(to, dataset, tuple(select or ()), tuple(exclude or ()))
        gone = reset_remembered(config, options)
        if not as_json and (gone.cursors or gone.unfinished):
            voice.say("Forgotten:")
        _tell(voice, gone, as_json=as_json)


def _tell(voice: Voice, remembered: Remembered, *, as_json: bool) -> None:
    if as_json:
        write_json(voice, _json(remembered))
    elif remembered.cursors or remembered.unfinished:
        _print(voice, remembered)
    else:
        where = f"{remembered.name} at {remembered.where}, dataset {remembered.dataset}"
        voice.say(f"Nothing is remembered of {where}: no cursor, and no run that was not finished.")


def _print(voice: Voice, remembered: Remembered) -> None:
    at = f" at {remembered.where}" if remembered.where else ""
    dataset = f", dataset {remembered.dataset}" if remembered.dataset else ""
    lines = [f"{remembered.name}{at}{dataset}"]
    lines += [
        f"  {each.resource}: {'read up to' if each.begun else 'no row yet, begins at'} {each.path} = {each.value}"
        for each in remembered.cursors
    ]
    if (run := remembered.unfinished) is not None:
        of = "" if run.of is None else f" of {run.of:,}"
        last = "" if run.last_page_at is None else f", the last of {run.last_page_at:%Y-%m-%d %H:%M:%S} UTC"
        lines.append(f"  unfinished run {run.run_id or '(its rest)'}: {run.pages:,}{of} pages are here{last}")
    for line in lines:
        voice.out.print(line, highlight=False, soft_wrap=True, markup=False)


def _json(remembered: Remembered) -> dict[str, Any]:
    run = remembered.unfinished
    return {
        "name": remembered.name,
        "destination": remembered.where,
        "dataset": remembered.dataset,
        "cursors": [{"resource": c.resource, "path": c.path, "value": c.value} for c in remembered.cursors],
        "unfinished": None
        if run is None
        else {"run_id": run.run_id, "pages": run.pages, "of": run.of, "last_page_at": run.last_page_at},
    }
