"""Configs that delete, over plain lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from conftest import Campus
    from list_server import Lists

Row = dict[str, Any]


def deleting(way: str, *names: str, **more: Any) -> dict[str, Any]:
    """A `sync:` section; `more` are further settings of these resources."""
    return {"resources": {name: {"deletes": way, **more} for name in names or ("people",)}, "retry": {"attempts": 1}}


def rows(first: int, last: int, **more: Any) -> list[Row]:
    """Rows with the ids from `first` to before `last`."""
    return [{"id": number, **more} for number in range(first, last)]


def listed(name: str, path: str = "", **more: Any) -> Row:
    """A resource that reads a plain list."""
    return {"name": name, "endpoint": {"path": path or f"/{name}", **more.pop("endpoint", {})}, **more}


def over_lists(campus: Campus, lists: Lists, *resources: Row, sync: Any) -> Campus:
    """The campus with a config that reads plain lists."""
    config = yaml.safe_load(campus.configure(*resources, sync=sync).read_text())
    config["source"]["client"] = {"base_url": lists.url}
    campus.config.write_text(yaml.safe_dump(config, sort_keys=False))
    return campus
