"""What the tests of Dagster and Airflow share: a venv with the orchestrator, a driver that runs in it, what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALL_S, RUN_S = 600, 300


def python_with(orchestrator: str) -> str:
    """The python of a venv that has it; installed at the first run, kept in the temporary folder."""
    if shutil.which("bash") is None:
        pytest.skip("the script that installs it needs bash")
    packages = Path(tempfile.gettempdir()) / "real-orchestrators"
    with FileLock(f"{packages}-{orchestrator}.lock"):
        done = subprocess.run(
            ["bash", str(HERE / "orchestrator.sh"), orchestrator],
            env=os.environ | {"WORK": str(packages), "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def driven(orchestrator: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What NAME_driver.py says of each run, by its name; `rows.duckdb` and all state lie in the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGSTER", "DLT_"))}
    said = folder / "said.json"
    ours = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples")]),
        "HOMEROOM_HOME": str(folder / "home"),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "TMPDIR": str(folder),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "SCHOOL_DATABASE": f"duckdb:///{folder}/rows.duckdb",
        "SCHOOL_API_KEY": "demo-key-0000",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    with (folder / "output").open("w") as output:
        done = subprocess.run(
            [python_with(orchestrator), str(HERE / f"{orchestrator}_driver.py"), str(said)],
            env=kept | ours,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=RUN_S,
            check=False,
        )
    assert done.returncode == 0, (folder / "output").read_text()[-4000:]
    runs: dict[str, dict[str, Any]] = json.loads(said.read_text())
    return runs
