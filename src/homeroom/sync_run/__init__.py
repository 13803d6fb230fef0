"""The whole job: a config is read, its source extracted, loaded, proved and written down."""

from homeroom.history import home_folder
from homeroom.sync_run.checked import Checked, check_config
from homeroom.sync_run.options import SyncOptions, chosen, told_settings
from homeroom.sync_run.replay import ReplayOptions, replay
from homeroom.sync_run.whole import sync, sync_config

__all__ = [
    "Checked",
    "ReplayOptions",
    "SyncOptions",
    "check_config",
    "chosen",
    "home_folder",
    "replay",
    "sync",
    "sync_config",
    "told_settings",
]
