"""Codes: a registry that is whole, and no error without one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import homeroom.facts.error_objects  # noqa: F401 it has a class of its own
from homeroom import errors
from homeroom.codes import Code, Entry, explained, registry, tagged
from homeroom.errors import ConfigError, DataError, HomeroomError, Problem
from homeroom.fetch.protocol import CODES, TransportError
from homeroom.retry import Failure

SOURCE = Path(errors.__file__).parent
KNOWN = get_args(Code)


def _classes(kind: type[HomeroomError] = HomeroomError) -> Iterator[type[HomeroomError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _classes(each)


def _texts() -> Iterator[tuple[Path, ast.Constant]]:
    for file in SOURCE.rglob("*.py"):
        if file.parent.name != "codes":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield file, node


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    assert tuple(registry()) == KNOWN


def test_every_code_is_used() -> None:
    assert set(KNOWN) - {node.value for _, node in _texts()} == set()


def test_every_code_that_is_given_is_known() -> None:
    given = [
        (file.name, keyword.value.lineno, keyword.value.value)
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    ]
    assert len(given) > 100
    assert [each for each in given if each[2] not in KNOWN] == []


@pytest.mark.parametrize("kind", [*_classes()], ids=lambda kind: kind.__name__)
def test_no_class_of_errors_is_without_a_code(kind: type[HomeroomError]) -> None:
    assert kind.code in KNOWN
    if kind.__module__ == "homeroom.errors":
        assert "code" in vars(kind)


@pytest.mark.parametrize("entry", registry().values(), ids=lambda entry: entry.code)
def test_an_entry_says_what_it_means_and_what_to_try_in_whole_sentences(entry: Entry) -> None:
    said = (entry.means, *entry.causes, *entry.to_try)
    assert entry.causes and entry.to_try and entry.exits
    assert [each for each in said if each[-1] not in ".`"] == []
    assert set(entry.exits) <= {1, 2, 3, 4, 5, 130}


def test_an_error_has_the_code_of_its_class_or_its_own() -> None:
    assert DataError("x").code == "rows-unfit"
    assert DataError("x", code="not-ready").code == "not-ready"


def test_an_error_of_a_config_has_the_code_of_its_first_problem() -> None:
    problems = [Problem("a", "unknown key `a`", code="unknown-key"), Problem("b", "must be 1", "2")]
    assert ConfigError(problems).code == "unknown-key"
    assert [each.code for each in ConfigError(problems).problems] == ["unknown-key", "wrong-value"]


def test_the_text_of_an_error_is_without_its_code() -> None:
    assert str(DataError("no rows", code="no-rows-there")) == "no rows"
    assert tagged("no rows", "no-rows-there") == "no rows [no-rows-there]"
    assert tagged("no rows", None) == "no rows"


def test_every_reason_of_the_wire_has_a_code() -> None:
    used = {
        node.args[0].value
        for file in (SOURCE / "fetch").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TransportError"
        if isinstance(node.args[0], ast.Constant)
    }
    assert used == set(CODES)
    assert TransportError("DNS", "no such name").code == "host-unreachable"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure("503", 503), "server-failing"),
        (Failure("429", 429, throttled=True), "rate-limited"),
        (Failure("403", 403, throttled=True), "rate-limited"),
        (Failure("cut off"), "answer-cut-off"),
        (Failure("connection (x)", cause="host-unreachable"), "host-unreachable"),
    ],
)
def test_retries_that_are_used_up_have_the_code_of_what_failed(failure: Failure, code: Code) -> None:
    assert failure.code == code


def test_what_is_known_of_a_code_is_a_line_each() -> None:
    first, *others = explained("rate-limited")
    assert first.startswith("[rate-limited] ") and others
    assert all(line.startswith("  try: ") for line in others)
