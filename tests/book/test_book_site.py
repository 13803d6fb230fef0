"""The site of the docs, as `make docs` builds it: strictly, whole, and fetching nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import DOCS, ROOT, Build, broken_link, headings, html_of, nav_pages

pytestmark = pytest.mark.xdist_group("book")  # so that the site is built once

PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def html_page(site: Build, page: str) -> Path:
    return site.site / page.replace("README.md", "index.md").replace(".md", ".html")


def test_the_site_is_built_strictly_and_without_a_warning(site: Build) -> None:
    assert site.code == 0, site.said
    assert "No issues found" in site.said
    assert "warning" not in site.said.lower()


def test_make_docs_builds_strictly_too() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ndocs:")[2].partition("\n\n")[0]
    assert "zensical build --clean --strict" in recipe


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(nav_pages()) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_built_with_all_its_headings(site: Build, page: str) -> None:
    written = headings((DOCS / page).read_text(encoding="utf-8"))
    assert html_of(html_page(site, page)).headings == len(written)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_anchor_of_the_site_leads_somewhere(site: Build, page: str) -> None:
    built = html_page(site, page)
    assert [href for href in html_of(built).hrefs if broken_link(built, href)] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_list_or_a_table_is_one_in_the_site_too(site: Build, page: str) -> None:
    # Without a blank line before it, it is words in a paragraph; GitHub is not so strict.
    paragraphs = html_of(html_page(site, page)).paragraphs
    assert [text for text in paragraphs if re.search(r"^\s*(- |\d+\. |\||```)", text, flags=re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fetches_nothing_from_the_internet(site: Build, page: str) -> None:
    fetched = html_of(html_page(site, page)).fetched
    assert fetched
    assert [address for address in fetched if re.match(r"(https?:)?//", address)] == []


def test_no_stylesheet_fetches_from_the_internet(site: Build) -> None:
    sheets = list(site.site.rglob("*.css"))
    assert sheets
    assert [sheet.name for sheet in sheets if re.search(r"url\([\"']?(https?:)?//", sheet.read_text("utf-8"))] == []
