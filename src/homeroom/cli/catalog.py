"""`homeroom catalog`: the platforms that Homeroom knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeroom.cli.console import Voice, errors_told, make_voice, write_json
from homeroom.cli.flags import Json, PlatformArgument, Quiet, Verbose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeroom.catalog import Platform

catalog = typer.Typer(
    help="The platforms that Homeroom has a config for.",
    epilog="Example: homeroom catalog search grades",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@catalog.command("list", epilog="Example: homeroom catalog list")
def list_(as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Every platform, and how its config was verified."""
    from homeroom.catalog import list_platforms

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        _tell(voice, list_platforms(), as_json=as_json)


@catalog.command("search", epilog="Example: homeroom catalog search lms submissions")
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="all are in what the catalogue says")],
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The platforms that fit all words: in the name, the kind, what they read, the names of tables."""
    from homeroom.catalog import search_platforms

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        found = search_platforms(words)
        _tell(voice, found, as_json=as_json)
        if not found:
            voice.say("No platform fits. `homeroom init generic` begins a config for any other API.")


@catalog.command("show", epilog="Example: homeroom catalog show canvas")
def show(
    platform: PlatformArgument,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """What one platform's config reads and cannot, what it needs, its tables, and what all that rests on."""
    from homeroom.catalog import find_platform, page_of

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        found = find_platform(platform)
        if as_json:
            write_json(voice, found.model_dump(mode="json"))
        else:
            voice.out.file.write(page_of(found))


def _tell(voice: Voice, platforms: Sequence[Platform], *, as_json: bool) -> None:
    if as_json:
        write_json(voice, {"platforms": [_line(each) for each in platforms]})
    elif platforms:
        _table(voice, platforms)


def _line(platform: Platform) -> dict[str, Any]:
    shown = ("platform", "title", "kind", "verified", "reads")
    return {key: getattr(platform, key) for key in shown} | {"resources": platform.resource_names}


def _table(voice: Voice, platforms: Sequence[Platform]) -> None:
    from homeroom.report.grid import Grid, print_grid

    headings = ("platform", "kind", "verified", "title", "tables")
    rows = [(each.platform, each.kind, each.verified, each.title, ", ".join(each.resource_names)) for each in platforms]
    print_grid(Grid(headings, rows, spare=("tables", "title")), voice.out)
