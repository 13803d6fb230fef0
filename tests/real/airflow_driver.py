"""Runs the DAGs of examples/ in Airflow's own venv, over a sample school; writes what came of them as JSON.

`dag.test()` runs the tasks in this process over a SQLite database; no scheduler and no server is started. What the
tasks log goes to this process's output, which the test reads between the marks.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from airflow.models.xcom import XComModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session

from homeroom.demo import School
from homeroom.demo.dials import Dials

RIGHT = Dials()
SHORT = Dials(only="/v1/people", total="wrong-high")
REFUSED = Dials(only="/v1/courses", always=403)


def run(example: str) -> dict[str, Any]:
    """One run of the DAG in that module, which is read anew, as Airflow does for every task."""
    print(f">>> {example}", flush=True)
    module = importlib.import_module(example)
    dag = next(getattr(importlib.reload(module), name) for name in dir(module) if name.endswith("_dag"))
    done = dag.test()
    with create_session() as session:
        values = session.query(XComModel).filter(XComModel.run_id == done.run_id, XComModel.key == "return_value")
        returned = {each.task_id: XComModel.deserialize_value(each) for each in values}
    states = {each.task_id: str(each.state) for each in done.get_task_instances()}
    return {"state": str(done.state), "tasks": states, "returned": returned}


def main(said: Path) -> None:
    initdb()
    runs = {}
    with School(scale=0.02) as school:
        os.environ["SCHOOL_URL"] = school.url
        for name, dials in {"right": RIGHT, "short": SHORT, "refused": REFUSED}.items():
            school.set_dials(dials)
            runs[name] = run("airflow_school")
            runs[f"dlt {name}"] = run("airflow_dlt")
    said.write_text(json.dumps(runs))


main(Path(sys.argv[1]))
