"""The command line: arguments in, words out. No logic of its own.

stdout is data, stderr is progress and messages. Modules are imported when a command needs them: dlt alone
takes two seconds, which `--help` need not spend.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit the process with its code."""
    from homeroom.cli.app import app

    sys.exit(app(args=arguments, prog_name="homeroom", standalone_mode=True))
