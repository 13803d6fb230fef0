"""Disks that are full or read-only, databases that somebody else has open: one clear line, and nothing lost."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from homeroom import history
from homeroom.errors import DiskError

from .test_sync_load_errors import held_by_another

if TYPE_CHECKING:
    from conftest import Campus, Fresh, OpenCampus

WAYS = {"people": "merge", "sections": "append"}
LIMIT = 10


@dataclass(frozen=True)
class Ended:
    """A `homeroom sync` in a process of its own, and what it asked for."""

    code: int
    out: str
    err: str
    asked: Counter[str]

    @property
    def told(self) -> str:
        """Its error."""
        return self.coded.rpartition(" [")[0]

    @property
    def coded(self) -> str:
        """Its error, with its code."""
        return self.err.splitlines()[-1].removeprefix("error: ")


class Watched:
    """A campus in whose school something may happen at a request."""

    def __init__(self, open_campus: OpenCampus) -> None:
        self.pid = 0
        self._at: tuple[int, Callable[[], Any]] | None = None
        self._seen = 0
        self.campus = open_campus(on_request=self._count)
        resources = [
            {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}} for name, way in WAYS.items()
        ]
        self.campus.configure(*resources, limit=LIMIT, sync={"concurrency": 2})

    def _count(self, _request: Any) -> None:
        self._seen += 1
        if self._at and self._seen == self._at[0]:
            self._at[1]()

    def at_request(self, number: int, act: Callable[[], Any]) -> None:
        """Have something happen when the school is asked so many times from now on."""
        self._seen, self._at = 0, (number, act)

    def sync(self, *flags: str) -> Ended:
        """Run `homeroom sync`."""
        campus = self.campus
        campus.school.clear_log()
        command = [sys.executable, "-m", "homeroom", "sync", str(campus.config), "--to", campus.url, *flags]
        env = os.environ | {"HOMEROOM_HOME": str(campus.home)}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            self.pid = process.pid
            out, err = process.communicate(timeout=60)
        return Ended(process.returncode, out, err, Counter(str(each.resource) for each in campus.school.requests))

    def rows_are_right(self) -> None:
        for name in WAYS:
            assert self.campus.ids(name) == self.campus.true_ids(name)


@pytest.fixture
def watched(open_campus: OpenCampus) -> Watched:
    return Watched(open_campus)


@contextmanager
def mounted(folder: Path, size: str = "4m") -> Iterator[Path]:
    """A file system of its own; skips where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("a file system can be mounted by root alone")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass


Fault = Callable[[Watched], "AbstractContextManager[Callable[[], Any]]"]
"""Arms a campus; gives what makes it good again."""


@contextmanager
def full_disk(watched: Watched, folder: str) -> Iterator[Callable[[], Any]]:
    """A disk of its own under the campus's folder, full from the fifth request on."""
    with mounted(watched.campus.folder / folder, "8m") as disk:
        watched.at_request(5, lambda: fill(disk))
        yield lambda: (disk / "filler").unlink()


@contextmanager
def full_home(watched: Watched) -> Iterator[Callable[[], Any]]:
    with full_disk(watched, "home") as free:
        yield free


@contextmanager
def full_working_folder(watched: Watched) -> Iterator[Callable[[], Any]]:
    with full_disk(watched, "home/pipelines") as free:
        yield free


@contextmanager
def full_database(watched: Watched) -> Iterator[Callable[[], Any]]:
    watched.campus.database = watched.campus.folder / "db" / "rows.duckdb"
    watched.campus.url = f"duckdb:///{watched.campus.database}"
    with full_disk(watched, "db") as free:
        yield free


@contextmanager
def bounded_files(watched: Watched) -> Iterator[Callable[[], Any]]:
    """From the fifth request on no file of the process may grow beyond 40 kB."""
    watched.at_request(5, lambda: resource.prlimit(watched.pid, resource.RLIMIT_FSIZE, (40_000, 40_000)))
    yield lambda: None


@contextmanager
def locked_database(watched: Watched) -> Iterator[Callable[[], Any]]:
    """From the fifth request on another process has the database open."""
    with ExitStack() as stack:
        watched.at_request(5, lambda: stack.enter_context(held_by_another(watched.campus)))
        yield stack.close


FAULTS = [
    (full_home, "DiskError", "the journal {home}/journals/campus-"),
    (
        full_working_folder,
        "DiskError",
        "could not read: no space left on device in dlt's working folder {home}/pipelines/",
    ),
    (
        full_database,
        "LoadError",
        'could not load: TransactionContext Error: Failed to commit: Could not write file "{db}',
    ),
    (bounded_files, "DiskError", "the journal {home}/journals/campus-"),
    (locked_database, "LoadError", 'IO Error: Could not set lock on file "{db}"'),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS, ids=lambda given: getattr(given, "__name__", ""))
def test_what_was_read_before_a_fault_is_kept_and_the_next_run_asks_for_the_rest(
    watched: Watched, fault: Fault, kind: str, words: str
) -> None:
    with fault(watched) as make_good:
        ended = watched.sync("--json")
        end = json.loads(ended.out.splitlines()[-1])
        assert (ended.code, end["exit_code"], end["error"]) == (5, 5, kind)
        assert words.format(home=watched.campus.home, db=watched.campus.database) in ended.told == end["message"]
        assert ended.told.endswith(f"; {end['pages_kept']} pages are kept: run the same command again to finish")
        assert "Traceback" not in ended.err and end["pages_kept"] >= 2
        make_good()
        after = watched.sync()
        watched.rows_are_right()
    assert after.code == 0 and f"\n{end['pages_kept']} " in after.err and "pages of an earlier run" in after.err
    # Besides what was missing: the last page of each list that had begun.
    assert after.asked.total() <= 8 - end["pages_kept"] + 2


def test_a_run_that_a_full_database_stopped_is_in_the_history(watched: Watched) -> None:
    with full_database(watched) as make_good:
        ended = watched.sync("-q")
        assert ended.err.splitlines() == [f"error: {ended.coded}"]
        (report,) = (json.loads(text) for text in history.list_runs(watched.campus.home, most=9))
        assert (report["status"], report["landed"], report["error"]) == ("failed", False, ended.coded)
        make_good()
        assert watched.sync().code == 0
    (finished,) = (json.loads(text) for text in history.list_runs(watched.campus.home, most=9))
    assert (finished["run_id"], finished["status"], finished["error"]) == (report["run_id"], "complete", "")


def test_a_database_on_a_read_only_disk_is_told_before_anything_is_asked(watched: Watched) -> None:
    with full_database(watched):
        subprocess.run(["mount", "-o", "remount,ro", watched.campus.database.parent], check=True)
        ended = watched.sync()
    assert (ended.code, ended.asked.total()) == (1, 0)
    assert ended.told.endswith("Read-only file system; make it writable") and "Traceback" not in ended.err


def test_a_home_on_a_read_only_disk_is_told_in_one_line(watched: Watched) -> None:
    with full_disk(watched, "home"):
        subprocess.run(["mount", "-o", "remount,ro", watched.campus.home], check=True)
        ended = watched.sync()
    assert (ended.code, ended.out, ended.asked.total()) == (1, "", 0)
    assert ended.err == (
        f"error: the folder {watched.campus.home}/locks cannot be written (Read-only file system); "
        "make room or make it writable, or set HOMEROOM_HOME to another folder [cannot-write]\n"
    )


def test_a_file_in_the_place_of_the_home_is_told_in_one_line(watched: Watched) -> None:
    watched.campus.home.write_text("")
    ended = watched.sync()
    assert (ended.code, ended.out) == (1, "")
    assert ended.told.startswith(f"the folder {watched.campus.home} cannot be made: a file is there")


def test_a_disk_that_is_full_ends_the_run_whatever_resource_meets_it(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_page: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device", "/rows.parquet")

    campus.configure("people", "terms")
    with monkeypatch.context() as patch:
        patch.setattr("homeroom.source.entrance.decode_rows", full)
        with pytest.raises(
            DiskError, match=r"rows cannot be written: no space left on device \(/rows.parquet\)"
        ) as caught:
            campus.sync()
    assert caught.value.kept > 0 and campus.tables() == set()
    assert campus.sync().status == "complete"


def test_a_package_in_two_folders_blocks_nothing_without_a_journal(campus: Campus, fresh: Fresh) -> None:
    campus.configure("people", sync={"journal": False})
    assert fresh.run(campus, "in both folders") == {"signal": 9}
    assert len(campus.pending()) == 2
    assert fresh.run(campus) == {"status": "complete", "landed": True}
    assert campus.ids("people") == campus.true_ids("people")
