"""How well names alone tell what is personal, against the classes that the catalogue's configs declare.

`python tests/personal/personal_measure.py` prints the table; with a class (`none`, `direct`, …) what went wrong in it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

import homeroom
from homeroom.personal import by_name

PLATFORMS = Path(homeroom.__file__).parent / "platforms"
CLASSES = ("direct", "demographic", "contact", "free_text", "none", "record", "directory")
PERSONAL = ("direct", "demographic", "contact", "free_text")

_CONTACT = re.compile(
    r"(email|principal|(^|_)(owner|creator|instructor|author|teacher|user|staff|administrator)s?(_|$))"
)
"""Of the class `directory`: how to reach somebody, or who it is. The rest is role, title, department, grade."""
_ROLE = re.compile(r"role|title|school|district$|department|grade|^type$|is_|phone_type|qualified")


@dataclass(frozen=True, slots=True)
class Declared:
    """A column of a shipped config, its class, and whether its name looks personal."""

    platform: str
    table: str
    column: str
    is_of: str
    looks: bool


def declared() -> Iterator[Declared]:
    """Every column of the catalogue."""
    for file in sorted(PLATFORMS.glob("*.yaml")):
        for table, classes in yaml.safe_load(file.read_text(encoding="utf-8"))["classes"].items():
            for each, columns in classes.items():
                for column in columns:
                    found = by_name(table, column).kind
                    yield Declared(file.stem, table, column, _class(each, table, column), found is not None)


def _class(each: str, table: str, column: str) -> str:
    told = table.rpartition("__")[2] if column in ("value", "id") and "__" in table else column
    is_contact = each == "directory" and _CONTACT.search(told) and not _ROLE.search(told)
    return "contact" if is_contact else each


def share(columns: list[Declared], *classes: str) -> float:
    """Of the columns of these classes, the share that looks personal."""
    looked = [column.looks for column in columns if column.is_of in classes]
    return sum(looked) / len(looked)


def precision(columns: list[Declared]) -> float:
    """Of the columns that look personal and are of a class that decides, the share that is."""
    looked = [column.is_of in PERSONAL for column in columns if column.looks and column.is_of in (*PERSONAL, "none")]
    return sum(looked) / len(looked)


def main(asked: str | None) -> None:
    """Prints the table, or the mistakes of one class."""
    columns = list(declared())
    if asked:
        for each in columns:
            if each.is_of == asked and each.looks != (asked in PERSONAL):
                print(f"{each.platform:18} {each.table}.{each.column}")
        return
    print("class         columns   look personal")
    for each in CLASSES:
        print(f"{each:12} {sum(c.is_of == each for c in columns):8,} {share(columns, each):12.1%}")
    print(f"direct and demographic together: {share(columns, 'direct', 'demographic'):.1%}")
    print(f"of what looks personal, is so: {precision(columns):.1%}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
