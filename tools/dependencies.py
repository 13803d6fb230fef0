"""The packages that pyproject.toml names, and what each is there for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent

DEVELOPMENT = frozenset({"bench", "dev", "docs"})
"""Extras of those who change Homeroom; whoever uses it never installs them."""

WHY = {
    "adbc-driver-manager": "loads parquet into PostgreSQL",
    "adbc-driver-postgresql": "loads parquet into PostgreSQL",
    "aiohttp": "the wire: all requests of a sync, many at once",
    "certifi": "the certificates that both transports trust",
    "cryptography": "seals pages on disk, signs for service accounts",
    "deltalake": "writes Delta tables",
    "dlt": "the config's format; normalises, evolves schemas and loads",
    "duckdb": "the default destination, and the SQL of the neutral model",
    "filelock": "one sync of a config at a time",
    "fsspec": "folders of files as a destination, near or far",
    "jsonpath-ng": "data_selector",
    "msgspec": "reads counts, totals and links of a page without making its rows",
    "oauthlib": "OAuth 1 signatures",
    "orjson": "JSON to Python and back",
    "psycopg2-binary": "writes into PostgreSQL",
    "pyarrow": "pages to columns, parquet load files",
    "pydantic": "dlt's column models, contracts",
    "pyiceberg": "writes Iceberg tables",
    "pyiceberg-core": "partitions of Iceberg tables",
    "pyyaml": "config files, platforms",
    "requests": "what auth classes, custom paginators and response actions of dlt see",
    "rich": "tables and progress on a terminal",
    "sqlalchemy": "the catalog of Iceberg tables",
    "sqlglot": "the model's SQL in each destination's dialect",
    "typer": "the command line",
    "typing-extensions": "types that Python 3.11 lacks",
    "urllib3": "what `requests` answers are made of",
    "yarl": "addresses that aiohttp sends as they were written",
}
"""One line for each package; by canonical name."""


@dataclass(frozen=True)
class Dependency:
    """One requirement of pyproject.toml; `extra` is Homeroom's extra that brings it, None for every user's."""

    name: str
    range: str
    parts: tuple[str, ...]
    extra: str | None

    @property
    def key(self) -> str:
        """The name as registries compare it."""
        return canonicalize_name(self.name)

    @property
    def written(self) -> str:
        """As pyproject.toml has it, without the range."""
        return f"{self.name}[{','.join(self.parts)}]" if self.parts else self.name

    @property
    def lowest(self) -> str | None:
        """The lowest version in the range; None if it has no lower end."""
        floors = [s.version for s in Requirement(f"{self.name}{self.range}").specifier if s.operator in (">=", "==")]
        return floors[0] if floors else None


def project(root: Path = ROOT) -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def extras(table: dict[str, Any]) -> list[str]:
    """The extras that are for users."""
    return sorted(set(table.get("optional-dependencies", {})) - DEVELOPMENT)


def dependencies(table: dict[str, Any]) -> list[Dependency]:
    """Every requirement that a user may get, those of every user first."""
    optional = table.get("optional-dependencies", {})
    return [*_read(table["dependencies"], None), *(d for extra in extras(table) for d in _read(optional[extra], extra))]


def _read(requirements: list[str], extra: str | None) -> Iterator[Dependency]:
    for text in requirements:
        requirement = Requirement(text)
        if canonicalize_name(requirement.name) == "homeroom":
            continue  # an extra that is made of others
        bounds = sorted(str(requirement.specifier).split(","), key=lambda bound: not bound.startswith(">"))
        yield Dependency(requirement.name, ",".join(bounds), tuple(sorted(requirement.extras)), extra)


def lowest_constraints(wanted: list[Dependency]) -> list[str]:
    """Lines of a constraints file that hold each package at the lowest version that is allowed.

    Where two requirements name a package, the higher floor counts: below it the other could not be met.
    """
    floors: dict[str, Version] = {}
    for each in wanted:
        if each.lowest is not None:
            floors[each.key] = max(Version(each.lowest), floors.get(each.key, Version("0")))
    return [f"{name}=={version}" for name, version in sorted(floors.items())]
