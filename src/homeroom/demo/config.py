"""How to read the sample school with dlt's rest_api source."""

from typing import Any

from homeroom.demo.data import ENTITIES

_PAGE = 1000
_PEOPLE_PAGE = 100  # small, so that one resource has many pages


def school_config(url: str, api_key: str) -> dict[str, Any]:
    """A dlt RESTAPIConfig of all nine entities, offset paging, merged on id."""
    return {
        "client": {
            "base_url": url,
            "auth": {"type": "api_key", "name": "api_key", "api_key": api_key, "location": "query"},
        },
        "resource_defaults": {
            "primary_key": "id",
            "write_disposition": "merge",
            "endpoint": {"data_selector": "data", "paginator": {"type": "offset", "limit": _PAGE}},
        },
        "resources": [_resource(entity) for entity in ENTITIES],
    }


def _resource(entity: str) -> dict[str, Any]:
    endpoint: dict[str, Any] = {"path": f"/v1/{entity}"}
    if entity == "people":
        endpoint["paginator"] = {"type": "offset", "limit": _PEOPLE_PAGE}
    return {"name": entity, "endpoint": endpoint}
