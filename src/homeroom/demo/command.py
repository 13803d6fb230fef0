"""Serving the sample school from a command line, for `python -m homeroom.demo` and for others."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from threading import Event

from homeroom.demo.dials import DIAL_HELP, Dials, set_dial
from homeroom.demo.log import Request
from homeroom.demo.server import School

DEFAULT_PORT = 8765


def add_dial_flags(parser: ArgumentParser) -> None:
    """One flag for each dial, such as --latency-s; --fail-every 503=7 may come more than once."""
    group = parser.add_argument_group("dials", "how badly the school behaves")
    for name, allowed in DIAL_HELP.items():
        flag = "--" + name.replace("_", "-")
        if name == "fail_every":
            group.add_argument(flag, action="append", default=[], metavar="STATUS=N", help=allowed)
        else:
            group.add_argument(flag, metavar="VALUE", help=allowed.replace("%", "%%"))


def dials_from_flags(flags: Namespace) -> Dials:
    """The dials that the flags of `add_dial_flags` say; ValueError names what is wrong."""
    dials = Dials()
    for name in DIAL_HELP:
        value = getattr(flags, name)
        if name == "fail_every":
            for pair in value:
                status, _, every = pair.partition("=")
                dials = set_dial(dials, f"fail_{status}_every", every)
        elif value is not None:
            dials = set_dial(dials, name, value)
    return dials


def greeting(school: School) -> str:
    """One line: where it is, the key, and a command that shows it works."""
    example = f"curl -H 'X-Api-Key: {school.api_key}' '{school.url}/v1/people?limit=2'"
    return f"Sample school at {school.url} with key {school.api_key}; try: {example}"


def serve(
    port: int,
    scale: float,
    dials: Dials,
    announce: Callable[[str], None],
    on_request: Callable[[Request], None] | None = None,
) -> None:
    """Serves until Ctrl-C; `announce` gets `greeting` once it is open. OSError if the port is taken."""
    with School(port=port, scale=scale, dials=dials, on_request=on_request) as school:
        try:  # the greeting too: who has read it may send the Ctrl-C at once
            announce(greeting(school))
            Event().wait()
        except KeyboardInterrupt:
            return
