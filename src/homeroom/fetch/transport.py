"""Which wire is used. Everything above the `Transport` protocol is tested without a socket."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

import requests

from homeroom.errors import ConfigError, Problem
from homeroom.fetch.aiohttp_wire import aiohttp_transport
from homeroom.fetch.protocol import SIGNED_ELSEWHERE, USER_AGENT, Transport, TransportError, TransportFactory
from homeroom.fetch.requests_wire import requests_transport

__all__ = [
    "SIGNED_ELSEWHERE",
    "USER_AGENT",
    "Transport",
    "TransportError",
    "TransportFactory",
    "aiohttp_transport",
    "chosen_transport",
    "requests_transport",
]

VARIABLE = "HOMEROOM_TRANSPORT"
_BY_NAME: Mapping[str, TransportFactory] = {"aiohttp": aiohttp_transport, "requests": requests_transport}


def chosen_transport(
    session: requests.Session | None = None, environ: Mapping[str, str] | None = None
) -> TransportFactory:
    """The transport for a config whose `client.session` is `session`: requests over it, whatever the environment says.

    Without one HOMEROOM_TRANSPORT decides (`environ` is the process's own when None), aiohttp where it is not
    set. Raises `ConfigError` for a name that is neither.
    """
    if session is not None:
        return partial(requests_transport, session=session)
    name = (os.environ if environ is None else environ).get(VARIABLE) or "aiohttp"
    if name not in _BY_NAME:
        hint = "unset it for aiohttp, which costs the least"
        raise ConfigError(
            [Problem(VARIABLE, "unknown transport", repr(name), ", ".join(_BY_NAME), hint, code="wrong-environment")]
        )
    return _BY_NAME[name]
