"""One whole job in a process of its own: seconds, stages, CPU and memory, and the rows of every table, as JSON.

    python bench/kinds.py '{"kind": "sync", "url": "http://127.0.0.1:8000", "folder": "/tmp/x", ...}'

Timed from the call to the tables being there. Where `warm`, a run of five rows into another file goes before it, so
that imports, also those that a library makes late, do not count.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import floor

if TYPE_CHECKING:
    from homeroom.values import ResourceReport

DATASET = "school"
Stages = dict[str, float]
Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What to run. `path` is the list to read, `folder` is empty at first and kept between runs of the same tables.

    `memory_limit` is DuckDB's, None for its default.
    """

    kind: str
    url: str
    folder: str
    pages: int
    page_rows: int
    path: str = "rows"
    memory_limit: str | None = None
    warm: bool = True

    @property
    def file(self) -> Path:
        """The DuckDB file."""
        return Path(self.folder) / "bench.duckdb"

    def config(self) -> Config:
        """The rest_api config, the same for dlt and for us."""
        endpoint = {
            "path": f"/{self.path}",
            "data_selector": "data",
            "paginator": {"type": "offset", "limit": self.page_rows},
        }
        resource = {"name": "rows", "primary_key": "id", "write_disposition": "merge", "endpoint": endpoint}
        return {"client": {"base_url": self.url}, "resources": [resource]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one job took; `stages` in their order. `pages` by lane and the `note` are of Homeroom's report."""

    seconds: float
    cpu_s: float
    peak_mb: float
    stages: Stages
    tables: dict[str, int]
    status: str = ""
    pages: dict[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """The stages of a job, and what Homeroom reported of its resource."""

    stages: Stages
    line: ResourceReport | None = None


def _ours(task: Task) -> Ran:
    """Homeroom's source in a plain `pipeline.run`, nothing set."""
    from homeroom import rest_api_source

    source = rest_api_source(task.config())  # type: ignore[arg-type]
    return Ran(_pipeline_run(task, source), source.report.resources["rows"])


def _dlt(task: Task, **arguments: Any) -> Ran:
    """dlt's own source."""
    from dlt.sources.rest_api import rest_api_source

    return Ran(_pipeline_run(task, rest_api_source(task.config()), **arguments))  # type: ignore[arg-type]


def _pipeline_run(task: Task, source: object, **arguments: Any) -> Stages:
    import dlt

    destination = dlt.destinations.duckdb(str(task.file))
    pipeline = dlt.pipeline(
        task.kind, destination=destination, dataset_name=DATASET, pipelines_dir=f"{task.folder}/dlt"
    )
    pipeline.run(source, **arguments)
    assert pipeline.last_trace is not None
    steps = {step.step: step for step in pipeline.last_trace.steps}
    found = {name: steps[name] for name in ("extract", "normalize", "load") if name in steps}
    return {
        name: (step.finished_at - step.started_at).total_seconds() for name, step in found.items() if step.finished_at
    }


def _sync(task: Task, section: Config, privacy: Config | None = None) -> Ran:
    """`homeroom.sync` of the same config as a file, with this `sync:` section, and `privacy:`."""
    import homeroom
    from homeroom.events import StageStarted

    file = Path(task.folder) / "bench_config.json"
    whole = {"name": "bench", "destination": f"duckdb:///{task.file}", "dataset": DATASET, "source": task.config()}
    rules = {"privacy": privacy} if privacy else {}
    file.write_text(json.dumps({**whole, **({"sync": section} if section else {}), **rules}))
    marks: Stages = {}

    def note_stage(event: object) -> None:
        if isinstance(event, StageStarted):
            marks[event.stage] = time.perf_counter()

    report = homeroom.sync(str(file), hooks=[note_stage], home=Path(task.folder) / "home")
    ends = [*list(marks.values())[1:], time.perf_counter()]
    stages = {name: end - began for (name, began), end in zip(marks.items(), ends, strict=True)}
    return Ran(stages, report.resources["rows"])


def _floor(task: Task) -> Ran:
    """No dlt, no proof."""
    url = f"{task.url}/{task.path}"
    marks = floor.read_whole(url, task.pages, task.page_rows, task.file, DATASET, task.memory_limit)
    seconds = (later - earlier for earlier, later in itertools.pairwise(marks))
    return Ran(dict(zip(("fetch", "decode", "load"), seconds, strict=True)))


ALL_RULES = {
    "rows.id": "hash",
    "rows.email": "mask",
    "rows.phone": "drop",
    "rows.birth_date": "mask",
    "rows.address": "drop",
    "rows__roles.org_id": "hash",
}
"""A rule of each kind, in an object and in a nested table too."""

KINDS: Mapping[str, Callable[[Task], Ran]] = {
    "ours": _ours,
    "sync": partial(_sync, section={}),
    "nojournal": partial(_sync, section={"journal": False}),
    "hash": partial(_sync, section={}, privacy={"columns": {"rows.email": "hash"}}),
    "hash_key": partial(_sync, section={}, privacy={"columns": {"rows.id": "hash"}}),
    "rules": partial(_sync, section={}, privacy={"columns": ALL_RULES}),
    "standard": partial(_sync, section={}, privacy={"profile": "standard"}),
    "dlt": _dlt,
    "parquet": partial(_dlt, loader_file_format="parquet"),
    "floor": _floor,
}
PRIVATE = ("hash", "hash_key", "rules", "standard")
"""Measured by `privacy.py`, against `sync`."""
OURS = tuple(kind for kind in KINDS if kind not in ("dlt", "parquet", "floor", *PRIVATE))

WORDS = {
    "ours": "rest_api_source in pipeline.run",
    "sync": "homeroom.sync as it is: ledger and journal",
    "nojournal": "homeroom.sync, ledger on, journal off",
    "hash": "one column of texts hashed",
    "hash_key": "the primary key hashed",
    "rules": "six columns by all rules, one of them in a nested table",
    "standard": "profile standard, every column looked at by its name",
    "dlt": "dlt as it comes",
    "parquet": "dlt, loader_file_format parquet",
    "floor": "no dlt, no proof",
}


def measure(task: Task) -> Outcome:
    """Run it once in this process."""
    run = KINDS[task.kind]
    if task.warm:
        run(_warm_task(task))
    began, cpu_began = time.perf_counter(), time.process_time()
    ran = run(task)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    outcome = Outcome(seconds, cpu_s, _peak_mb(), ran.stages, {})
    if ran.line is not None:
        pages = {"columns": ran.line.pages_columnar, "objects": ran.line.pages_object}
        outcome = replace(outcome, status=str(ran.line.status), pages=pages, note=ran.line.note)
    return replace(outcome, tables=_counted(task.file))


def _warm_task(task: Task) -> Task:
    folder = Path(task.folder) / f"warm_{os.getpid()}"
    folder.mkdir()
    return replace(task, folder=str(folder), path="warm", pages=1)


def _peak_mb() -> float:
    """Most memory this program held. Linux's `ru_maxrss` also knows what the process held before it became this."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 1024


def _counted(file: Path) -> dict[str, int]:
    """The rows of every table but those that dlt and Homeroom keep for themselves."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?"
        found = [name for (name,) in connection.execute(tables, [DATASET]).fetchall()]
        names = [name for name in found if not name.startswith("_")]
        counts = {name: connection.execute(f'SELECT count(*) FROM {DATASET}."{name}"').fetchone() for name in names}
    return {name: count[0] for name, count in counts.items() if count}


def main(text: str) -> None:
    """Run the task of a JSON text."""
    task = Task(**json.loads(text))
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["HOMEROOM_HOME"] = f"{task.folder}/home"
    os.environ["HOMEROOM_PRIVACY_KEY"] = "a key for measuring, which protects nobody"
    if task.memory_limit:
        limit = json.dumps({"memory_limit": task.memory_limit})
        # The one place where dlt looks for it whatever the credentials are given as.
        os.environ["DESTINATION__DUCKDB__CREDENTIALS__GLOBAL_CONFIG"] = limit
    print(json.dumps(asdict(measure(task))))


if __name__ == "__main__":
    main(sys.argv[1])
