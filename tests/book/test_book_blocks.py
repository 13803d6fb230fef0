"""The blocks of code in the docs are code. What is marked as a session is run by tests/test_readme_session.py."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest
import yaml
from pages import DOCS, ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
BLOCKS = [
    pytest.param(
        found[1], found[2], id=f"{page.relative_to(ROOT).as_posix()}:{text[: found.start()].count(chr(10)) + 1}"
    )
    for page in PAGES
    for text in [page.read_text(encoding="utf-8")]
    for found in re.finditer(r"^```(python|yaml|json)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
]


@pytest.mark.parametrize(("language", "block"), BLOCKS)
def test_a_block_can_be_read_as_what_it_says_it_is(language: str, block: str) -> None:
    plain = textwrap.dedent(block)
    if language == "python":
        compile(plain, "page", "exec")
    elif language == "json":
        json.loads(plain)
    else:
        yaml.safe_load(plain)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_says_its_language_and_ends(page: Path) -> None:
    fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert fences[1::2] == [""] * (len(fences) // 2) and len(fences) % 2 == 0
    assert [language for language in fences[::2] if not language] == []
