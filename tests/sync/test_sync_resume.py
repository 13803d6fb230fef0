"""A run that was killed or stopped is finished by the next one, with the requests that were missing."""

from __future__ import annotations

import re
import stat
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from homeroom import history
from homeroom.config import load_config
from homeroom.errors import LoadError, StoppedError
from homeroom.events import RunResumed, RunSetAside
from homeroom.report import exit_code
from homeroom.sync_run import SyncOptions, sync_config
from homeroom.values import Report

if TYPE_CHECKING:
    from conftest import Campus, Fresh

WAYS = {"people": "merge", "sections": "append", "courses": "replace"}
KEY = "k3y-0f-the-sch00l"


def configure(campus: Campus, **sync: Any) -> None:
    resources = [
        {"name": name, "write_disposition": way, "endpoint": {"path": f"/v1/{name}"}} for name, way in WAYS.items()
    ]
    quick = {"retry": {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01}}
    campus.configure(*resources, limit=10, sync={**quick, **sync})


def pages_of(campus: Campus) -> Counter[str]:
    """How many pages of each resource were asked for since the log was cleared."""
    return Counter(str(each.resource) for each in campus.school.requests if each.resource)


def all_pages(campus: Campus) -> Counter[str]:
    """How many pages each resource has."""
    return Counter({name: -(-len(campus.true_ids(name)) // 10) for name in WAYS})


def journals(campus: Campus) -> list[Path]:
    return sorted((campus.home / "journals").glob("*"))


def read_on(campus: Campus, **options: Any) -> tuple[Report, list[Any]]:
    """A sync in this process, and what it said of an earlier run."""
    told: list[Any] = []
    campus.school.clear_log()
    report = campus.sync(hooks=[told.append], **options)
    return report, [event for event in told if isinstance(event, RunResumed | RunSetAside)]


def rows_are_right(campus: Campus) -> None:
    for name in WAYS:
        assert campus.ids(name) == campus.true_ids(name)


@pytest.fixture
def killed(campus: Campus, fresh: Fresh) -> Campus:
    """A campus whose first run was killed when all was read and nothing loaded."""
    configure(campus)
    assert fresh.run(campus, "extracted") == {"signal": 9}
    return campus


def test_what_was_read_is_not_asked_for_again_but_for_the_last_pages(killed: Campus) -> None:
    report, (told,) = read_on(killed)
    assert report.status == "complete"
    rows_are_right(killed)
    # The last page of each, and where that is full an empty one behind it.
    assert all(asked <= 2 for asked in pages_of(killed).values())
    assert isinstance(told, RunResumed) and told.landed == ()
    resumed = {name: line.pages_resumed for name, line in report.resources.items()}
    assert resumed == {name: pages - 1 for name, pages in all_pages(killed).items()}
    assert told.pages == told.of == sum(all_pages(killed).values())


def test_the_report_says_from_when_to_when_the_pages_were_read(killed: Campus) -> None:
    report, _ = read_on(killed)
    line = report.resources["people"]
    assert re.search(r"read from \S+ \S+ to \S+ \S+ UTC, in more than one run", line.note)
    assert line.oldest_page_at is not None and line.started_at is not None and line.oldest_page_at < line.started_at
    assert report.started_at is not None and report.started_at < line.oldest_page_at
    found = "SELECT sum(pages_resumed) FROM _homeroom_resources"
    assert killed.query(found) == [(sum(each.pages_resumed for each in report.resources.values()),)]


def test_a_finished_run_keeps_its_id_and_leaves_no_journal(killed: Campus) -> None:
    report, (told,) = read_on(killed)
    assert report.run_id == told.run_id and report.started_at is not None
    assert journals(killed) == []
    assert killed.query("SELECT run_id FROM _homeroom_runs") == [(report.run_id,)]
    again, events = read_on(killed)
    assert events == [] and again.run_id != report.run_id
    assert pages_of(killed) >= all_pages(killed)


@pytest.mark.parametrize("nth", [2, 3])
def test_a_run_that_is_killed_while_it_reads_loses_at_most_what_was_in_flight(
    campus: Campus, fresh: Fresh, nth: int
) -> None:
    configure(campus, concurrency=2)
    campus.dial("latency_s=0.02")
    assert fresh.run(campus, "reading", nth) == {"signal": 9}
    before = pages_of(campus)
    report, _ = read_on(campus)
    assert report.status == "complete"
    rows_are_right(campus)
    for name, pages in all_pages(campus).items():
        # Twice: the two in flight, the last one of the list, and an empty page behind a full one.
        assert before[name] + pages_of(campus)[name] <= pages + 4


def test_a_second_kill_is_as_good_as_the_first(killed: Campus, fresh: Fresh) -> None:
    for point in ("reading", "about to load", "job committed", "extracted"):
        assert fresh.run(killed, point, 2 if point == "job committed" else 1) == {"signal": 9}
    report, _ = read_on(killed)
    assert report.status == "complete" and all(asked <= 2 for asked in pages_of(killed).values())
    rows_are_right(killed)


@pytest.mark.parametrize("point", ["load committed", "loaded", "ledger begun"])
def test_a_run_that_was_killed_after_its_load_is_done_with(campus: Campus, fresh: Fresh, point: str) -> None:
    configure(campus)
    assert fresh.run(campus, point) == {"signal": 9}
    report, events = read_on(campus)
    assert events == [] and report.status == "complete"
    assert pages_of(campus) >= all_pages(campus)
    assert campus.ids("sections") == sorted(campus.true_ids("sections") * 2)
    assert journals(campus) == []


def test_lists_of_children_that_were_read_to_their_end_cost_no_request(campus: Campus, fresh: Fresh) -> None:
    sections = {"path": "/v1/courses/{resources.courses.id}/sections"}
    campus.configure("courses", {"name": "sections", "write_disposition": "append", "endpoint": sections}, limit=10)
    assert fresh.run(campus, "extracted") == {"signal": 9}
    report, _ = read_on(campus)
    assert report.status == "complete" and report.resources["sections"].requests == 0
    assert report.resources["sections"].pages_resumed == report.resources["sections"].pages > 0
    assert campus.ids("sections") == campus.true_ids("sections")


@pytest.mark.parametrize("change", ["insert", "delete"])
def test_rows_that_moved_while_it_was_dead_are_read_anew(killed: Campus, change: str) -> None:
    first = killed.school.rows("sections")[0]
    if change == "insert":
        killed.school.put("sections", first | {"id": 1})
    else:
        killed.school.remove("sections", first["id"])
    report, _ = read_on(killed)
    rows_are_right(killed)
    assert report.status == "complete"
    assert report.resources["sections"].pages_resumed == 0 and report.resources["people"].pages_resumed > 0


@pytest.mark.parametrize("change", ["config", "key", "resources", "--no-resume"])
def test_a_run_that_does_not_fit_is_set_aside(killed: Campus, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {}
    if change == "config":
        configure(killed, read_ahead_mb=63)
    elif change == "key":
        killed.school.api_key = "the-key-of-an0ther-sch00l"
        monkeypatch.setenv("API_KEY", killed.school.api_key)
    elif change == "resources":
        options["select"] = ["people"]
    else:
        options["resume"] = False
    report, (told,) = read_on(killed, **options)
    assert isinstance(told, RunSetAside) and change in told.why and told.pages > 0
    assert report.status == "complete" and report.resources["people"].pages_resumed == 0
    assert journals(killed) == [Path(told.path)]
    assert stat.S_IMODE(Path(told.path).stat().st_mode) == 0o600


@pytest.mark.parametrize(("hours", "resumed"), [(5, True), (7, False)])
def test_a_run_is_finished_within_six_hours(killed: Campus, hours: int, resumed: bool) -> None:
    told: list[Any] = []
    config = load_config(str(killed.config), environ={"API_KEY": KEY})
    options = SyncOptions(killed.url, home=killed.home)
    sync_config(config, options, [told.append], now=lambda: datetime.now(UTC) + timedelta(hours=hours))
    assert [type(event) for event in told if isinstance(event, RunResumed | RunSetAside)] == [
        RunResumed if resumed else RunSetAside
    ]


def test_without_a_journal_nothing_is_kept(campus: Campus, fresh: Fresh) -> None:
    configure(campus, journal=False)
    assert fresh.run(campus, "extracted") == {"signal": 9}
    assert journals(campus) == []
    report, events = read_on(campus)
    assert events == [] and sum(line.pages_resumed for line in report.resources.values()) == 0


def test_a_file_that_is_no_journal_is_set_aside(killed: Campus) -> None:
    path = next(file for file in journals(killed) if file.suffix == ".sqlite")
    for file in journals(killed):
        file.unlink()
    path.write_bytes(b"something else" * 500)
    report, (told,) = read_on(killed)
    assert isinstance(told, RunSetAside) and "is no journal" in told.why and report.status == "complete"


def test_after_a_stopped_run_only_what_has_not_landed_is_read(campus: Campus) -> None:
    configure(campus, retry={"attempts": 1, "stop_after": 1}, concurrency=4)
    campus.dial("latency_s=0.5,fail_503_every=4,only=/v1/people")
    stopped, _ = read_on(campus)
    # The host is given up at once: what had ended before it has landed, the rest has not.
    assert exit_code(stopped) == 5
    assert {name for name, line in stopped.resources.items() if line.status == "complete"} == {"courses", "sections"}
    campus.dial("")
    report, events = read_on(campus)
    rows_are_right(campus)
    assert exit_code(report) == 0 and set(report.resources) == set(pages_of(campus)) == {"people"}
    assert [event.landed for event in events] == [("courses", "sections")]
    assert report.run_id != stopped.run_id and journals(campus) == []


def test_a_resource_that_failed_for_itself_goes_on_beside_the_others(campus: Campus) -> None:
    configure(campus, concurrency=1)
    campus.dial("fail_503_every=4,only=/v1/people")
    failed, _ = read_on(campus)
    assert exit_code(failed) == 3 and failed.resources["people"].status == "failed"
    campus.dial("")
    report, _ = read_on(campus)
    assert exit_code(report) == 0 and set(report.resources) == set(WAYS)
    resumed = {name: line.pages_resumed for name, line in report.resources.items()}
    assert resumed["people"] > 0 and (resumed["sections"], resumed["courses"]) == (0, 0)
    assert campus.ids("people") == campus.true_ids("people") and journals(campus) == []


def test_pages_of_a_load_that_failed_are_not_asked_for_again(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(campus)
    with monkeypatch.context() as patch:
        patch.setattr("homeroom.dlt_seam.first_load.append_first", lambda *_: 1 / 0)
        with pytest.raises(LoadError):
            campus.sync()
    report, _ = read_on(campus)
    assert report.status == "complete" and all(asked <= 2 for asked in pages_of(campus).values())
    rows_are_right(campus)


def test_no_key_is_in_the_journal_of_a_killed_run(killed: Campus) -> None:
    assert journals(killed)
    assert [file for file in journals(killed) if KEY.encode() in file.read_bytes()] == []
    modes = [stat.S_IMODE(file.stat().st_mode) for file in (*journals(killed), killed.home / "journals")]
    assert modes == [0o600] * len(journals(killed)) + [0o700]


def test_a_journal_that_cannot_be_made_stops_the_run_before_a_request(campus: Campus) -> None:
    configure(campus)
    campus.sync()  # makes the lock, whose name tells the journal's
    (lock,) = (campus.home / "locks").glob("*.lock")
    (campus.home / "journals" / f"campus-{lock.stem}.sqlite").mkdir()
    with pytest.raises(StoppedError, match="cannot be written"):
        read_on(campus)
    assert pages_of(campus) == Counter() and "cannot be written" in history.list_runs(campus.home, most=1)[0]
