"""`homeroom completion`: what a shell is to read so that it asks for words."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from homeroom.cli import completing


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish"],
        typer.Argument(help="the shell that is typed in", show_default=False),
    ],
) -> None:
    """Print what makes a shell complete verbs, flags, platforms, runs, configs and the names of their resources.

    For good, in ~/.bashrc: eval "$(homeroom completion bash)"; in ~/.zshrc, behind compinit:
    eval "$(homeroom completion zsh)"; fish: homeroom completion fish > ~/.config/fish/completions/homeroom.fish
    """
    typer.echo(completing.script(shell))
