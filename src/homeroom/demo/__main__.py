"""`python -m homeroom.demo`: the sample school on loopback until Ctrl-C."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from homeroom.demo.command import DEFAULT_PORT, add_dial_flags, dials_from_flags, serve
from homeroom.demo.log import Request

_EXAMPLE = "example: python -m homeroom.demo --scale 0.1 --throttle-every 10 --fail-every 503=7 -v"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 after Ctrl-C, 2 for what cannot be used, such as a taken port."""
    parser = ArgumentParser(prog="python -m homeroom.demo", description=__doc__, epilog=_EXAMPLE)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--scale", type=float, default=1.0, help="0.01 is small, 1 has 63,000 submissions")
    parser.add_argument("-v", "--verbose", action="store_true", help="each request on stderr")
    add_dial_flags(parser)
    flags = parser.parse_args(arguments)
    try:
        serve(flags.port, flags.scale, dials_from_flags(flags), _say, _log if flags.verbose else None)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _log(entry: Request) -> None:
    query = "&".join(f"{name}={value}" for name, value in entry.query.items())
    print(entry.status, entry.method, f"{entry.path}?{query}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
