"""Runs examples/dagster_school.py in Dagster's own venv, over a sample school; writes what came of it as JSON."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import dagster as dg

from homeroom.demo import School
from homeroom.demo.dials import Dials

RIGHT = Dials()
SHORT = Dials(only="/v1/people", total="wrong-high")
REFUSED = Dials(only="/v1/courses", always=403)


def words_of(error: Any) -> str:
    """The messages of an error and its causes."""
    said = ""
    while error is not None:
        said, error = said + error.message, error.cause
    return said


def told(result: Any) -> dict[str, Any]:
    assets = {
        event.materialization.asset_key.path[-1]: {
            name: value.value
            for name, value in event.materialization.metadata.items()
            if isinstance(value.value, str | int)
        }
        for event in result.get_asset_materialization_events()
    }
    return {
        "success": result.success,
        "assets": assets,
        "checks": {each.asset_key.path[-1]: each.passed for each in result.get_asset_check_evaluations()},
        "retried": any(event.is_step_up_for_retry for event in result.all_events),
        "failures": [words_of(e.event_specific_data.error) for e in result.all_events if e.is_step_failure],
    }


def main(said: Path) -> None:
    with School(scale=0.02) as school:
        os.environ["SCHOOL_URL"] = school.url
        import dagster_school as example

        def materialised(name: str, *keys: dg.AssetKey) -> dict[str, Any]:
            # Dagster gives each run a process. In one process dagster-dlt 0.29.27 spoils the schema for the next run:
            # it pops the columns' names (DagsterDltResource._extract_table_schema_metadata).
            assets = getattr(importlib.reload(example), name)
            chosen = dg.AssetSelection.keys(*keys) if keys else None
            resources = {"dlt": example.DagsterDltResource()}
            return told(dg.materialize([assets], resources=resources, selection=chosen, raise_on_error=False))

        runs = {"nightly": told(example.defs.resolve_job_def("school_nightly").execute_in_process())}
        runs["part"] = materialised("school_synced", dg.AssetKey(["school", "sections"]))
        runs["dlt"] = materialised("school_dlt")
        school.set_dials(SHORT)
        runs["short"] = materialised("school_synced")
        runs["dlt short"] = materialised("school_dlt")
        school.set_dials(REFUSED)
        runs["refused"] = materialised("school_synced")
        runs["dlt refused"] = materialised("school_dlt")
        school.set_dials(RIGHT)
        runs["dlt again"] = materialised("school_dlt", dg.AssetKey("dlt_school_people"))
    said.write_text(json.dumps(runs))


main(Path(sys.argv[1]))
