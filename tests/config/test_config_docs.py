"""docs/config.md knows every setting of the `sync:` section, and what it is when it is left out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from homeroom.config import read_sync
from homeroom.config.model import LimitsModel, SyncModel
from homeroom.values import LimitSettings, RetrySettings, SyncSettings

PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
(BLOCK,) = (block for block in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL) if "sync:" in block)
SECTION: dict[str, Any] = yaml.safe_load(BLOCK)["sync"]


def models_in(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for part in get_args(hint):
        yield from models_in(part)


def settings_of(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Every key of a model and of those inside of it, as a path, with its model."""
    for key, field in model.model_fields.items():
        yield (*path, key), model
        for inner in models_in(field.annotation):
            yield from settings_of(inner, (*path, key))


EVERY = dict(settings_of(SyncModel))


def written(path: tuple[str, ...]) -> bool:
    """Whether the `sync:` block of the page has a key; settings of a resource stand under any resource."""
    found: list[Any] = [SECTION]
    for key in path:
        found = [each[key] for each in found if isinstance(each, dict) and key in each]
        found = [entry for each in found for entry in (each if isinstance(each, list) else [each])]
        if key == "resources":
            found = [settings for named in found for settings in named.values()]
    return bool(found)


@pytest.mark.parametrize("path", [path for path, model in EVERY.items() if model is not LimitsModel], ids=".".join)
def test_the_page_shows_every_setting_in_its_place(path: tuple[str, ...]) -> None:
    # A resource's own retry has the keys of the general one.
    assert written(path) or (path[:2] == ("resources", "retry") and written(("retry", *path[2:])))


def test_the_page_has_a_table_of_every_limit_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", PAGE, flags=re.MULTILINE)
    defaults = {name: getattr(LimitSettings(), name) for name in LimitsModel.model_fields}
    assert {name: int(value.replace(",", "")) for name, value in rows} == defaults


def test_the_numbers_on_the_page_are_the_defaults() -> None:
    settings = read_sync(SECTION)
    assert settings.retry == RetrySettings() and settings.limits == LimitSettings()
    assert (settings.concurrency, settings.read_ahead_mb) == (SyncSettings().concurrency, SyncSettings().read_ahead_mb)
