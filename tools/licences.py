"""Which licences the packages have that Homeroom brings with it, and docs/licences.md, which lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dependencies import WHY, Dependency
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0", "Unlicense", "Zlib"}
)
"""What asks for no more than a notice."""

REASONED = {
    "certifi": ("MPL-2.0", "Mozilla's list of certificates, used unchanged; the MPL covers that file alone"),
    "orjson": (
        "MPL-2.0 AND (Apache-2.0 OR MIT)",
        "a module that is used unchanged; the MPL covers its own files alone",
    ),
    "psycopg2-binary": (
        "LGPL-3.0-or-later",
        "in an extra only; a module that a user can replace",
    ),
}
"""Packages with another licence, which one, and why it is taken. Another licence of theirs needs another reason."""

SPOKEN = {
    "apache 2.0": "Apache-2.0",
    "apache v2": "Apache-2.0",
    "isc license": "ISC",
    "lgpl with exceptions": "LGPL-3.0-or-later",
    "mit license": "MIT",
}
"""How some packages write a licence, in lower case."""

CLASSIFIED = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Classifiers that mean one licence; `BSD License` does not."""

READ = {"gitdb": "BSD-3-Clause"}
"""What stands in the licence file of a package whose metadata does not say it."""


@dataclass(frozen=True)
class Package:
    """A package that pip would install: its licence (SPDX; None if unknown), and what it needs in turn."""

    name: str
    licence: str | None
    needs: frozenset[str]

    @property
    def key(self) -> str:
        """The name as registries compare it."""
        return canonicalize_name(self.name)


def packages(report: dict[str, Any]) -> list[Package]:
    """Those of pip's report but Homeroom itself, by name."""
    found = [_package(item["metadata"]) for item in report["install"]]
    return sorted((p for p in found if p.key != "homeroom"), key=lambda package: package.key)


def _package(metadata: dict[str, Any]) -> Package:
    needs = frozenset(canonicalize_name(Requirement(text).name) for text in metadata.get("requires_dist", []))
    return Package(metadata["name"], licence_of(metadata), needs)


def licence_of(metadata: dict[str, Any]) -> str | None:
    """The SPDX expression: as declared, as spoken, as classified, or as somebody has read it in the package."""
    declared = metadata.get("license_expression") or metadata.get("license") or ""
    spoken = SPOKEN.get(declared.strip().lower(), declared.strip())
    try:
        return str(canonicalize_license_expression(spoken))
    except InvalidLicenseExpression:
        pass
    classifiers = [c.rpartition(" :: ")[2] for c in metadata.get("classifier", []) if c.startswith("License :: ")]
    if len(classifiers) == 1 and classifiers[0] in CLASSIFIED:
        return CLASSIFIED[classifiers[0]]
    return READ.get(canonicalize_name(metadata["name"]))


def is_permissive(expression: str) -> bool:
    """Whether an SPDX expression leaves a choice in which every licence is permissive."""
    words = re.findall(r"[()]|[^\s()]+", expression)

    def either() -> bool:
        holds = both()
        while words and words[0] == "OR":
            words.pop(0)
            holds = both() or holds
        return holds

    def both() -> bool:
        holds = one()
        while words and words[0] == "AND":
            words.pop(0)
            holds = one() and holds
        return holds

    def one() -> bool:
        word = words.pop(0)
        if word == "(":
            holds = either()
            words.pop(0)
            return holds
        if words and words[0] == "WITH":  # an exception only ever allows more
            del words[:2]
        return word in PERMISSIVE

    return either()


def refused(found: list[Package]) -> list[str]:
    """What stands against the packages, one line for each that is neither permissive nor reasoned."""
    lines = []
    for package in found:
        accepted, _ = REASONED.get(package.key, (None, ""))
        if package.licence is None:
            lines.append(f"{package.name}: its metadata tells no licence; read its files, and write it into READ")
        elif package.licence != accepted and not is_permissive(package.licence):
            lines.append(f"{package.name}: {package.licence}; take another package, or give a reason in REASONED")
    return lines


HEAD = """# Licences

Homeroom is Apache-2.0. These are the packages that an installation brings with it, and their licences as SPDX
expressions. `HOMEROOM_WRITE_DOCS=1 pytest tests/release` writes this page; tests refuse a package whose licence is
unknown, or neither permissive nor one with a reason below. `make sbom` lists the versions of a release, in CycloneDX.
"""


def page(wanted: list[Dependency], found: list[Package]) -> str:
    """docs/licences.md."""
    licences = {package.key: package.licence or "unknown" for package in found}
    heads = ("package", "versions", "licence", "for")
    parts = [HEAD, "## Named by Homeroom\n", _table(heads, _direct(wanted, licences))]
    for extra in dict.fromkeys(d.extra for d in wanted if d.extra):
        rows = _direct([d for d in wanted if d.extra == extra], licences, extra)
        parts += [f"## With the extra `{extra}`\n", _table(heads, rows)]
    named = {d.key for d in wanted}
    rest = [(p.name, licences[p.key], _who(p, found)) for p in found if p.key not in named]
    parts += ["## Brought by these\n", _table(("package", "licence", "needed by"), rest)]
    reasons = [(p.name, *REASONED[p.key]) for p in found if p.key in REASONED]
    parts += ["## Not permissive, and why they are taken\n", _table(("package", "licence", "reason"), reasons)]
    return "\n".join(parts)


def _direct(wanted: list[Dependency], licences: dict[str, str], extra: str | None = None) -> list[tuple[str, ...]]:
    rows = [
        (d.written, d.range, licences.get(d.key, "unknown"), WHY.get(d.key, "")) for d in wanted if d.extra == extra
    ]
    return sorted(rows, key=lambda row: row[0].lower())


def _who(package: Package, found: list[Package]) -> str:
    return ", ".join(other.name for other in found if package.key in other.needs)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def rows_of(markdown: str) -> dict[str, list[str]]:
    """The cells behind each package's name on the page."""
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")]
    return {canonicalize_name(name.partition("[")[0]): cells for name, *cells in reversed(lines)}
