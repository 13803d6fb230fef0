"""`homeroom privacy`: the key that ids are hashed with."""

from __future__ import annotations

import secrets
import sys

import typer

from homeroom.cli.console import make_voice
from homeroom.cli.flags import Quiet, Verbose

KEY_BYTES = 32
"""As many as SHA-256 gives: no shorter key is as hard to find as the hash itself (RFC 2104, section 3)."""

privacy = typer.Typer(
    help="What is needed to keep personal columns private.",
    epilog="Example: homeroom privacy key",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@privacy.callback()
def _group() -> None:
    """A group, though it has one command by now."""


@privacy.command("key", epilog="Example: homeroom privacy key")
def key(quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Make a key for `hash`, and print it. Nothing is written: keep it where your other keys are.

    Who loses it cannot add to what was hashed with it; who has it can tell which hash is whose.
    """
    voice = make_voice(quiet=quiet, verbose=verbose)
    typer.echo(secrets.token_urlsafe(KEY_BYTES))
    if sys.stdout.isatty():
        voice.say("Set it as HOMEROOM_PRIVACY_KEY, or in .dlt/secrets.toml under [homeroom] as privacy_key.")
        voice.say("Keep a copy in a safe place: without it no later run can add to what was hashed with it.")
