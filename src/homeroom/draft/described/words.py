"""Names in many spellings: their words, their singular, and what an identifier identifies."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SINGULAR = {"children": "child", "people": "person", "criteria": "criterion", "series": "series", "data": "data"}
_IDENTIFIER = {"id", "ids", "uuid", "guid", "key", "identifier"}
_WRAPPING = {"response", "dto", "model", "read", "schema", "object", "entity", "resource", "get", "api", "item", "out"}
_VERSION = re.compile(r"[vV]\d+(?:[._p]\d+)*|\d{4}-\d{2}(?:-\d{2})?")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters: `dateLastModified`, `date_last_modified` and `date-last-modified`."""
    return tuple(word.lower() for word in _WORD.findall(name))


def plain(name: str) -> str:
    """A name without its spelling, to compare it."""
    return "".join(words(name))


def singular(name: str) -> str:
    """The singular of a name in snake case; good enough to name and to compare, not to print."""
    head, _, last = name.rpartition("_")
    one = _one(last)
    return f"{head}_{one}" if head else one


def _one(word: str) -> str:
    if word in _SINGULAR:
        return _SINGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "tuses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def thing(segment: str) -> str:
    """What a segment of a path is a list of, in the singular and without its spelling."""
    return singular("_".join(words(segment.removesuffix(".json")))).replace("_", "")


def noun(parameter: str) -> str:
    """What an identifier identifies: `user` for `user_id` and `userId`, `childcourse` for `childCourseId`; or empty."""
    found = words(parameter)
    if len(found) > 1 and found[-1] in _IDENTIFIER:
        return singular("_".join(found[:-1])).replace("_", "")
    if len(found) == 1 and found[0] not in _IDENTIFIER:
        return singular(found[0])
    return ""


def schema_noun(name: str) -> str:
    """What a schema is of: `course` for `Course`, `CourseV2`, `CourseResponse` and `api.GetCourse`."""
    found = [word for word in words(name.rsplit(".", 1)[-1]) if word not in _WRAPPING and not word.isdigit()]
    return "".join(word for word in found if word != "v")


def is_version(segment: str) -> bool:
    """Whether a segment of a path is a version of the API."""
    return _VERSION.fullmatch(segment) is not None


def version_of(segment: str) -> tuple[int, ...]:
    """A version to compare."""
    return tuple(int(number) for number in re.findall(r"\d+", segment))
