"""The verbs and their flags."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from homeroom._version import __version__
from homeroom.cli import ahead, completing
from homeroom.cli.catalog import catalog
from homeroom.cli.completion import completion
from homeroom.cli.console import errors_told, make_voice, problem_json, terminable, write_json
from homeroom.cli.eject import eject
from homeroom.cli.export import export
from homeroom.cli.flags import (
    Concurrency,
    ConfigArgument,
    Dataset,
    Exclude,
    Json,
    Limit,
    PlatformArgument,
    PrivacyProfile,
    Quiet,
    Rate,
    RunArgument,
    Select,
    To,
    Verbose,
    to_file,
)
from homeroom.cli.log_format import give_log_format
from homeroom.cli.privacy import privacy
from homeroom.cli.state import state
from homeroom.errors import ConfigError, HomeroomError

app = typer.Typer(
    name="homeroom",
    help="Keeps a database in step with any education platform's REST API, "
    "and says of every run whether every row is there.\n\n"
    "Each error ends in a code such as [key-refused]: -v says what it means and what to try.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted and completing.VARIABLE not in os.environ:
        typer.echo(f"homeroom {__version__}")
        raise typer.Exit


@app.callback(epilog="Example: homeroom demo")
def homeroom(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """What every verb shares."""


@app.command(epilog="Example: homeroom validate school.yaml")
def validate(config: ConfigArgument, as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Check a config without asking the API: the file is right, or every problem with its line."""
    voice = make_voice(quiet=quiet, verbose=verbose)

    def on_error(error: HomeroomError, _code: int) -> None:
        if as_json and isinstance(error, ConfigError):
            write_json(voice, {"valid": False, "problems": [problem_json(problem) for problem in error.problems]})

    with errors_told(voice, on_error):
        from homeroom.sync_run import check_config

        checked = check_config(config)
        if as_json:
            write_json(voice, {"valid": True, "name": checked.name, "resources": list(checked.resources)})
        else:
            where = f" into {checked.destination}, dataset {checked.dataset}" if checked.destination else ""
            names, number = ", ".join(checked.resources), len(checked.resources)
            resources = "1 resource" if number == 1 else f"{number} resources"
            voice.out.print(
                f"{config} is right: {resources} ({names}){where}",
                highlight=False,
                soft_wrap=True,
                markup=False,
            )


@app.command(epilog="Example: homeroom check school.yaml")
def check(
    config: ConfigArgument,
    model: Annotated[
        bool, typer.Option("--model", help="ask the database instead: whether the dataset edu holds what it should")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Try a config out: ask the API for a page or two of each resource, and say what fits and what does not.

    Looked at are auth, path, envelope, paging, keys, declared types, filter and rights. Nothing is written. Exit codes:
    0 nothing failed, 1 no resource passes, 2 usage or config, 3 some resources fail, or with --model a check of
    severity error, 4 the key was refused, or what it may see, 130 interrupted.
    """
    from homeroom.cli.check import run_check, run_model_check

    with terminable():
        run = run_model_check if model else run_check
        raise typer.Exit(run(make_voice(quiet=quiet, verbose=verbose), config, as_json=as_json))


app.command("plan", epilog="Example: homeroom plan school.yaml --rate 10/s")(ahead.plan)
app.command("preview", epilog="Example: homeroom preview school.yaml people -n 5")(ahead.preview)


def _sync(
    config: ConfigArgument,
    select: Select = None,
    exclude: Exclude = None,
    to: To = None,
    dataset: Dataset = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    rate: Rate = None,
    no_resume: Annotated[
        bool, typer.Option("--no-resume", help="begin anew, though an earlier run was killed or stopped in the middle")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="stop at the first resource that fails or is incomplete; load nothing")
    ] = False,
    allow_deletes: Annotated[
        bool,
        typer.Option("--allow-deletes", help="this once, let tables lose rows however many the API no longer lists"),
    ] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="D", help="a backfill: read what has an incremental from this date or time on"),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="D", help="and up to this one; now if not given")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="this once, read all of what has an incremental; no table is emptied")
    ] = False,
    as_json: Json = False,
    summary_file: Annotated[
        Path | None,
        typer.Option(
            "--summary-file",
            metavar="F",
            help="write the report, or what ended the run before it, as JSON to this file",
            autocompletion=completing.any_file,
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Read every resource, load it, prove it.

    Exit codes: 0 every resource complete or unproved, 1 nothing landed, 2 usage or config, 3 landed in part,
    4 refused and nothing landed, 5 stopped after at least one page (SIGTERM too), 130 interrupted by Ctrl-C.
    """
    from homeroom.cli.job import run_job

    with terminable():
        raise typer.Exit(
            run_job(
                make_voice(quiet=quiet, verbose=verbose),
                config,
                as_json=as_json,
                summary_file=summary_file,
                destination=to,
                dataset=dataset,
                select=tuple(select or ()),
                exclude=tuple(exclude or ()),
                limit=limit,
                concurrency=concurrency,
                rate=rate,
                resume=not no_resume,
                fail_fast=fail_fast,
                allow_deletes=allow_deletes,
                since=since,
                until=until,
                full_refresh=full_refresh,
            )
        )


app.command("sync", epilog="Example: homeroom sync school.yaml --to duckdb:///campus.duckdb --rate 10/s")(_sync)
app.command("run", hidden=True, help="The same as sync.", epilog="Example: homeroom sync school.yaml")(_sync)


@app.command(epilog="Example: homeroom runs -n 5")
def runs(
    most: Annotated[int, typer.Option("-n", metavar="N", min=1, help="how many")] = 20,
    name: Annotated[
        str | None, typer.Option("--name", help="of this config alone", autocompletion=completing.run_names)
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The last runs on this machine, newest first."""
    from homeroom.cli.past import show_runs

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        show_runs(voice, most=most, name=name, as_json=as_json)


@app.command(epilog="Example: homeroom show last")
def show(
    run: RunArgument,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """One run's ledger: what each resource brought, and what that proves."""
    from homeroom.cli.past import show_run

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        show_run(voice, run, as_json=as_json)


@app.command(epilog="Example: homeroom replay last --to duckdb:///rebuilt.duckdb")
def replay(
    run: RunArgument,
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="the run's config, where it has moved",
            autocompletion=completing.config_files,
        ),
    ] = None,
    to: To = None,
    dataset: Dataset = None,
    older: Annotated[
        bool, typer.Option("--older", help="also where later runs have written: merged rows go back to older values")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Rebuild the tables of a run from its kept pages, without a request (sync.keep_raw: true keeps them).

    Into the run's own tables unless told otherwise. Rows that it has appended are replaced, cursors stay where they
    are. Exit codes as of sync.
    """
    from homeroom.cli.job import run_replay

    with terminable():
        raise typer.Exit(
            run_replay(
                make_voice(quiet=quiet, verbose=verbose),
                run,
                as_json=as_json,
                config=config,
                destination=to,
                dataset=dataset,
                older=older,
            )
        )


@app.command(epilog="Example: homeroom init canvas --base-url https://canvas.example.edu")
def init(
    platform: PlatformArgument,
    output: Annotated[Path | None, to_file("the config; PLATFORM.yaml if not given")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="where the platform answers")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="another value that the platform asks for; may be repeated"),
    ] = None,
    secret_name: Annotated[
        list[str] | None,
        typer.Option(
            "--secret-name", metavar="[NAME=]OTHER", help="another name for a key: a variable; may be repeated"
        ),
    ] = None,
    secret_file: Annotated[
        list[str] | None,
        typer.Option(
            "--secret-file",
            metavar="[NAME=]FILE",
            help="store the key that this file holds in .dlt/secrets.toml",
        ),
    ] = None,
    privacy: PrivacyProfile = None,
    force: Annotated[bool, typer.Option("--force", help="replace a config or a stored key that is there")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write a config for a platform of the catalogue; says which key it needs, where to get it, what to grant it.

    Asks for what is missing at a terminal; elsewhere that is left to the environment, as ${NAME}.
    """
    from homeroom.cli.init import run_init

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        run_init(
            voice,
            platform,
            output=output,
            base_url=base_url,
            settings=set_ or (),
            secret_names=secret_name or (),
            secret_files=secret_file or (),
            profile=None if privacy is None else privacy.value,
            force=force,
        )


@app.command(epilog="Example: homeroom draft https://lms.example.edu/v1 --endpoint users")
def draft(
    where: Annotated[
        str,
        typer.Argument(
            metavar="URL|OPENAPI",
            help="where the API answers, or a file of its description, or its URL",
            autocompletion=completing.any_file,
        ),
    ],
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            "--endpoint",
            metavar="PATH",
            help="a list below the URL: users, courses/{id}/users, NAME=PATH, or POST PATH where it is read by POST; "
            "may be repeated",
        ),
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            "--auth",
            metavar="HOW",
            help="none, bearer, basic:USER, header:NAME, query:NAME, or dlt's auth section; found out if not given",
        ),
    ] = None,
    secret_name: Annotated[
        str | None,
        typer.Option("--secret-name", metavar="NAME", help="the variable that holds the key; API_KEY if not given"),
    ] = None,
    output: Annotated[Path | None, to_file("the config; stdout if not given")] = None,
    rate: Rate = None,
    force: Annotated[bool, typer.Option("--force", help="replace a config that is there")] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find out how an API is read, and write a config whose every line says what it rests on.

    Asks the API with few requests, one after the other, or reads its OpenAPI or Swagger description. Guesses that
    nobody has proved are asked at a terminal, else marked `# check:`. Exit codes: 0 all lists are drafted, 3 some are
    left out, 1 none answers, 2 usage, 4 the key is refused, 130 interrupted.
    """
    from homeroom.cli.draft import run_draft

    with terminable():
        raise typer.Exit(
            run_draft(
                make_voice(quiet=quiet, verbose=verbose),
                where,
                endpoints=endpoint or (),
                auth=auth,
                secret_name=secret_name,
                output=output,
                rate=rate,
                force=force,
            )
        )


@app.command(epilog="Example: homeroom schema school.yaml --infer --write")
def schema(
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="[CONFIG]",
            help="a config that was synced; without one: of the config file",
            autocompletion=completing.config_files,
        ),
    ] = None,
    infer: Annotated[
        bool, typer.Option("--infer", help="print `columns:` for each resource, as its table has them")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="write them into the config (YAML); what it declares stays as it is")
    ] = False,
    output: Annotated[Path | None, to_file("without CONFIG: the file that editors read; printed if not given")] = None,
    to: To = None,
    dataset: Dataset = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The tables of a synced config; without CONFIG the JSON Schema of the config file."""
    from homeroom.cli import schema as told

    voice = make_voice(quiet=quiet, verbose=verbose)
    with errors_told(voice):
        told.refuse_flags_alone(write, infer, output, config)
        if config is None:
            told.print_config_schema(voice, output)
        elif infer:
            told.print_columns(voice, config, to, dataset, as_json=as_json, write=write)
        else:
            told.print_tables(voice, config, to, dataset, as_json=as_json)


@app.command(epilog="Example: homeroom demo --serve --dial latency_s=0.05 --dial total=absent")
def demo(
    serve: Annotated[bool, typer.Option("--serve", help="only serve the school, until Ctrl-C")] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="P", min=0, max=65535, help="port to serve on, 0 for any free one; --serve has 8765"
        ),
    ] = None,
    scale: Annotated[
        float, typer.Option("--scale", metavar="S", min=0.01, max=10, help="size of the school, 1 is 91,318 rows")
    ] = 1.0,
    dial: Annotated[
        list[str] | None,
        typer.Option("--dial", metavar="NAME=VALUE", help="how the server misbehaves; may be repeated"),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Start the built-in sample school on loopback, sync it to homeroom_demo.duckdb, and show what came."""
    from homeroom.cli.demo import run_demo, serve_school

    voice = make_voice(quiet=quiet, verbose=verbose)
    with terminable():
        act = serve_school if serve else run_demo
        raise typer.Exit(act(voice, port, scale, tuple(dial or ())))


app.command("eject", epilog="Example: homeroom eject school.yaml -o school_dlt.py")(eject)
app.command("completion", epilog="Example: homeroom completion bash")(completion)
app.add_typer(state, name="state")
app.add_typer(privacy, name="privacy")
app.add_typer(catalog, name="catalog")
app.add_typer(export, name="export")
give_log_format(app)
