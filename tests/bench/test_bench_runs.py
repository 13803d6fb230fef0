"""Runs at a small size, each in a process of its own, as the bench makes them."""

import re
from pathlib import Path

import pytest
import whole
from figures import Measurement
from kinds import KINDS, Outcome, Task
from whole import Bench, RunError, check, serving
from workloads import WORKLOADS

NESTED = WORKLOADS["nested"]
SCALE = 2 * NESTED.page_rows / NESTED.rows


def outcome(tables: dict[str, int], status: str = "") -> Outcome:
    return Outcome(1.0, 1.0, 100.0, {}, tables, status)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fills_the_same_tables(kind: str, tmp_path: Path) -> None:
    with serving(NESTED, SCALE) as server:
        found = whole.run(Task(kind, server.url, str(tmp_path), 2, NESTED.page_rows, warm=False))
    check(found, server.tables)
    assert 0 < sum(found.stages.values()) <= found.seconds


def test_a_second_run_of_the_floor_replaces_the_rows_of_the_first(tmp_path: Path) -> None:
    with serving(NESTED, SCALE) as server:
        for _ in range(2):
            check(whole.run(Task("floor", server.url, str(tmp_path), 2, NESTED.page_rows)), server.tables)


def test_duckdb_is_given_the_memory_limit_through_dlt(tmp_path: Path) -> None:
    with serving(NESTED, SCALE) as server:
        task = Task("sync", server.url, str(tmp_path), 2, NESTED.page_rows, memory_limit="1kB", warm=False)
        with pytest.raises(RunError, match="Out of Memory"):
            whole.run(task)


@pytest.mark.parametrize("tables", [{"rows": 199}, {"rows": 200, "rows__v_text": 1}, {}])
def test_a_wrong_count_or_a_further_table_fails(tables: dict[str, int]) -> None:
    with pytest.raises(RunError, match=re.escape(str(tables))):
        check(outcome(tables), {"rows": 200})


def test_a_read_that_was_not_proved_fails() -> None:
    with pytest.raises(RunError, match="unproved"):
        check(outcome({"rows": 200}, "unproved"), {"rows": 200})


def test_a_kind_that_failed_is_told_and_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def lose_a_row(task: Task) -> Outcome:
        ran.append(task.kind)
        return outcome({"rows": 9 if task.kind == "ours" else 10})

    monkeypatch.setattr(whole, "run", lose_a_row)
    bench = Bench(2, 0.0, ("ours", "floor"))
    bench.whole_job(WORKLOADS["small"])
    assert ran == ["ours", "floor", "floor"]
    assert [failure.split(":")[0] for failure in bench.failures] == ["small ours"]


def test_dlt_as_it_comes_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "run", lambda task: outcome({"rows": 10}))
    bench = Bench(3, 0.0, ("dlt", "floor"))
    bench.whole_job(WORKLOADS["small"])
    assert [each.kind for each in bench.found] == ["dlt", "floor", "floor", "floor"]


def test_the_plot_shows_every_kind_in_a_small_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `bench` is not installed")
    bench = Bench(1, 1.0, tuple(KINDS))
    bench.found = [Measurement("main", kind, 0, outcome({"rows": 10})) for kind in KINDS]
    loads = [(0.0, 0.0, 0.0)] * 2
    whole.plot.draw(whole.document(bench, whole.machine(), loads), tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"{kind}: " not in text] == []
    assert len(text) < 100_000
