"""Arguments and flags that several verbs take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from homeroom.cli import completing

ConfigArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG",
        help="YAML, TOML or JSON file, or module:attribute",
        autocompletion=completing.config_files,
    ),
]
PlatformArgument = Annotated[
    str,
    typer.Argument(
        metavar="PLATFORM", help="its name, as in `homeroom catalog list`", autocompletion=completing.platforms
    ),
]
RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="a run's id, its beginning, or `last`", autocompletion=completing.runs),
]


class _Profile(StrEnum):
    FULL = "full"
    STANDARD = "standard"
    DEIDENTIFIED = "deidentified"


PrivacyProfile = Annotated[
    _Profile | None,
    typer.Option("--privacy", help="what is stored of personal columns; standard where nobody is asked"),
]


def to_file(told: str) -> Any:
    """The flag `-o` of a verb that writes a file; `told` is its help."""
    return typer.Option("-o", "--output", metavar="FILE", help=told, autocompletion=completing.any_file)


Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="errors only on stderr; stdout stays as it is")]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v",
        "--verbose",
        help="retries, waits, times; with errors what to try, the request as curl, a traceback",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout")]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="G",
        help="only resources that fit this pattern (enroll*); may be repeated",
        autocompletion=completing.resources,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="G",
        help="all but resources that fit this pattern; may be repeated",
        autocompletion=completing.resources,
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="DEST", help="destination: a URL such as duckdb:///campus.duckdb, or a dlt destination's name"
    ),
]
Dataset = Annotated[str | None, typer.Option("--dataset", metavar="D", help="dataset (schema) in the destination")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="read at most N rows of each resource; it ends incomplete"),
]
Concurrency = Annotated[
    int | None, typer.Option("--concurrency", metavar="N", min=1, max=256, help="most requests in flight to one host")
]
InsecureHttp = Annotated[
    bool,
    typer.Option("--insecure-http", help="let keys go over http:// to other machines, where anybody can read them"),
]
Rate = Annotated[
    str | None, typer.Option("--rate", metavar="R", help="never more requests to one host than this: 10/s or 600/min")
]
