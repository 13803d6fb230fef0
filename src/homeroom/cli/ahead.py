"""The verbs that look ahead: what a sync would ask for, and what would land."""

from __future__ import annotations

from typing import Annotated

import typer

from homeroom.cli import completing
from homeroom.cli.console import make_voice, terminable
from homeroom.cli.flags import (
    Concurrency,
    ConfigArgument,
    Exclude,
    InsecureHttp,
    Json,
    Quiet,
    Rate,
    Select,
    Verbose,
)


def plan(
    config: ConfigArgument,
    select: Select = None,
    exclude: Exclude = None,
    concurrency: Concurrency = None,
    rate: Rate = None,
    insecure_http: InsecureHttp = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what a sync would ask for: rows, requests and time of each resource. Asks for one page of each.

    `~` is an estimate, `≥` and `≤` are bounds, where the API does not tell. Nothing is written. Exit codes as of check.
    """
    from homeroom.cli.plan import run_plan

    with terminable():
        voice = make_voice(quiet=quiet, verbose=verbose)
        code = run_plan(
            voice,
            config,
            select=tuple(select or ()),
            exclude=tuple(exclude or ()),
            concurrency=concurrency,
            rate=rate,
            insecure_http=insecure_http,
            as_json=as_json,
        )
        raise typer.Exit(code)


def preview(
    config: ConfigArgument,
    resource: Annotated[
        str,
        typer.Argument(metavar="RESOURCE", help="a resource of the config", autocompletion=completing.resources),
    ],
    rows: Annotated[int, typer.Option("-n", metavar="N", min=1, max=1000, help="how many rows")] = 10,
    form: Annotated[
        str, typer.Option("--format", metavar="F", help="table, csv (of one table) or json (types and all)")
    ] = "table",
    table: Annotated[
        str | None, typer.Option("--table", metavar="T", help="this table alone: the resource's own, or a nested one")
    ] = None,
    all_columns: Annotated[bool, typer.Option("--all-columns", help="those that dlt adds, too")] = False,
    insecure_http: InsecureHttp = False,
    as_json: Annotated[bool, typer.Option("--json", help="the same as --format json")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Show the first rows of a resource as they would land, nested tables too. Nothing is written.

    Asks for whole pages until the rows are there; of a child, for one parent after the other.
    """
    from homeroom.cli.preview import run_preview

    with terminable():
        voice = make_voice(quiet=quiet, verbose=verbose)
        form = "json" if as_json else form
        code = run_preview(
            voice,
            config,
            resource,
            rows=rows,
            form=form,
            table=table,
            all_columns=all_columns,
            insecure_http=insecure_http,
        )
        raise typer.Exit(code)
