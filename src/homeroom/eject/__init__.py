"""From a config to a script that does the same with dlt alone, and to what it does not do.

Nothing is requested, and no secret is looked up: placeholders become expressions.
"""

from homeroom.eject.ejecting import Script, eject

__all__ = ["Script", "eject"]
