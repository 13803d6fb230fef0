"""From the bytes of a file or an answer to an API description: OpenAPI 3.0 to 3.2, or Swagger 2.0; JSON or YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import yaml

from homeroom.errors import ConfigError, Problem

_VERSIONS = "OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, as JSON or YAML"
_READ = {"openapi": re.compile(r"3\.[012](\.\d+)?(-\w+)?"), "swagger": re.compile(r"2(\.0)?")}
_KEYS = ("openapi", "swagger", "swaggerVersion")
_SAID = re.compile(rf"""^[\s{{]*["']?({"|".join(_KEYS)})["']?\s*:""", re.MULTILINE)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_description(text: bytes, where: str) -> Mapping[str, Any] | None:
    """The document, or None where it is no API description at all (a page, an answer, a config).

    Raises ConfigError where it is one that cannot be read: broken, of another version, or without paths. `where` is
    its file or URL, for the message.
    """
    try:
        plain = text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    content = _parsed(plain, where)
    if not isinstance(content, dict):
        return None
    key = next((key for key in _KEYS if key in content), None)
    if key is None:
        return None
    version = str(content[key])
    if key not in _READ or not _READ[key].fullmatch(version):
        _fail(where, key, "this version of API descriptions cannot be read", repr(version), "convert it to OpenAPI 3.1")
    paths = content.get("paths")
    if not isinstance(paths, dict) or not paths:
        _fail(where, "paths", "the API description describes no paths", None, "is it a part of a larger one?")
    return content


def _parsed(plain: str, where: str) -> object:
    """The content; None where it is neither JSON nor YAML and does not say that it is a description."""
    is_json = plain.lstrip().startswith(("{", "["))
    if not is_json and not _SAID.search(plain):
        return None
    try:
        return _from_json(plain) if is_json else yaml.load(plain, Loader=_LOADER)
    except json.JSONDecodeError as error:
        if not _SAID.search(plain):
            return None
        _broken(where, error.msg, error.lineno)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        _broken(where, str(getattr(error, "problem", None) or "it is no YAML"), mark.line + 1 if mark else None)
    except RecursionError:
        _broken(where, "it is nested too deeply", None)


def _from_json(plain: str) -> object:
    """JSON, or YAML in its flow style, which begins like it."""
    try:
        return json.loads(plain)
    except json.JSONDecodeError:
        try:
            return yaml.load(plain, Loader=_LOADER)
        except yaml.YAMLError:
            pass
        raise


def _broken(where: str, what: str, line: int | None) -> NoReturn:
    raise ConfigError(
        [
            Problem(
                "", f"the API description is broken: {what}", None, _VERSIONS, file=where, line=line, code="bad-syntax"
            )
        ]
    )


def _fail(where: str, path: str, message: str, value: str | None, hint: str) -> NoReturn:
    raise ConfigError([Problem(path, message, value, _VERSIONS, hint, file=where)])
