"""Homeroom in Airflow 3: one task that does the whole job of `homeroom sync`.

A second try goes on with the pages of the first, so `retries` cost no request twice; but only for what another try
may mend. Everything else fails at once, by the message of `homeroom sync`. The counts are the XCom of the task.

    pip install homeroom apache-airflow
    export SCHOOL_URL=http://127.0.0.1:8765 SCHOOL_API_KEY=demo-key-0000
    airflow dags test school
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

CONFIG = Path(__file__).with_name("school.yaml")
DATABASE = os.environ.get("SCHOOL_DATABASE", "duckdb:///school.duckdb")
WHOLE = ("complete", "unproved")
AGAIN = {"StoppedError", "TransientError"}  # what another try may mend: the time was over, the server was gone


@task(retries=2, retry_delay=timedelta(minutes=5))
def sync() -> dict[str, dict[str, str | int | None]]:
    """Sync all resources; fail with a line for each that is not whole."""
    import homeroom  # here, for Airflow reads this file every few seconds

    try:
        report = homeroom.sync(CONFIG, destination=DATABASE)
    except homeroom.ConfigError as error:
        raise AirflowFailException(str(error)) from None
    bad = [f"{name}: {line.status}; {line.note}" for name, line in report.resources.items() if line.status not in WHOLE]
    if bad:
        again = not AGAIN.isdisjoint(report.errors.values())
        raise (AirflowException if again else AirflowFailException)("\n".join(bad))
    return {
        name: {"status": str(line.status), "proof": str(line.proof), "rows": line.rows_in_table}
        for name, line in report.resources.items()
    }


# One run at a time: two at once would only wait for each other's database.
@dag(schedule="15 5 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def school() -> None:
    """The school, every night."""
    sync()


school_dag = school()
