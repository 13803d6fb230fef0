"""What a POST asks in its body, as the query of a GET would say it."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson

from homeroom.demo.question import RefusedError

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def read_posted(body: bytes, content_type: str) -> dict[str, str]:
    """Names and values of a JSON object or a form; {} for an empty body, RefusedError 400 or 415 otherwise.

    Filters stand in JSON under "filters", in a form as filters[name]=value; in both, beside offset and limit too.
    """
    if not body.strip():
        return {}
    if content_type not in (_JSON, _FORM):
        message = f"Content-Type {content_type[:40]!r} is not allowed; allowed: {_JSON}, {_FORM}"
        raise RefusedError(415, "unsupported_media_type", message)
    return _from_json(body) if content_type == _JSON else _from_form(body)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _refusal("text that is not JSON", "a JSON object") from None
    if not isinstance(found, dict):
        raise _refusal("no object", "a JSON object")
    filters = found.pop("filters", None) or {}
    if not isinstance(filters, dict):
        raise _refusal("filters that are no object", "an object of names and values")
    return _as_text(found) | _as_text(filters)


def _as_text(found: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in found.items() if value is not None}


def _from_form(body: bytes) -> dict[str, str]:
    pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
    return {name.removeprefix("filters[").removesuffix("]"): value for name, value in pairs}


def _refusal(what: str, allowed: str) -> RefusedError:
    return RefusedError(400, "bad_request", f"the body has {what}, which is not allowed; allowed: {allowed}")
