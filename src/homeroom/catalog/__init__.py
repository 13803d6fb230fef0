"""The platforms that Homeroom knows: data in `homeroom/platforms`, and what is made of it."""

from homeroom.catalog.filling import DESTINATION, Filled, fill
from homeroom.catalog.flags import Told, check_names, read_flags, right_name, right_value
from homeroom.catalog.model import Ask, Platform, Secret
from homeroom.catalog.page import page_of, table_of
from homeroom.catalog.private import MEANS
from homeroom.catalog.shelf import PLATFORMS, find_platform, list_platforms, read_platform, search_platforms
from homeroom.catalog.storing import SECRETS, check_output, check_secrets, store_secrets, write_config

__all__ = [
    "DESTINATION",
    "MEANS",
    "PLATFORMS",
    "SECRETS",
    "Ask",
    "Filled",
    "Platform",
    "Secret",
    "Told",
    "check_names",
    "check_output",
    "check_secrets",
    "fill",
    "find_platform",
    "list_platforms",
    "page_of",
    "read_flags",
    "read_platform",
    "right_name",
    "right_value",
    "search_platforms",
    "store_secrets",
    "table_of",
    "write_config",
]
