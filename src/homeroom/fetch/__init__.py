"""Fetch: requests go out, pages come back in the order of their chain. The only stage that opens sockets."""

from homeroom.fetch.chain import Chain
from homeroom.fetch.desk import Stream
from homeroom.fetch.engine import Engine

__all__ = ["Chain", "Engine", "Stream"]
