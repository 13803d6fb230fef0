"""Reads and checks a config, and puts its script together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom import load
from homeroom.config import load_config, source_secrets
from homeroom.config.collect import Problems
from homeroom.config.document import Document, read_document
from homeroom.config.placeholders import replace_placeholders
from homeroom.eject.auth import NEAREST
from homeroom.eject.literal import Code, as_source
from homeroom.eject.losses import dlts_settings, losses
from homeroom.eject.mended import mended
from homeroom.eject.references import References
from homeroom.eject.script import Plan, write_script
from homeroom.errors import ConfigError, Problem
from homeroom.secrets import read_dlt_secret
from homeroom.sync_run.options import refuse_empty
from homeroom.values import Config

_UNSET = "https://unset.invalid/as-long-as-a-privacy-key"
"""Stands for a variable that is not set while the config is checked: right as a text and as a URL."""
_NO_EXTRA = ("dummy", "destination", "lancedb")


@dataclass(frozen=True, slots=True)
class Script:
    """A Python script. `lost` are lines: what Homeroom does and it does not; `moved`: secrets that it has not."""

    text: str
    lost: tuple[str, ...]
    moved: tuple[str, ...]


def eject(
    reference: str, *, destination: str | None = None, dataset: str | None = None, environ: Mapping[str, str]
) -> Script:
    """The script for a config file; `destination` and `dataset` are the config's if None, as for a sync.

    Variables of `environ` that are not set are no problem, but for those that name the destination. Raises
    `ConfigError` for a config that is wrong or written in Python, and for an auth type that dlt has nothing for.
    """
    refuse_empty(destination, dataset)
    document = read_document(reference)
    _refuse_python(document)
    config = _checked(reference, environ)
    content = _whole(document.content)
    _refuse_auth(document, content["source"])
    at = ("--to" if destination else "destination", "--dataset" if dataset else "dataset")
    named = destination or _named(document, content, environ)
    target = load.choose_target(named, dataset or config.dataset, config.name, at=at)
    references = References(_literals(content["source"]))
    made = mended(references.read(content["source"], "source"), (content.get("sync") or {}).get("resources") or {})
    name = references.read(content.get("name") or config.name)
    where = destination or content["destination"]
    plan = Plan(
        file=reference,
        name=as_source(name),
        destination=_destination(target, where, references),
        dataset=as_source(_dataset(dataset or content.get("dataset"), name, target, config.name, references)),
        extra="" if "." in target.kind or target.kind in _NO_EXTRA else target.kind,
        made=made,
        settings=dlts_settings(content.get("sync") or {}),
        variables=(*references.variables, *([_credentials(target)] if _has_password(where) else [])),
        secrets=tuple(references.secrets),
        moved=tuple(_moved(references, target, where)),
        lost=tuple(losses(content, made)),
    )
    return Script(write_script(plan), plan.lost, plan.moved)


def _checked(reference: str, environ: Mapping[str, str]) -> Config:
    """The config, if it is right but for variables and secrets that are not set; these are told where one decides."""
    try:
        return load_config(reference, environ=_Unset(environ), read_secret=lambda path: _UNSET)
    except ConfigError as error:
        wrong = {problem.path for problem in error.problems}
    try:  # with what is set: a place may be wrong by what stood in for a variable
        return load_config(reference, environ=environ)
    except ConfigError as error:
        raise ConfigError([each for each in error.problems if each.path in wrong] or error.problems) from None


class _Unset(Mapping[str, str]):
    """An environment in which everything is set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return self._environ.get(name) or _UNSET

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


def _refuse_python(document: Document) -> None:
    if not Path(document.file).exists():
        hint = "it is Python already: give the dict to dlt's rest_api_source(…), and see docs/eject.md for what differs"
        raise ConfigError(
            [
                Problem(
                    "CONFIG",
                    "is no file to make a script of",
                    document.file,
                    "YAML, TOML or JSON",
                    hint,
                    code="wrong-flag",
                )
            ]
        )


def _whole(content: Mapping[str, Any]) -> dict[str, Any]:
    """The config with its source under `source`, where it is a bare one too."""
    return dict(content) if "source" in content else {"source": dict(content)}


def _refuse_auth(document: Document, source: Mapping[str, Any]) -> None:
    problems = []
    for path, kind in _auth_types(source, ("source",)):
        if kind in NEAREST:
            place = ".".join(map(str, path)) + ".type"
            line = document.locate((*path, "type")) or document.locate((*path[1:], "type"))
            message, hint = "a script of dlt's alone cannot sign in so", NEAREST[kind]
            problems.append(Problem(place, message, kind, hint=hint, file=document.file, line=line))
    if problems:
        raise ConfigError(problems)


def _auth_types(part: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where an auth section stands, and its type."""
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, each in pairs:
        if key == "auth":
            yield (*path, key), str(each.get("type", "bearer") if isinstance(each, dict) else each)
        else:
            yield from _auth_types(each, (*path, key))


def _named(document: Document, content: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    """The destination with its placeholders replaced: what it is decides what the script says."""
    problems = Problems(document.file, document.locate)
    given = {"destination": content.get("destination")}
    named: str | None = replace_placeholders(given, environ, read_dlt_secret, problems)["destination"]
    problems.raise_if_any()
    return named


def _literals(source: Mapping[str, Any]) -> frozenset[str]:
    """The secrets that stand in the config itself."""
    return frozenset(secret for secret in source_secrets(source) if "${" not in secret)


def _destination(target: load.Target, where: str, references: References) -> str:
    if "://" not in where and "${" not in where:
        return as_source(where)
    if _has_password(where):
        return as_source(target.kind)
    return f"dlt.destinations.{target.kind}({as_source(references.read(where))})"


def _has_password(where: str) -> bool:
    """Whether a URL holds a password that is no placeholder."""
    user = where.partition("://")[2].partition("/")[0].rpartition("@")[0]
    return ":" in user and "${" not in user.partition(":")[2]


def _dataset(given: str | None, name: Any, target: load.Target, plain_name: str, references: References) -> Any:
    if given is not None:
        return references.read(given)
    if target.dataset == plain_name:
        return name
    return Code(f'{name.text} + "_data"') if isinstance(name, Code) else target.dataset


def _moved(references: References, target: load.Target, where: str) -> Iterator[str]:
    for variable, place in references.moved.values():
        yield f"{place} holds a secret: it is read from the environment, as {variable}"
    if _has_password(where):
        yield f"the destination's URL holds a password: dlt reads it from the environment, as {_credentials(target)}"


def _credentials(target: load.Target) -> str:
    """The variable in which dlt looks for a destination's URL."""
    return f"DESTINATION__{target.kind.upper()}__CREDENTIALS"
