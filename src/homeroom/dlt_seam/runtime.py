"""dlt's logging and telemetry, which dlt sets up when it is imported and does not look at again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dlt.common.runtime.run_context import active
from dlt.common.runtime.telemetry import stop_telemetry


@contextmanager
def settings_read_again() -> Iterator[None]:
    """Inside, dlt logs and reports home as its configuration says now; afterwards as it did before."""
    before = active().runtime_config
    stop_telemetry()  # what runs is not started again with other settings
    active().initialize_runtime()
    try:
        yield
    finally:
        stop_telemetry()
        active().initialize_runtime(before)
