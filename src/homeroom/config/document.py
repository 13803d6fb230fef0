"""A config as it was written: its content, and the line on which each part of it stands."""

from __future__ import annotations

import importlib
import json
import re
import sys
import tomllib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from homeroom.config.collect import Path
from homeroom.config.toml_lines import toml_lines
from homeroom.config.yaml_lines import Repeated, yaml_lines
from homeroom.errors import ConfigError, Problem

if TYPE_CHECKING:
    from homeroom.codes import Code

SUFFIXES = (".yaml", ".yml", ".toml", ".json")

_PYTHON = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_FORMATS = "a file ending in .yaml, .yml, .toml or .json, or module:attribute"


@dataclass(frozen=True, slots=True)
class Document:
    """A config before anything in it was replaced. `lines` is empty for `module:attribute`."""

    file: str
    stem: str
    """The file's name without its suffix, or the last part of the module's name."""
    content: dict[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict)
    repeated: tuple[Repeated, ...] = ()
    """Keys given twice in one mapping."""

    def locate(self, path: Path) -> int | None:
        """The line of `path`, else that of the nearest part around it; None where there are no lines."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_document(reference: str) -> Document:
    """Read a file, or import `module:attribute` (a dict, or a callable without arguments that returns one).

    Raises ConfigError with one problem if there is nothing to read or if it is no mapping. Importing leaves
    the working directory on `sys.path`, because the config's functions may import from there when they run.
    """
    file = FilePath(reference)
    if _PYTHON.fullmatch(reference) and not file.exists():
        return _from_python(reference)
    text = _read(reference, file)
    if not text.strip():
        _fail(reference, "the file is empty", hint="see docs/config.md for a first config", line=1)
    content, lines, repeated = _READERS[file.suffix.lower()](reference, text)
    _expect_mapping(reference, content, line=1)
    return Document(reference, file.stem, content, lines, tuple(repeated))


def _read(reference: str, file: FilePath) -> str:
    if file.is_dir():
        _fail(reference, "this is a directory", allowed=_FORMATS, hint=_candidates(file))
    if not file.exists():
        _fail(reference, "there is no such file", allowed=_FORMATS, hint=_similar(file))
    if file.name.lower() in SUFFIXES:
        hint = f"give it a name before its ending, such as campus{file.name.lower()}"
        _fail(reference, "the file has an ending and no name", hint=hint)
    if file.suffix.lower() not in SUFFIXES:
        _fail(reference, f"a config cannot be read from `{file.suffix or file.name}`", allowed=_FORMATS)
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        _fail(reference, f"the file is not UTF-8 text (byte {error.start})", hint="save it as UTF-8")
    except OSError as error:
        _fail(reference, f"the file cannot be read: {error.strerror}", hint="check its permissions")


def _similar(file: FilePath) -> str | None:
    folder = file.parent
    if not folder.is_dir():
        return f"there is no directory {folder} either"
    names = [each.name for each in folder.iterdir() if each.suffix.lower() in SUFFIXES]
    known = [name for name in names if not name.startswith(".")]  # the schema for editors is no config
    same_stem = sorted(name for name in known if FilePath(name).stem == file.stem)
    close = same_stem or get_close_matches(file.name, known, n=3)
    return f"did you mean {', '.join(str(folder / name) for name in close)}?" if close else None


def _candidates(folder: FilePath) -> str | None:
    known = sorted(each.name for each in folder.iterdir() if each.suffix.lower() in SUFFIXES[:3])
    return f"did you mean {folder / known[0]}?" if known else None


def _from_yaml(reference: str, text: str) -> tuple[Any, dict[Path, int], list[Repeated]]:
    try:
        return yaml_lines(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        _fail(reference, f"not valid YAML: {error.problem}", line=line, hint=_yaml_hint(error), code="bad-syntax")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        _fail(reference, f"not valid YAML: {error}", code="bad-syntax")


def _yaml_hint(error: yaml.MarkedYAMLError) -> str | None:
    if "'\\t'" in str(error.problem):
        return "YAML is indented with spaces, not tabs"
    begun, found = error.context_mark, error.problem_mark
    if begun is None or found is None or begun.line == found.line:
        return None
    return f"look from line {begun.line + 1} on, where this part begins"


def _from_json(reference: str, text: str) -> tuple[Any, dict[Path, int], list[Repeated]]:
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _fail(reference, f"not valid JSON: {error.msg}, column {error.colno}", line=error.lineno, code="bad-syntax")
    except (ValueError, RecursionError) as error:
        _fail(reference, f"not valid JSON: {error}", code="bad-syntax")
    try:  # JSON is YAML, but for tabs between its tokens
        _, lines, repeated = yaml_lines(text.replace("\t", " "))
    except (yaml.YAMLError, ValueError):
        return content, {(): 1}, []
    return content, lines, repeated


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _from_toml(reference: str, text: str) -> tuple[Any, dict[Path, int], list[Repeated]]:
    try:
        return tomllib.loads(text), toml_lines(text), []
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).rpartition(" (at ")
        line = re.match(r"line (\d+)", place)
        hint = "text must stand in quotes, a URL too" if message == "Invalid value" else None
        at = int(line[1]) if line else None
        _fail(reference, f"not valid TOML: {message or place}", line=at, hint=hint, code="bad-syntax")


_READERS: Mapping[str, Callable[[str, str], tuple[Any, dict[Path, int], list[Repeated]]]] = {
    ".yaml": _from_yaml,
    ".yml": _from_yaml,
    ".json": _from_json,
    ".toml": _from_toml,
}


def _from_python(reference: str) -> Document:
    module_name, _, attribute = reference.partition(":")
    folder = str(FilePath.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    content: Any = _imported(reference, module_name, folder)
    for part in attribute.split("."):
        try:
            content = getattr(content, part)
        except AttributeError as error:
            _fail(reference, f"`{module_name}` has no `{error.name or attribute}`: {error}")
    if callable(content):
        try:
            content = content()
        except Exception as error:
            _fail(reference, f"calling it failed with {_raised(error)}", code="own-code-failed")
    _expect_mapping(reference, content, line=None)
    return Document(reference, module_name.rpartition(".")[2], dict(content))


def _imported(reference: str, module: str, folder: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        name = error.name or module
        if name != module and not module.startswith(f"{name}."):
            hint = f"install {name}, or mend the import"
            _fail(reference, f"`{module}` imports `{name}`, which is not there", hint=hint)
        hint = f"looked in {folder} and on Python's path"
        _fail(reference, f"there is no module `{name}`", allowed=_FORMATS, hint=hint)
    except SyntaxError as error:
        at = f" ({FilePath(error.filename or module).name}, line {error.lineno})"
        _fail(reference, f"importing it failed with {type(error).__name__}: {error.msg}{at}")
    except Exception as error:  # whatever the user's own code raises
        _fail(reference, f"importing it failed with {_raised(error)}")


def _raised(error: Exception) -> str:
    """What was raised, and where. Not its text, in which a key may stand."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} ({FilePath(last.filename).name}, line {last.lineno})"


def _expect_mapping(reference: str, content: Any, line: int | None) -> None:
    if not isinstance(content, Mapping):
        kind = {list: "a list", str: "text", type(None): "nothing"}.get(type(content), type(content).__name__)
        hint = "begin with `source:`, or with `client:` for a bare dlt config"
        _fail(reference, f"a config is a mapping of keys, this is {kind}", line=line, hint=hint, code="wrong-value")


def _fail(
    file: str,
    message: str,
    *,
    line: int | None = None,
    allowed: str | None = None,
    hint: str | None = None,
    code: Code = "no-config",
) -> NoReturn:
    raise ConfigError([Problem("", message, None, allowed, hint, file, line, code)]) from None
