"""Where the platforms stand, and how one is found."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError

from homeroom.catalog.model import Platform
from homeroom.errors import ConfigError, Problem

PLATFORMS = Path(__file__).parent.parent / "platforms"

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_platform(file: Path) -> Platform:
    """The platform of one YAML. Raises `ConfigError` with everything that is wrong with it."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
        platform = Platform.model_validate(content)
    except yaml.YAMLError as error:
        raise ConfigError(
            [Problem("", f"not YAML: {' '.join(str(error).split())}", file=str(file), code="bad-syntax")]
        ) from None
    except ValidationError as error:
        raise ConfigError([_problem(each, file) for each in error.errors(include_url=False)]) from None
    if platform.platform != file.stem:
        hint = f"name the file {platform.platform}.yaml"
        raise ConfigError([Problem("platform", "is not the file's name", platform.platform, hint=hint, file=str(file))])
    return platform


def _problem(error: object, file: Path) -> Problem:
    assert isinstance(error, dict)
    path = ".".join(str(part) for part in error["loc"])
    return Problem(path, error["msg"].removeprefix("Value error, "), file=str(file))


def list_platforms() -> list[Platform]:
    """Every platform, by name."""
    return [read_platform(file) for file in sorted(PLATFORMS.glob("*.yaml"))]


def find_platform(name: str) -> Platform:
    """The platform of this name. Raises `ConfigError` with the nearest names where there is none."""
    known = sorted(file.stem for file in PLATFORMS.glob("*.yaml"))
    plain = name.lower().replace("-", "_").replace(" ", "_")
    if plain in known:
        return read_platform(PLATFORMS / f"{plain}.yaml")
    near = get_close_matches(plain, known, n=3, cutoff=0.5) or [each for each in known if plain and plain in each]
    hint = f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else None
    also = "homeroom catalog list names them all; `generic` is for an API that is not there"
    raise ConfigError(
        [Problem("PLATFORM", "there is no such platform", repr(name), hint=hint or also, code="unknown-name")]
    )


def search_platforms(words: list[str]) -> list[Platform]:
    """The platforms of which every word is found: in the name, title, kind, what they read, or a table's name."""
    return [each for each in list_platforms() if all(word.lower() in _findable(each) for word in words)]


def _findable(platform: Platform) -> str:
    parts = [platform.platform, platform.title, platform.kind, platform.verified, platform.reads]
    return "\n".join([*parts, *platform.resource_names]).lower()
