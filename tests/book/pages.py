"""The documentation as files, as it is built, and what a page of it links to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SETTINGS = ROOT / "zensical.toml"
WRITE = "HOMEROOM_WRITE_DOCS"
STALE = f"run the tests with {WRITE}=1 and look at the difference"


@dataclass(frozen=True, slots=True)
class Build:
    """What the site's builder left and said."""

    site: Path
    code: int
    said: str


def built(folder: Path) -> Build:
    """The site of a copy of docs/, since the builder writes beside its settings."""
    shutil.copytree(DOCS, folder / "docs")
    (folder / SETTINGS.name).write_bytes(SETTINGS.read_bytes())
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return Build(folder / "site", done.returncode, done.stdout + done.stderr)


def nav_pages() -> list[str]:
    """Every page that the navigation names, in its order."""
    return list(_leaves(tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["project"]["nav"]))


def _leaves(entry: Any) -> Iterator[str]:
    match entry:
        case str():
            yield entry
        case dict():
            yield from (leaf for each in entry.values() for leaf in _leaves(each))
        case list():
            yield from (leaf for each in entry for leaf in _leaves(each))


@dataclass(slots=True)
class Html(HTMLParser):
    """A page as a browser has it: where it leads, what can be led to, what it fetches, the text of its paragraphs."""

    hrefs: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    headings: int = 0
    paragraphs: list[str] = field(default_factory=list)
    _open: str = ""

    def __post_init__(self) -> None:
        """The parser's own start."""
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the element."""
        known = {name: value or "" for name, value in attrs}
        self.ids |= {known[name] for name in ("id", "name") if name in known and tag != "meta"}
        if tag == "a" and "href" in known:
            self.hrefs.append(known["href"])
        if "src" in known:
            self.fetched.append(known["src"])
        if tag == "link" and known.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.fetched.append(known.get("href", ""))
        if tag in ("h1", "h2", "h3", "h4") and "id" in known:
            self.headings += 1
        if tag in ("p", "pre"):
            self._open = tag
            self.paragraphs += [""] if tag == "p" else []

    def handle_endtag(self, tag: str) -> None:
        """A paragraph ends."""
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        """The text of a paragraph."""
        if self._open == "p":
            self.paragraphs[-1] += data


@cache
def html_of(page: Path) -> Html:
    """The page, parsed once."""
    parser = Html()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def broken_link(page: Path, href: str) -> bool:
    """Whether a link of a built page leads to a file or an anchor that is not there."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return False
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return True
    return bool(parts.fragment) and target.suffix == ".html" and unquote(parts.fragment) not in html_of(target).ids


# --- as they are written -------------------------------------------------------------------------------------------


def without_fences(text: str) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def headings(text: str) -> list[str]:
    """All headings, without their marks."""
    return re.findall(r"^#{1,6} +(.+?) *$", without_fences(text), flags=re.MULTILINE)


def github_anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings; of two with one name the second ends in `-1`."""
    anchors: set[str] = set()
    for heading in headings(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        anchors.add(next(each for each in (slug, *(f"{slug}-{n}" for n in range(1, 99))) if each not in anchors))
    return anchors


def links(text: str) -> list[str]:
    """Where its links and images lead, if within the project."""
    plain = re.sub(r"`[^`\n]*`", "", without_fences(text))
    return re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", plain)


def cell(text: str) -> str:
    """Text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def kept(page: Path, text: str) -> str:
    """What the page holds; written first where that is wanted."""
    if os.environ.get(WRITE):
        page.write_text(text, encoding="utf-8")
    return page.read_text(encoding="utf-8") if page.exists() else ""
