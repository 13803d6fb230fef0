"""Finds the line of a problem that was found after the file was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from homeroom.config.collect import Path
from homeroom.config.document import Document, read_document
from homeroom.errors import ConfigError, Problem

_PART = re.compile(r"\[(\d+)\]|\[(?:'([^']*)'|\"([^\"]*)\")\]|([^.\[\]]+)")
"""A part of a path as `path_text` writes it: a position, a key in brackets and quotes, or a plain key."""
_IN_SOURCE = ("client", "resources", "resource_defaults")


@contextmanager
def placed(reference: str | None) -> Iterator[None]:
    """Give the problems of a ConfigError that comes through the file and line of the config `reference`.

    Problems that have a file, or whose path is no place in the file (`--select`), stay as they are; with
    None, all do.
    """
    try:
        yield
    except ConfigError as error:
        if reference is None:
            raise
        document = read_document(reference)
        raise ConfigError([_placed(problem, document) for problem in error.problems], resource=error.resource) from None


def _placed(problem: Problem, document: Document) -> Problem:
    path: Path = tuple(int(index) if index else "".join(keys) for index, *keys in _PART.findall(problem.path))
    if (
        problem.file is not None
        or not path
        or problem.code in ("wrong-flag", "wrong-environment")
        or str(path[0]).startswith("--")
    ):
        return problem
    text = problem.path
    if path[0] in _IN_SOURCE and "source" in document.content:
        path, text = ("source", *path), f"source.{text}"
    return replace(problem, path=text, file=document.file, line=document.locate(path))
