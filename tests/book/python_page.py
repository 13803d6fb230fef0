"""docs/reference/python.md, written from the signatures and docstrings of the public names."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pages import cell

import homeroom
from homeroom.values import Proof, Status

INTRO = """\
# Python

All of `homeroom.__all__`, and `homeroom.check`; written from their docstrings. Whatever is raised on purpose derives
from [HomeroomError](#homeroomerror) and has a `code` ([errors.md](../errors.md)). Names that are not here are the
inside of the program and may change.

```python
import homeroom

report = homeroom.sync("campus.yaml", destination="duckdb:///campus.duckdb")
report.status, report.resources["courses"].rows_distinct
```

{contents}
"""

NAMES = (*homeroom.__all__, "check")
_SECTION = re.compile(r"^(Args|Raises|Returns|Example):\n((?:    .*\n|\n)+)", re.MULTILINE)
_ITEM = re.compile(r"^    (\S.*?): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def python_page() -> str:
    """The whole page."""
    order = sorted(NAMES, key=lambda name: (not inspect.isfunction(getattr(homeroom, name)), name.startswith("_")))
    contents = "\n".join(f"- [`{name}`](#{name.lower()}): {_first(name)}" for name in order)
    return INTRO.format(contents=contents) + "".join(_section(name) for name in order)


def _doc(value: Any) -> str:
    return "the version, a text" if isinstance(value, str) else inspect.cleandoc(value.__doc__ or "")


def _first(name: str) -> str:
    return _plain(_doc(getattr(homeroom, name)).partition("\n\n")[0]).removesuffix(".")


def _section(name: str) -> str:
    value = getattr(homeroom, name)
    parts = [f"\n## `{name}`\n"]
    if callable(value) and not is_dataclass(value):
        parts.append(f"```{'text' if inspect.isclass(value) else 'python'}\n{signature(name, value)}\n```\n")
    parts.append(_prose(_doc(value)))
    if is_dataclass(value):
        parts.append(_fields(value))
    return "\n".join(parts)


def signature(name: str, value: Any) -> str:
    """A function as it is defined, an error as it is made; a parameter on each line where there are several."""
    given = inspect.signature(value)
    shown: list[str] = []
    for parameter in given.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        shown.append(f"{parameter.name}: {_type(parameter.annotation)}{default}")
    inside = "".join(f"\n    {each}," for each in shown) + "\n" if len(shown) > 1 else "".join(shown)
    return f"{name}({inside})" if inspect.isclass(value) else f"def {name}({inside}) -> {given.return_annotation}: ..."


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _prose(doc: str) -> str:
    """Google's sections as lists, an example as code."""
    return _SECTION.sub(_listed, doc + "\n")


def _listed(found: re.Match[str]) -> str:
    title, body = found[1], found[2]
    if title == "Example":
        code = re.sub(r"^(>>>|\.\.\.) ?", "", textwrap.dedent(body).strip(), flags=re.MULTILINE)
        return f"```python\n{code}\n```\n"
    items = [f"- {_named(names)}: {_plain(told)}" for names, told in _ITEM.findall(body)]
    return "\n".join([f"**{title}**\n", *items]) + "\n\n"


def _named(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _fields(kind: type[Any]) -> str:
    told = _told(kind)
    rows = [f"| `{each.name}` | `{cell(str(each.type))}` | {cell(told.get(each.name, ''))} |" for each in fields(kind)]
    rows += [f"| `{name}` | | {cell(_plain(_doc(each)))} |" for name, each in _properties(kind)]
    return "\n".join(["| field | type | |", "|---|---|---|", *rows]) + "\n" + _words(kind)


def _properties(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    for name, each in vars(kind).items():
        if isinstance(each, property) and not name.startswith("_"):
            yield name, each


def _told(kind: type[Any]) -> dict[str, str]:
    """The text that stands below a field in the source."""
    source = Path(inspect.getfile(kind)).read_text(encoding="utf-8")
    (tree,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == kind.__name__)
    pairs = zip(tree.body, tree.body[1:], strict=False)
    return {
        field.target.id: str(text.value.value)
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _words(kind: type[Any]) -> str:
    if kind is not homeroom.ResourceReport:
        return ""
    statuses, proofs = (", ".join(f"`{each}`" for each in words) for words in (Status, Proof))
    return f"\n`status` is one of {statuses}; `proof` of {proofs} ([guarantees.md](../guarantees.md)).\n"
