"""The command line: arguments in, words out. No logic of its own.

stdout is data, stderr is progress and messages. Modules are imported when a command needs them: dlt alone
takes two seconds, which `--help` need not spend.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit the process with its code."""
    # dlt makes itself an id in the user's home, and reports home, as soon as it is imported.
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    from homeroom.cli import completing
    from homeroom.cli.app import app
    from homeroom.cli.log import stderr_as
    from homeroom.cli.log_format import asked_format

    completing.begin()
    # Before the arguments are understood: they may be what is wrong.
    with stderr_as(asked_format(sys.argv[1:] if arguments is None else arguments)):
        sys.exit(app(args=arguments, prog_name="homeroom", standalone_mode=True))
