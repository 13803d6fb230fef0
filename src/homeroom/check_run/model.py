"""The neutral model's rules, asked of the database that a config was synced into (`homeroom check --model`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from homeroom import load
from homeroom.config import load_config, placed
from homeroom.edu_values import ModelReport
from homeroom.errors import ConfigError, Problem
from homeroom.history import home_folder
from homeroom.lock import only_run
from homeroom.values import Config
from homeroom.views import check_views

if TYPE_CHECKING:
    from homeroom.codes import Code


def check_model(config: str | os.PathLike[str], *, home: Path | None = None) -> ModelReport:
    """Check what the dataset `edu` holds of a config's platform, as every sync does behind its load.

    No request is made and nothing is written. `home` as in `homeroom.sync`.

    Raises:
        ConfigError: the config is wrong, has no `model:`, or no sync of it has made the views yet.
        LoadError: the database cannot be asked.
    """
    read = load_config(os.fspath(config), environ=os.environ)
    if read.model is None:
        raise _problem(read, "is needed for --model", "set model: PLATFORM, then sync")
    with placed(read.file):
        target = load.choose_target(read.destination, read.dataset, read.name)
    folder = home_folder(home)
    with (
        load.our_settings(target),
        only_run(folder, load.target_id(target), f"{target.shown}, dataset {target.dataset}"),
    ):
        pipeline = load.open_pipeline(target, read.name, folder)
        report = check_views(pipeline, target.kind, read.model, read.name)
    if report is None:
        raise _problem(read, f"has no views in {target.shown} yet", "homeroom sync makes them")
    return report


def _problem(config: Config, message: str, hint: str) -> ConfigError:
    code: Code = "missing-key" if config.model is None else "nothing-synced"
    return ConfigError([Problem("model", message, hint=hint, file=config.file, code=code)])
