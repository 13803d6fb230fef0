"""A config tried out against its API (`homeroom check`), before anything is synced. Nothing is written."""

from homeroom.check_run.findings import Aspect, CheckReport, Finding, Outcome
from homeroom.check_run.model import check_model
from homeroom.check_run.whole import check, check_config

__all__ = ["Aspect", "CheckReport", "Finding", "Outcome", "check", "check_config", "check_model"]
