"""Homeroom in Airflow 3 by dlt's own helper: `PipelineTasksGroup` takes our source as it takes dlt's.

For those who have such a DAG already: one import changes. Each resource is a task of its own; one that fails or is
incomplete fails its task, and loads nothing. The helper gives each run a new working folder and wipes it, so a try
begins anew; examples/airflow_school.py goes on where the last one was stopped.

    pip install homeroom apache-airflow
    export SCHOOL_URL=http://127.0.0.1:8765 SCHOOL_API_KEY=demo-key-0000
    airflow dags test school_dlt
"""

import os
from datetime import datetime

import dlt
from airflow.sdk import dag
from dlt.helpers.airflow_helper import PipelineTasksGroup

from homeroom import rest_api_source  # was: from dlt.sources.rest_api import rest_api_source

DATABASE = os.environ.get("SCHOOL_DATABASE", "duckdb:///school.duckdb").removeprefix("duckdb:///")
ENDPOINT = {"data_selector": "data", "paginator": {"type": "offset", "limit": 1000, "total_path": "total"}}


@dag(schedule="15 5 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def school_dlt() -> None:
    """The school by dlt's pipeline, one resource after the other."""
    tasks = PipelineTasksGroup("load", use_data_folder=False, wipe_local_data=True)
    source = rest_api_source(
        {
            "client": {
                "base_url": os.environ.get("SCHOOL_URL", "http://127.0.0.1:8765") + "/v1",
                "auth": {"type": "api_key", "name": "X-Api-Key", "api_key": dlt.secrets.get("school_api_key")},
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "endpoint": ENDPOINT},
            "resources": ["courses", "sections", "people", "enrollments"],
        },
        name="school",
    )
    # After the group: the pipeline must lie in the folder that the group has made.
    pipeline = dlt.pipeline("school_dlt", destination=dlt.destinations.duckdb(DATABASE), dataset_name="school_dlt")
    tasks.add_run(pipeline, source, decompose="serialize")


school_dlt_dag = school_dlt()
