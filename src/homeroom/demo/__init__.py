"""The sample school: a real HTTP server whose every row is known, and which can be told to misbehave."""

from homeroom.demo.dials import Dials
from homeroom.demo.log import Request
from homeroom.demo.server import School

__all__ = ["Dials", "Request", "School"]
