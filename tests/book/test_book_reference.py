"""docs/reference is written from the code (`HOMEROOM_WRITE_DOCS=1 pytest tests/book`), and has everything."""

from __future__ import annotations

import re

import pytest
from cli_page import cli_page, commands
from keys_page import TITLES, TOP, keys_page, untitled
from pages import DOCS, STALE, kept
from python_page import NAMES, python_page
from tables_page import TABLES, tables_page

import homeroom
from homeroom.codes import registry
from homeroom.config.json_schema import config_schema

REFERENCE = DOCS / "reference"
SCHEMA = config_schema()


def test_the_page_of_the_command_line_is_what_the_program_says() -> None:
    text = cli_page()
    assert kept(REFERENCE / "cli.md", text) == text, STALE


def test_every_section_of_the_config_has_a_title() -> None:
    assert untitled(SCHEMA) == set(), "the JSON Schema has a new definition, or one less: see PARTS of keys_page.py"


def test_the_page_of_keys_is_what_the_schema_says() -> None:
    text = keys_page(SCHEMA)
    assert kept(REFERENCE / "config_keys.md", text) == text, STALE


def test_the_page_of_python_is_what_the_docstrings_say() -> None:
    text = python_page()
    assert kept(REFERENCE / "python.md", text) == text, STALE


@pytest.mark.parametrize("table", TABLES)
def test_every_column_that_is_added_is_explained_and_no_other(table: str) -> None:
    _, columns, told = TABLES[table]
    assert list(told) == list(columns), f"explain the columns of {table} in tables_page.py, in their order"


def test_the_page_of_tables_has_the_types_of_the_code() -> None:
    text = tables_page()
    assert kept(REFERENCE / "tables.md", text) == text, STALE


# --- nothing is left out -------------------------------------------------------------------------------------------


def written(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [words for words, _ in commands()])
def test_every_verb_and_every_option_of_it_is_in_the_docs(words: str) -> None:
    section = written("reference/cli.md").partition(f"\n## homeroom {words}\n")[2].partition("\n## ")[0]
    intro = written("reference/cli.md").partition("\n## ")[0]
    (command,) = (each for name, each in commands() if name == words)
    flags = [flag for parameter in command.params for flag in parameter.opts if flag.startswith("-")]
    shorter = {"--quiet": "-q", "--verbose": "-v"}
    assert section
    assert [flag for flag in flags if flag not in section and shorter.get(flag, flag) not in intro] == []


@pytest.mark.parametrize("code", sorted(str(code) for code in registry()))
def test_every_error_code_has_a_section(code: str) -> None:
    assert f"\n### {code}\n" in written("errors.md")


SECTIONS = {TOP: SCHEMA["else"], **{title: SCHEMA["$defs"].get(name, {}) for name, title in TITLES.items()}}


@pytest.mark.parametrize("title", SECTIONS)
def test_every_key_of_the_config_is_in_its_section(title: str) -> None:
    section = written("reference/config_keys.md").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    keys = re.findall(r"^\| (?:\*\*)?`([^`]+)`", section, flags=re.MULTILINE)
    assert keys == list(SECTIONS[title]["properties"])


def test_no_key_is_without_a_word_about_it() -> None:
    silent = [
        f"{title}: {key}"
        for title, definition in SECTIONS.items()
        for key, part in definition["properties"].items()
        if not part.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("name", [*homeroom.__all__, "check"])
def test_every_exported_name_is_in_the_docs(name: str) -> None:
    assert f"\n## `{name}`\n" in written("reference/python.md")
    assert name in NAMES
