"""The ways to page through a list of the sample school, each as a resource of a config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LIMIT = 10
"""Rows of a page."""


@dataclass(frozen=True)
class Style:
    """One way to page. `proof` is what a read at rest proves, `end` being no proof."""

    path: str
    selector: str
    paginator: Mapping[str, Any]
    size: str
    proof: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What it needs under `sync.resources.NAME`."""

    def resource(self, name: str, entity: str, way: Any) -> dict[str, Any]:
        """A resource that reads all of an entity."""
        endpoint = {
            "path": f"/{self.path}/{entity}",
            "data_selector": self.selector,
            "paginator": dict(self.paginator),
            "params": {} if self.path == "v1" else {self.size: LIMIT},
        }
        return {"name": name, "write_disposition": way, "endpoint": endpoint}


_OFFSET = {"type": "offset", "limit": LIMIT}
_NUMBER = {"type": "page_number", "base_page": 1, "page_param": "page"}
_COUNTED = {"total_path": "count"}

STYLES: Mapping[str, Style] = {
    "offset": Style("v1", "data", _OFFSET, "limit", "count"),
    "cursor": Style("cursor", "results", {"type": "cursor", "cursor_path": "cursors.next"}, "limit", "keyset"),
    "link": Style("link", "results", {"type": "json_link", "next_url_path": "next"}, "per_page", "count", _COUNTED),
    "counted pages": Style("link", "results", {**_NUMBER, "total_path": None}, "per_page", "count", _COUNTED),
    "pages": Style("page", "items", {**_NUMBER, "total_path": "total_pages"}, "per_page", "end"),
}
"""`offset` tells its total unless the school's dial `total` is `absent`; its proof is then `continuity`."""

SECTIONS_OF_COURSES = {
    "path": "/v1/courses/{resources.courses.id}/sections",
    "data_selector": "data",
    "paginator": _OFFSET,
}
