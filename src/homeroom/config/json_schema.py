"""The JSON Schema of a config file, for editors: every key, with its type and what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from homeroom.config.key_help import KEY_HELP
from homeroom.config.model import SyncModel
from homeroom.privacy_values import Act, PersonalClass, Profile, Rule

TITLE = "Homeroom config"

_TEXTS = ("a duration", "requests in a time")
"""How settings are described that a file gives as text, and that become numbers."""
_FLAG = {"type": "boolean", "default": False}
_MODEL: dict[str, Any] = {
    "anyOf": [
        {"type": ["string", "null"]},
        {
            "type": "object",
            "properties": {"platform": {"type": "string"}, "materialise": _FLAG, "demographics": _FLAG},
            "required": ["platform"],
            "additionalProperties": False,
        },
    ],
    "description": "by which platform's mapping the views of the dataset edu are made",
}
_PRIVACY: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "profile": {
            "enum": [*get_args(Profile), None],
            "description": "full: all stays. standard: without ids given by a government, birth, sex and origin. "
            "deidentified: nothing that names a person",
        },
        "platform": {"type": ["string", "null"], "description": "whose classes of columns hold: homeroom catalog list"},
        "classes": {
            "type": ["object", "null"],
            "additionalProperties": {"enum": list(get_args(PersonalClass))},
            "description": "TABLE.COLUMN, each with its class, by which the profile gives it a rule",
        },
        "by_class": {
            "type": ["object", "null"],
            "propertyNames": {"enum": list(get_args(PersonalClass))},
            "additionalProperties": {"enum": list(get_args(Rule))},
            "description": "a class and its rule, in place of the profile's",
        },
        "columns": {
            "type": ["object", "null"],
            "additionalProperties": {"enum": list(get_args(Rule))},
            "description": "TABLE.COLUMN, named as in the database, each with its rule: keep, drop, hash (by the "
            "privacy key) or mask (the domain of an e-mail address, the year of a date)",
        },
        "person": {
            "type": ["string", "null"],
            "description": "TABLE.COLUMN with the ids of persons, for homeroom forget; default: users.id, people.id …",
        },
        "person_in": {
            "type": ["object", "null"],
            "additionalProperties": {"enum": list(get_args(Act))},
            "description": "TABLE.COLUMN of other tables with such ids, each with what homeroom forget does to a row "
            "that names the person: delete it, clear the column, or keep it",
        },
    },
    "additionalProperties": False,
    "description": "columns that are not stored as they come",
}
_LISTS = ("or a list of these",)


def config_schema() -> dict[str, Any]:
    """The schema of a whole config, or of a bare dlt one. What JSON Schema cannot say is for `homeroom validate`."""
    import homeroom.auth_types  # noqa: F401 it makes its types known
    from homeroom.dlt_seam.config_schema import source_schema

    source, definitions = source_schema()
    sync = SyncModel.model_json_schema(ref_template="#/$defs/{model}")
    definitions |= sync.pop("$defs", {})
    definitions["SyncModel"] = sync
    for each in definitions.values():
        each["properties"] = {name: _written(part) for name, part in each.get("properties", {}).items()}
    for name, each in definitions.items():
        _explain(each, KEY_HELP.get(name, {}))
    text = {"type": "string", "minLength": 1}
    whole = {
        "type": "object",
        "properties": {
            "name": text | {"pattern": "^[A-Za-z0-9_-]+$", "description": "default: the file's stem"},
            "destination": text
            | {"description": "a URL such as duckdb:///campus.duckdb, or the name of a dlt destination"},
            "dataset": text | {"description": "default: name"},
            "source": source | {"description": "dltHub's RESTAPIConfig"},
            "sync": {"anyOf": [{"$ref": "#/$defs/SyncModel"}, {"type": "null"}], "description": "how to read it"},
            "privacy": _PRIVACY,
            "model": _MODEL,
        },
        "required": ["source"],
        "additionalProperties": False,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # the newest that the editors' servers read in full
        "title": TITLE,
        # As load.py tells them apart; with `anyOf` an editor would offer the keys of both.
        "if": {"type": "object", "required": ["client"]},
        "then": source,
        "else": whole,
        "$defs": dict(sorted(definitions.items())),
    }


def _explain(definition: dict[str, Any], help_: Mapping[str, str]) -> None:
    """Describe the keys of a definition: what each is for, and what it must be where the model says that."""
    for key, part in definition["properties"].items():
        told = [text for text in (help_.get(key), part.get("description")) if text]
        if told:
            definition["properties"][key] = {**part, "description": ". Must be ".join(told)}


def _written(part: dict[str, Any]) -> dict[str, Any]:
    """A setting as a file gives it: a duration is text, one of a list may stand alone, a section may be empty."""
    described = str(part.get("description", ""))
    kept: dict[str, Any] = {key: part[key] for key in ("description", "default") if key in part}
    if described.startswith(_TEXTS):
        return {"type": ["string", "number", "null"], **kept}
    if described.endswith(_LISTS):
        one = [{"type": "string"}, part["items"]]
        return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}, {"type": "null"}], **kept}
    if "$ref" in part:
        return {"anyOf": [{"$ref": part["$ref"]}, {"type": "null"}], **kept}
    return part
