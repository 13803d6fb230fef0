"""What the build adds to pyproject.toml: the README as it stands on a page where its links lead nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE_LINK = re.compile(r"!?\[([^\]]+)\]\((?!https?://)[^)\s]+\)")


def without_relative_links(markdown: str) -> str:
    """The same text; of a link to a file of the repository only its words stay."""
    return RELATIVE_LINK.sub(r"\1", markdown)


class ReadmeHook(MetadataHookInterface):
    """Gives the metadata the README. An index shows it far from docs/, so links to files are words there."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Hatchling asks this for what `dynamic` names."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": without_relative_links(text)}
