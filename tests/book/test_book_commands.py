"""Every command in the docs, run or not, is one that the program has, with flags that it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_page import commands
from pages import DOCS, ROOT

FLAGS = {words: {flag for each in command.params for flag in each.opts} for words, command in commands()}
FLAGS["run"] = FLAGS["sync"]
EVERYWHERE = {"--help", "-h", "--version"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
PAGES.remove(DOCS / "errors.md")  # wrong ones on purpose, and each of them run


def written_commands(text: str) -> list[str]:
    """What stands behind a prompt, or in a line's code, and begins with `homeroom `; up to a pipe or a semicolon."""
    found = re.findall(r"^\$ (?:\S+=\S+ )*(homeroom .*)$", text, flags=re.MULTILINE)
    found += re.findall(r"`(homeroom [^`]+)`", text)
    return [re.split(r"[|;&>#]", each.replace("\\|", "/"))[0].strip() for each in found]


def problem(command: str) -> str:
    words = command.split()[1:]
    verb = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in FLAGS), "")
    if not verb:
        return "" if words[0].startswith("-") or words[0].isupper() else f"{command}: no such verb"
    flags = {re.split(r"[=\]]", word)[0] for word in words if re.match(r"--?[a-z]", word)}
    unknown = flags - FLAGS[verb] - EVERYWHERE
    return f"{command}: {', '.join(sorted(unknown))}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_a_page_exists_with_its_flags(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert list(filter(None, map(problem, written_commands(text)))) == []


def test_a_verb_or_a_flag_that_does_not_exist_is_seen() -> None:
    text = "Say `homeroom snyc x.yaml`, or\n\n```console\n$ API_KEY=x homeroom sync x.yaml --recent 3 | tee x\n```\n"
    assert [problem(each) for each in written_commands(text)] == [
        "homeroom sync x.yaml --recent 3: --recent",
        "homeroom snyc x.yaml: no such verb",
    ]
