"""What the tests of the config stage share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from homeroom.config import load_config
from homeroom.errors import ConfigError
from homeroom.values import Config

Load = Callable[..., Config]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Write a text to a file in the working directory and load it; no secret exists but those given."""
    monkeypatch.chdir(tmp_path)

    def _load(
        text: str,
        file: str = "school.yaml",
        environ: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Config:
        Path(file).write_text(text)
        return load_config(file, environ=environ or {}, read_secret=(secrets or {}).get)

    return _load


@pytest.fixture
def problems(load: Load) -> Problems:
    """The printed problems of a text that must not load."""

    def _problems(text: str, file: str = "school.yaml", **given: Mapping[str, str]) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, file, **given)
        return str(caught.value).splitlines()

    return _problems


@pytest.fixture
def problems_of_sync(problems: Problems) -> Callable[[str], list[str]]:
    """The problems of a right config with one `sync:` section, which begins on line 2."""
    right = "source: {client: {base_url: https://x.org}, resources: [users, courses]}\n"
    return lambda section: problems(right + section)
