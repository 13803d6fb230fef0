"""docs/reference/cli.md, written from the command line itself and two tables of README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main
from pages import ROOT, cell

from homeroom.cli.app import app

INTRO = """\
# The command line

Written from the program; `homeroom VERB --help` says the same. stdout is data: the report, rows, JSON. stderr is
messages. Every error ends in a code, and [errors.md](../errors.md) has a section for each.

{exits}
The first that fits, in the order 2, 130, 5, 4, 1, 3, 0. They are those of `homeroom sync`; where a verb has others, its
section says so.

{everywhere}
`NO_COLOR` takes the colours away, `FORCE_COLOR` gives them to a pipe. `homeroom --version` prints the version.
`HOMEROOM_HOME` is the folder of local state, `~/.homeroom` if not set.

{contents}
"""

EVERYWHERE = ("-q, --quiet", "-v, --verbose", "--log-format")
"""Flags that the page tells once."""


def commands() -> Iterator[tuple[str, Any]]:
    """Each command that is shown, by the words that lead to it: Typer has its own copy of click."""
    yield from _below(typer.main.get_command(app), ())


def _below(group: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if not command.hidden:
            yield " ".join((*path, name)), command
            yield from _below(command, (*path, name))


def cli_page() -> str:
    """The whole page."""
    every = list(commands())
    contents = "\n".join(f"- [{words}](#homeroom-{words.replace(' ', '-')}): {_first(each)}" for words, each in every)
    tables = {"exits": readme_table("| exit |"), "everywhere": readme_table("| every verb takes |")}
    return INTRO.format(**tables, contents=contents) + "".join(_section(words, each) for words, each in every)


def readme_table(head: str) -> str:
    """A table of README.md, by how its first line begins."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(rf"^{re.escape(head)}.*\n(?:\|.*\n)+", readme, flags=re.MULTILINE)
    return str(table)


def _first(command: Any) -> str:
    return str(command.help).partition("\n\n")[0].replace("\n", " ").removesuffix(".")


def _section(words: str, command: Any) -> str:
    context = command.context_class(command, info_name=f"homeroom {words}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    parts = [f"\n## homeroom {words}\n", _prose(command.help), f"```text\n{' '.join(usage.split())}\n```\n"]
    rows = [each for each in (parameter.get_help_record(context) for parameter in command.params) if each]
    shown = [(flag, told) for flag, told in rows if not flag.startswith(EVERYWHERE)]
    if shown:
        parts += ["| | |\n|---|---|", *(f"| `{cell(flag)}` | {cell(_told(told))} |" for flag, told in shown), ""]
    parts.append(str(command.epilog).replace("Example: ", "Example: `") + "`\n")
    return "\n".join(parts)


def _prose(text: str) -> str:
    """As paragraphs; a `<word>` or `$(…)` in it stays what it is."""
    return "\n\n".join(" ".join(each.split()) for each in _escaped(text).split("\n\n")) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"(?<!`)\$\{?\(?[\w ]+[)}]?|<(?=\w)", lambda found: found[0].replace("<", "&lt;"), text)


def _told(text: str) -> str:
    return text.replace("<", "&lt;").replace("  [", " [").replace("*", "\\*").replace("[", "\\[")
