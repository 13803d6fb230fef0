"""The names of the platforms that are shipped."""

from homeroom.catalog import PLATFORMS

NAMES = sorted(file.stem for file in PLATFORMS.glob("*.yaml"))
