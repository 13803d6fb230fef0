"""The report as plain JSON values, and back."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from homeroom.edu_values import ModelCheck, ModelReport
from homeroom.values import Proof, Report, ResourceReport, SchemaChange, Status

_MAPPED = frozenset({"resources", "errors", "by_hand", "changes", "model"})
_TIMES = ("oldest_page_at", "started_at", "finished_at")


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain JSON values; times in ISO 8601."""
    return {
        **{f.name: _plain(getattr(report, f.name)) for f in fields(report) if f.name not in _MAPPED},
        "resources": [line_json(line) for line in report.resources.values()],
        "errors": dict(report.errors),
        "by_hand": dict(report.by_hand),
        "changes": {name: [asdict(change) for change in changes] for name, changes in report.changes.items()},
        "model": None if report.model is None else model_json(report.model),
    }


def model_json(model: ModelReport) -> dict[str, Any]:
    """What came of the neutral model as plain JSON values."""
    own = {f.name: getattr(model, f.name) for f in fields(model)}
    return {**own, "rows": dict(model.rows), "checks": [asdict(check) for check in model.checks]}


def line_json(line: ResourceReport) -> dict[str, Any]:
    """One resource's line as plain JSON values."""
    return {key: _plain(value) for key, value in asdict(line).items()}


def from_json(text: str) -> Report:
    """A report that was kept as JSON; fields that this version does not know are left out."""
    data: dict[str, Any] = orjson.loads(text)
    lines = [_line(entry) for entry in data.get("resources", [])]
    known = {f.name for f in fields(Report)} - _MAPPED - {"status"}
    plain = {key: _time(key, value) for key, value in data.items() if key in known}
    return Report(
        **plain,
        status=Status(data["status"]),
        resources=MappingProxyType({line.resource: line for line in lines}),
        errors=MappingProxyType(data.get("errors", {})),
        by_hand=MappingProxyType(data.get("by_hand", {})),
        changes=MappingProxyType(
            {name: tuple(SchemaChange(**change) for change in each) for name, each in data.get("changes", {}).items()}
        ),
        model=_model(data.get("model")),
    )


def _model(data: dict[str, Any] | None) -> ModelReport | None:
    if data is None:
        return None
    checks = tuple(ModelCheck(**check) for check in data["checks"])
    return ModelReport(**{**data, "rows": MappingProxyType(data["rows"]), "checks": checks})


def _line(entry: dict[str, Any]) -> ResourceReport:
    known = {f.name for f in fields(ResourceReport)} - {"status", "proof"}
    proof = Proof(entry["proof"]) if entry.get("proof") else None
    plain = {key: _time(key, value) for key, value in entry.items() if key in known}
    return ResourceReport(**plain, status=Status(entry["status"]), proof=proof)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Status | Proof) else value


def _time(key: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if key in _TIMES and value else value
