"""Homeroom in Dagster: an asset for each resource, with what the run proves of it, twice over.

`school_synced` is the whole job of `homeroom sync`: a run that was stopped is finished, a resource that fails does
not stop the others, and each asset has a check `every_row_is_there`. Take this one.
`school_dlt` is for those who have `dagster-dlt` already: their source changes one import, the rest stays.

    pip install homeroom dagster dagster-dlt dagster-webserver
    export SCHOOL_URL=http://127.0.0.1:8765 SCHOOL_API_KEY=demo-key-0000
    dagster dev -f examples/dagster_school.py
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import yaml
from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    Definitions,
    Failure,
    MaterializeResult,
    RetryPolicy,
    ScheduleDefinition,
    define_asset_job,
    multi_asset,
)
from dagster_dlt import DagsterDltResource, dlt_assets

import homeroom

CONFIG = Path(__file__).with_name("school.yaml")
DATABASE = os.environ.get("SCHOOL_DATABASE", "duckdb:///school.duckdb")
RESOURCES = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["source"]["resources"]  # their names
WHOLE = ("complete", "unproved")
AGAIN = {"StoppedError", "TransientError"}  # what another try may mend: the time was over, the server was gone


def proof_of(line: homeroom.ResourceReport) -> dict[str, Any]:
    """What a run says of a resource, for the page of its asset."""
    told = {
        "status": str(line.status),
        "proof": str(line.proof) if line.proof else None,
        "rows_distinct": line.rows_distinct,
        "api_total": line.api_total,
        "dagster/row_count": line.rows_in_table,
        "requests": line.requests,
        "note": line.note or None,
    }
    return {name: value for name, value in told.items() if value is not None}


@multi_asset(
    specs=[AssetSpec(["school", name], kinds={"homeroom"}) for name in RESOURCES],
    check_specs=[AssetCheckSpec("every_row_is_there", asset=["school", name]) for name in RESOURCES],
    can_subset=True,
    # A second try goes on with the pages of the first: nothing is asked for twice.
    retry_policy=RetryPolicy(max_retries=2, delay=300),
)
def school_synced(context: AssetExecutionContext) -> Iterator[MaterializeResult | AssetCheckResult]:
    """Sync the resources whose assets are asked for; fail at the end, with a line for each that is not whole."""
    chosen = sorted(key.path[-1] for key in context.selected_asset_keys)
    try:
        report = homeroom.sync(CONFIG, destination=DATABASE, select=chosen)
    except homeroom.ConfigError as error:
        raise Failure(str(error), allow_retries=False) from None
    bad = {name: line for name, line in report.resources.items() if name in chosen and line.status not in WHOLE}
    for name in chosen:
        line, key = report.resources[name], AssetKey(["school", name])
        if name not in bad:
            yield MaterializeResult(asset_key=key, metadata=proof_of(line))
        yield AssetCheckResult(
            asset_key=key, check_name="every_row_is_there", passed=name not in bad, metadata=proof_of(line)
        )
    if bad:
        lines = [f"{name}: {line.status}; {line.note}" for name, line in bad.items()]
        allow_retries = not AGAIN.isdisjoint(report.errors.values())
        raise Failure("\n".join(lines), metadata={"run": report.run_id}, allow_retries=allow_retries)


def school_source() -> Any:
    """The source that `dagster-dlt` is given; with dlt's own `rest_api_source` it would look the same."""
    endpoint = {"data_selector": "data", "paginator": {"type": "offset", "limit": 1000, "total_path": "total"}}
    return homeroom.rest_api_source(
        {
            "client": {
                "base_url": os.environ.get("SCHOOL_URL", "http://127.0.0.1:8765") + "/v1",
                "auth": {"type": "api_key", "name": "X-Api-Key", "api_key": dlt.secrets.get("school_api_key")},
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "endpoint": endpoint},
            "resources": RESOURCES,
        },
        name="school",
    )


@dlt_assets(
    dlt_source=school_source(),
    dlt_pipeline=dlt.pipeline(
        "school_dlt",
        destination=dlt.destinations.duckdb(DATABASE.removeprefix("duckdb:///")),
        dataset_name="school_dlt",
    ),
    name="school_dlt",
)
def school_dlt(context: AssetExecutionContext, dlt: DagsterDltResource) -> Iterator[Any]:
    """Load all resources that are asked for, or none: one that fails or is incomplete fails the step."""
    yield from dlt.run(context=context)


nightly = define_asset_job("school_nightly", selection=[school_synced])
defs = Definitions(
    assets=[school_synced, school_dlt],
    jobs=[nightly],
    schedules=[ScheduleDefinition(job=nightly, cron_schedule="15 5 * * *")],
    resources={"dlt": DagsterDltResource()},
)
