"""The packages that are named are those that are imported; each has a purpose, and a licence that may be taken."""

from __future__ import annotations

import ast
import os
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from dependencies import WHY, dependencies, project
from environments import Environment
from licences import Package, is_permissive, licence_of, packages, page, refused, rows_of
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs/licences.md"
WANTED = dependencies(project())


def imported() -> set[str]:
    """Names of distributions that a module of src imports."""
    modules: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add((node.module or "").partition(".")[0])
    found = packages_distributions()
    return {canonicalize_name(found.get(m, [m])[0]) for m in modules - set(sys.stdlib_module_names) - {"homeroom"}}


def test_every_package_that_is_imported_is_named() -> None:
    assert imported() - {d.key for d in WANTED} == set()


def test_every_package_that_all_users_get_is_imported() -> None:
    assert {d.key for d in WANTED if d.extra is None} - imported() == set()


@pytest.mark.parametrize("name", sorted({d.key for d in WANTED}))
def test_every_package_says_what_it_is_for(name: str) -> None:
    assert WHY[name]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda d: f"{d.extra or 'all'}-{d.name}")
def test_every_package_has_a_lowest_version(wanted: Any) -> None:
    assert wanted.lowest


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ({"license_expression": "mit or apache-2.0"}, "MIT OR Apache-2.0"),
        ({"license": "Apache v2"}, "Apache-2.0"),
        ({"license": "See LICENSE", "classifier": ["License :: OSI Approved :: MIT License"]}, "MIT"),
        ({"license": "BSD License", "classifier": ["License :: OSI Approved :: BSD License"]}, None),
        ({"classifier": ["License :: OSI Approved :: MIT License", "License :: Free for non-commercial use"]}, None),
        ({}, None),
    ],
)
def test_a_licence_is_what_the_metadata_says_and_no_guess(metadata: dict[str, Any], licence: str | None) -> None:
    assert licence_of({"name": "lantern", **metadata}) == licence


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-2.0-or-later OR MIT", True),
        ("MIT AND LGPL-2.1-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("(AGPL-3.0-only OR BSD-3-Clause) AND ISC", True),
        ("Apache-2.0 WITH LLVM-exception", True),
    ],
)
def test_an_expression_is_permissive_if_it_leaves_a_permissive_choice(expression: str, permissive: bool) -> None:
    assert is_permissive(expression) is permissive


@pytest.mark.parametrize(
    ("name", "licence", "words"),
    [
        ("lantern", None, "tells no licence"),
        ("lantern", "AGPL-3.0-only", "give a reason in REASONED"),
        ("certifi", "GPL-3.0-only", "give a reason in REASONED"),
    ],
)
def test_a_licence_that_nobody_reasoned_for_is_refused(name: str, licence: str | None, words: str) -> None:
    (line,) = refused([Package(name, licence, frozenset())])
    assert words in line


@pytest.fixture(scope="module")
def found(pip: Environment) -> list[Package]:
    """What pip would install today with every extra."""
    extras = ",".join(sorted({d.extra for d in WANTED if d.extra}))
    return packages(pip.report(f"{ROOT}[{extras}]"))


@pytest.mark.registry
@pytest.mark.xdist_group("release")
def test_no_package_has_a_licence_that_is_unknown_or_not_reasoned_for(found: list[Package]) -> None:
    assert len(found) > len(WANTED)
    assert refused(found) == []


@pytest.mark.registry
@pytest.mark.xdist_group("release")
def test_the_page_says_the_licences_that_the_packages_have(found: list[Package]) -> None:
    """All of it in a release; on other days a package may be new that somebody else brings."""
    written = page(WANTED, found)
    if os.environ.get("HOMEROOM_WRITE_DOCS"):
        PAGE.write_text(written, encoding="utf-8")
    old, new = rows_of(PAGE.read_text(encoding="utf-8")), rows_of(written)
    both = new.keys() if os.environ.get("HOMEROOM_DIST") else old.keys() & new.keys()
    licence = {True: 1, False: 0}
    named = {d.key for d in WANTED}
    told = {name: old.get(name, ["", ""])[licence[name in named]] for name in both}
    assert told == {name: new[name][licence[name in named]] for name in both}


def test_the_page_has_every_package_with_its_range() -> None:
    rows = rows_of(PAGE.read_text(encoding="utf-8"))
    assert {d.key: rows.get(d.key, [""])[0] for d in WANTED} == {d.key: d.range for d in WANTED}
