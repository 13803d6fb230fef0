"""docs/platforms is written from the YAMLs (`HOMEROOM_WRITE_DOCS=1 pytest tests/catalog`)."""

from __future__ import annotations

import os
from pathlib import Path

from shipped import NAMES

from homeroom.catalog import Platform, list_platforms, page_of, table_of

PAGES = Path(__file__).parents[2] / "docs" / "platforms"
WRITE = "HOMEROOM_WRITE_DOCS"
STALE = f"run the tests with {WRITE}=1 and look at the difference"

INDEX = """\
# Platforms

What the catalogue holds, and how each config was verified. `homeroom catalog list` has the same table,
`homeroom init PLATFORM` writes a config. Written from `src/homeroom/platforms` by `tests/catalog`
(`{write}=1 pytest tests/catalog`); how to add one is in CONTRIBUTING.md.

{table}"""


def kept(file: Path, text: str) -> str:
    """What the file holds, written first where that is wanted."""
    if os.environ.get(WRITE):
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_the_page_of_a_platform_is_what_its_yaml_says(platform: Platform) -> None:
    text = page_of(platform)
    assert kept(PAGES / f"{platform.platform}.md", text) == text, STALE


def test_the_table_lists_every_platform_by_how_it_was_verified() -> None:
    text = INDEX.format(write=WRITE, table=table_of(list_platforms()))
    assert kept(PAGES / "README.md", text) == text, STALE


def test_there_is_no_page_of_a_platform_that_is_gone() -> None:
    assert {file.stem for file in PAGES.glob("*.md")} == {*NAMES, "README"}


def test_a_page_names_every_table_and_what_is_asked_for(platform: Platform) -> None:
    text = page_of(platform)
    wanted = [*platform.resource_names, *platform.classes, *(ask.variable for ask in platform.values)]
    wanted += [secret.variable for secret in platform.asks.secrets]
    assert [word for word in wanted if f"`{word}`" not in text] == []
    assert all(permission in text for secret in platform.asks.secrets for permission in secret.permissions)
