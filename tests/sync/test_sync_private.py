"""What a run leaves behind on this machine: nothing of a person, no key, nothing for others to read."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dlt.common.runtime import anon_tracker

from homeroom.ledger import ResourceLedger

if TYPE_CHECKING:
    from conftest import Campus, OpenCampus

KEY = "k3y-0f-the-sch00l"
FATES = {"success": "", "refused": "always=401", "broken": "always=500", "partly": "always=500,only=/v1/people"}


def holding(folder: Path, text: str) -> list[Path]:
    """The files below the folder that hold the text, packed or not."""
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in _content(path)]


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    try:
        return raw + gzip.decompress(raw)
    except (OSError, EOFError, zlib.error):
        return raw


@pytest.fixture(scope="module")
def done(open_campus: OpenCampus) -> Campus:
    """A campus after one sync."""
    campus = open_campus()
    campus.configure("people", "terms")
    campus.sync()
    return campus


def test_local_folders_are_for_their_owner_alone(done: Campus) -> None:
    folders = [done.home, *(done.home / name for name in ("locks", "pipelines")), done.working_folder().parent]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * len(folders)


def test_local_files_are_for_their_owner_alone(done: Campus) -> None:
    files = [done.home / "history.sqlite", *(done.home / "locks").iterdir()]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)


def test_no_row_stays_in_the_working_folder_after_a_sync(done: Campus) -> None:
    names = [row["email"] for row in done.school.rows("people") if row["email"]][:3]
    assert [holding(done.home, name) for name in names] == [[], [], []]


def test_no_row_stays_in_the_staging_dataset(done: Campus) -> None:
    done.sync()
    assert done.query("SELECT count(*) FROM campus_staging.people") == [(0,)]


def test_no_row_stays_in_the_working_folder_after_a_failure(campus: Campus) -> None:
    campus.configure("people", "enrollments", limit=20)
    campus.dial("only=/v1/enrollments,fail_500_every=2,page_cap=20")
    campus.sync()
    campus.dial("only=/v1/people,fail_400_every=2")
    campus.sync()
    email = next(row["email"] for row in campus.school.rows("people") if row["email"])
    assert holding(campus.home, email) == []


def test_no_row_stays_in_the_working_folder_after_a_crash_while_reading(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus.configure("people", limit=10)
    real = ResourceLedger.page

    def fall(entry: ResourceLedger, *page: Any, **how: Any) -> None:
        real(entry, *page, **how)
        if entry.rows_received >= 40:
            raise RuntimeError("out of memory, say")

    monkeypatch.setattr(ResourceLedger, "page", fall)
    line = campus.sync().resources["people"]
    assert "an unexpected RuntimeError ended its read" in line.note and "out of memory" not in line.note
    email = next(row["email"] for row in campus.school.rows("people") if row["email"])
    assert holding(campus.home, email) == []


@pytest.mark.parametrize("fate", [*FATES, "unreachable"])
def test_the_key_is_nowhere(campus: Campus, fate: str, capfd: pytest.CaptureFixture[str]) -> None:
    campus.configure("people", "terms")
    campus.dial(FATES.get(fate, ""))
    if fate == "unreachable":
        campus.school.stop()
    report = campus.sync()
    assert holding(campus.folder, KEY) == []
    assert KEY not in "".join(capfd.readouterr()) + repr(report)


def test_a_key_that_stands_in_the_config_is_nowhere_else(campus: Campus) -> None:
    campus.configure("terms")
    campus.config.write_text(campus.config.read_text().replace("${API_KEY}", KEY))
    campus.dial("always=500")
    campus.sync()
    assert holding(campus.folder, KEY) == [campus.config]


def test_a_server_that_repeats_the_key_does_not_get_it_into_the_report(campus: Campus) -> None:
    campus.configure({"name": "lost", "endpoint": {"path": f"/v1/{KEY}"}}, "terms")
    note = campus.sync().resources["lost"].note
    assert "404" in note and KEY not in note


def test_dlt_reports_to_nobody_while_a_sync_lasts(campus: Campus) -> None:
    campus.configure("terms")
    endpoints: list[Any] = []
    campus.sync(hooks=[lambda event: endpoints.append(anon_tracker._ANON_TRACKER_ENDPOINT)])
    assert set(endpoints) == {None}


def test_dlt_reports_again_as_its_user_wishes_after_a_sync(done: Campus) -> None:
    before = anon_tracker._ANON_TRACKER_ENDPOINT
    done.sync()
    assert before == anon_tracker._ANON_TRACKER_ENDPOINT


def test_the_environment_is_as_it_was_after_a_sync(done: Campus) -> None:
    before = dict(os.environ)
    done.sync()
    assert dict(os.environ) == before


def test_what_the_environment_sets_for_dlt_stays(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOAD__DELETE_COMPLETED_JOBS", "false")
    campus.configure("terms")
    campus.sync()
    assert list(campus.working_folder().glob("load/loaded/*/completed_jobs/*")) != []


def test_nothing_is_written_to_dlts_own_folder(done: Campus) -> None:
    assert list(Path(os.environ["DLT_DATA_DIR"]).rglob("pipelines")) == []
