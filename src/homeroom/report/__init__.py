"""Report: from the ledger to what a person or a program reads of a run. `report.text` is for a terminal (rich)."""

from homeroom.report.build import build_report, exit_code, worst_status
from homeroom.report.plain import from_json, line_json, to_json

__all__ = ["build_report", "exit_code", "from_json", "line_json", "to_json", "worst_status"]
