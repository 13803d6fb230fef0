"""docs/model.md has every table and column of the declaration; `HOMEROOM_WRITE_DOCS=1` writes them."""

from __future__ import annotations

import os
from pathlib import Path

from homeroom.model import Column, Entity, mapped_platforms, mappings_of, neutral_model

PAGE = Path(__file__).parents[2] / "docs" / "model.md"
BEGIN = "<!-- made by tests/model/test_model_docs.py from src/homeroom/model/edu.yaml -->\n"


def told(column: Column) -> str:
    parts = [
        f"one of {', '.join(column.allowed)}" if column.allowed else "",
        f"an id of {', '.join(dict.fromkeys(r.entity for r in column.references))}" if column.references else "",
        column.means,
    ]
    return "; ".join(filter(None, parts))


def line(column: Column) -> str:
    null = "never null" if column.required else ""
    return f"| `{column.name}` | {column.type} | {null} | {column.personal} | {told(column)} |"


def section(entity: Entity) -> str:
    lines = [line(entity.columns[name]) for name in entity.own]
    head = f"### {entity.name}\n\n{entity.means[0].upper()}{entity.means[1:]}.\n\n"
    return head + "| column | type | | class | |\n|---|---|---|---|---|\n" + "\n".join(lines) + "\n"


def platforms() -> str:
    names = list(neutral_model().entities)
    rows = [
        f"| {platform} | {', '.join(name for name in names if name in mappings_of(platform))} |"
        for platform in mapped_platforms()
    ]
    return "## Platforms\n\n| `model:` | makes |\n|---|---|\n" + "\n".join(rows) + "\n"


def made() -> str:
    entities = neutral_model().entities
    shared = [column for name, column in entities["org"].columns.items() if name not in entities["org"].own]
    common = "### Columns of every table\n\n| column | type | | class | |\n|---|---|---|---|---|\n"
    common += "\n".join(line(column) for column in shared) + "\n"
    return "\n".join([platforms(), "## Tables\n", common, *(section(entity) for entity in entities.values())])


def test_the_page_has_the_declaration() -> None:
    text = PAGE.read_text(encoding="utf-8")
    written, _, tables = text.partition(BEGIN)
    if os.environ.get("HOMEROOM_WRITE_DOCS"):
        PAGE.write_text(written + BEGIN + made(), encoding="utf-8")
        return
    assert tables == made()
