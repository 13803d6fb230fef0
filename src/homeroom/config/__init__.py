"""From a config file to a checked `Config`, or to every problem that the file has."""

from homeroom.config.checks import check_source, source_secrets
from homeroom.config.fingerprint import fingerprint
from homeroom.config.load import load_config
from homeroom.config.place import placed
from homeroom.config.privacy_section import KEY_SECRET, KEY_VARIABLE, read_privacy
from homeroom.config.sync_section import allows_http, read_sync

__all__ = [
    "KEY_SECRET",
    "KEY_VARIABLE",
    "allows_http",
    "check_source",
    "fingerprint",
    "load_config",
    "placed",
    "read_privacy",
    "read_sync",
    "source_secrets",
]
