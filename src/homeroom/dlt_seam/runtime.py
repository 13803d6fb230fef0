"""dlt's settings while a run of ours lasts; its logging and telemetry are set up on import and not looked at again."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dlt
from dlt.common.configuration.container import Container
from dlt.common.pipeline import PipelineContext
from dlt.common.runtime.run_context import active
from dlt.common.runtime.signals import exception_for_signal, was_signal_received
from dlt.common.runtime.telemetry import stop_telemetry

_DEFAULTS = {
    # Nobody is told of a school's runs.
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    # dlt keeps every loaded row a second time in its working folder and a third time in the staging dataset.
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    "LOAD__TRUNCATE_STAGING_DATASET": "true",
    # What dlt would warn of is in the report, or is ours to say; its errors quote rows.
    "RUNTIME__LOG_LEVEL": "CRITICAL",
}
# dlt's choice empties the tables first and fills them then: a failed or killed load would leave them empty.
_STAGED_REPLACE = {"DESTINATION__REPLACE_STRATEGY": "insert-from-staging"}


@contextmanager
def our_settings(*, staged_replace: bool) -> Iterator[None]:
    """Our defaults for dlt; what the user has set stays as it is."""
    defaults = _DEFAULTS | (_STAGED_REPLACE if staged_replace else {})
    # What dlt would find by itself (the environment, config.toml) is the user's word.
    ours = {key: value for key, value in defaults.items() if dlt.config.get(key.lower().replace("__", ".")) is None}
    os.environ.update(ours)
    try:
        with _read_again(), _without_pipeline(), warnings.catch_warnings():
            if not sys.warnoptions:
                # dlt's own code makes SQLAlchemy warn, of what nobody who reads the report can change.
                warnings.filterwarnings("ignore", module=r"dlt\.")
            yield
    finally:
        for key in ours:
            os.environ.pop(key, None)


def signal_received() -> int:
    """The signal that dlt has heeded so far, by letting its jobs end; 0 where there was none."""
    return int(getattr(exception_for_signal(), "signal_code", 0)) if was_signal_received() else 0


@contextmanager
def _without_pipeline() -> Iterator[None]:
    """Inside, no pipeline of before is active; afterwards it is again, and none of those that were begun inside.

    What is made while one is active takes on what its destination can: the names, types and nesting of another one.
    """
    context = Container()[PipelineContext]
    before = context.pipeline() if context.is_active() else None
    context.deactivate()
    try:
        yield
    finally:
        context.deactivate()
        if before is not None:
            context.activate(before)


@contextmanager
def _read_again() -> Iterator[None]:
    """Inside, dlt logs and reports home as its configuration says now; afterwards as it did before."""
    before = active().runtime_config
    stop_telemetry()  # what runs is not started again with other settings
    active().initialize_runtime()
    try:
        yield
    finally:
        stop_telemetry()
        active().initialize_runtime(before)
