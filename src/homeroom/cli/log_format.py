"""`--log-format`: a flag of every verb that has `-q`, given to all of them in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any

import typer

from homeroom.cli.log import stderr_as

FLAG = "--log-format"


class LogFormat(StrEnum):
    """What stderr is written in."""

    TEXT = "text"
    JSON = "json"


_Option = Annotated[LogFormat, typer.Option(FLAG, help="of stderr: words, or a JSON object for each line")]


def give_log_format(app: typer.Typer) -> None:
    """Give the flag to all verbs of `app` and of what it groups. To be called when all are there."""
    for command in app.registered_commands:
        if command.callback is not None and "quiet" in inspect.signature(command.callback).parameters:
            command.callback = _with_flag(command.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            give_log_format(group.typer_instance)


def _with_flag(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The verb, with stderr in the format that is asked for. Typer reads the flag from the signature."""

    @wraps(verb)
    def spoken(*arguments: Any, log_format: LogFormat, **options: Any) -> Any:
        with stderr_as(log_format):
            return verb(*arguments, **options)

    told = inspect.signature(verb, eval_str=True)
    flag = inspect.Parameter("log_format", inspect.Parameter.KEYWORD_ONLY, default=LogFormat.TEXT, annotation=_Option)
    spoken.__signature__ = told.replace(parameters=[*told.parameters.values(), flag])  # type: ignore[attr-defined]
    spoken.__annotations__ = {**verb.__annotations__, "log_format": _Option}
    return spoken


def asked_format(arguments: Sequence[str]) -> str:
    """The format that a command line names, also where it cannot be understood."""
    for number, argument in enumerate(arguments):
        if argument == FLAG and number + 1 < len(arguments):
            return arguments[number + 1]
        if argument.startswith(f"{FLAG}="):
            return argument.partition("=")[2]
    return LogFormat.TEXT
