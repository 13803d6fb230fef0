"""Links between the pages as GitHub shows them: README, CONTRIBUTING, the examples, docs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import DOCS, ROOT, github_anchors, links

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("examples/**/*.md"))]
PAGES += sorted(DOCS.rglob("*.md"))


def leads_nowhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path) if path else page
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in github_anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_anchor_of_a_page_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page.read_text(encoding="utf-8")) if leads_nowhere(page, link)] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_page_of_the_site_links_to_pages_of_the_site(page: Path) -> None:
    targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not target.is_relative_to(DOCS)] == []
