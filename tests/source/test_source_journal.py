"""`sync={"journal": True}` in a plain `pipeline.run`: what is kept, what is gone on with, what is said of it."""

from __future__ import annotations

import json
import logging
import re
import shutil
import stat
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.normalize.normalize import Normalize
from source_help import Campus, child, config_of, ids, resource

from homeroom.demo import Dials, School
from homeroom.demo.dials import parse_dials
from homeroom.errors import DataError, IncompleteError, LoadError, StoppedError, TransientError
from homeroom.lock import only_run
from homeroom.source import RestApiSource, rest_api_resources, rest_api_source
from homeroom.source.kept import Keeper
from homeroom.source.options import ReadingOptions
from homeroom.source.rest_api import make_source
from homeroom.values import Status, SyncSettings

OpenCampus = Callable[[str], Campus]

QUICK: dict[str, Any] = {
    "journal": True,
    "concurrency": 2,
    "retry": {"attempts": 1, "first_wait_s": 0.01, "max_wait_s": 0.01},
}
OFFSET = {"data_selector": "data", "paginator": {"type": "offset", "limit": 3}}
FALLEN = parse_dials("fail_503_every=9,only=/v1/people")
AT_REST = Dials()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where journals go."""
    monkeypatch.setenv("HOMEROOM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def kept(school: School, *resources: Any, name: str | None = None, **defaults: Any) -> RestApiSource:
    """A source with a journal; a text stands for the entity of that name."""
    listed = [resource(each) if isinstance(each, str) else each for each in resources]
    return rest_api_source(config_of(school, *listed, endpoint=OFFSET, **defaults), name=name, sync=QUICK)


def journals(home: Path) -> list[Path]:
    return sorted((home / "journals").glob("*"))


def asked(school: School) -> Counter[str]:
    """How many pages of each resource were asked for since the log was cleared."""
    return Counter(str(each.resource) for each in school.requests if each.resource)


def pages(school: School, *names: str) -> Counter[str]:
    """How many pages of 3 rows each has."""
    return Counter({name: -(-len(school.rows(name)) // 3) for name in names})


def falls(campus: Campus, school: School, source: Any, dials: Dials = FALLEN) -> None:
    """A run that the server ends: it gives no more than two pages of people."""
    school.set_dials(dials)
    campus.refuses(source, TransientError)
    school.set_dials(AT_REST)
    school.clear_log()


def resumed(source: RestApiSource) -> dict[str, int]:
    return {name: line.pages_resumed for name, line in source.report.resources.items()}


def test_a_run_that_failed_is_gone_on_with(campus: Campus, school: School, caplog: pytest.LogCaptureFixture) -> None:
    falls(campus, school, kept(school, "people", "terms"))
    assert campus.is_untouched and caplog.messages == []
    source = kept(school, "people", "terms")
    campus.run(source)
    assert campus.column("people") == ids(school.rows("people"))
    assert resumed(source)["people"] > 0 and asked(school)["people"] < pages(school, "people")["people"]
    (line,) = [each for each in caplog.records if each.name == "homeroom"]
    assert line.levelno == logging.WARNING
    assert re.fullmatch(r"\d+ pages of an earlier run \(2\S+\) are here, the last from \d+ s ago", line.message)


def test_the_same_source_object_goes_on_too(campus: Campus, school: School) -> None:
    source = kept(school, "people")
    falls(campus, school, source)
    campus.run(source)
    assert resumed(source)["people"] > 0 and campus.column("people") == ids(school.rows("people"))


def test_two_runs_in_a_row_read_twice(campus: Campus, school: School, caplog: pytest.LogCaptureFixture) -> None:
    source = kept(school, "people", write_disposition="append")
    for times in (1, 2, 3):
        school.clear_log()
        campus.run(source)
        assert asked(school) >= pages(school, "people") and resumed(source) == {"people": 0}
        assert campus.column("people") == sorted(ids(school.rows("people")) * times)
    assert caplog.messages == []


def test_a_source_that_is_merely_iterated_keeps_nothing(school: School, home: Path) -> None:
    source = kept(school, "people")
    assert len(list(source)) == len(school.rows("people"))
    assert not home.exists()


def test_without_a_journal_nothing_is_kept(campus: Campus, school: School, home: Path) -> None:
    campus.run(rest_api_source(config_of(school, resource("people"), endpoint=OFFSET)))
    assert not home.exists()


def test_no_key_is_in_the_file_and_it_is_its_owners(campus: Campus, school: School, home: Path) -> None:
    falls(campus, school, kept(school, "people"))
    (file,) = journals(home)
    assert school.api_key.encode() not in file.read_bytes()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent)] == [0o600, 0o700]


def test_a_run_without_a_row_leaves_no_file(campus: Campus, school: School, home: Path) -> None:
    for row in school.rows("terms"):
        school.remove("terms", row["id"])
    campus.run(kept(school, resource("terms", endpoint={"paginator": "single_page"})))
    assert len(journals(home)) <= 1  # the empty page
    source = kept(school, resource("terms", endpoint={"paginator": "single_page"}))
    campus.run(source)
    assert resumed(source) == {"terms": 0}


def test_what_is_behind_a_done_run_is_not_in_the_file_any_more(campus: Campus, school: School, home: Path) -> None:
    """SQLite leaves the bytes of deleted pages in the file: it must be another one."""
    campus.run(kept(school, "people"))
    (file,) = journals(home)
    before = file.stat().st_ino, file.stat().st_size
    (home / "journals" / "held").hardlink_to(file)  # so that its number is not given away again
    campus.run(kept(school, "people"))
    assert file.stat().st_ino != before[0] and file.stat().st_size <= before[1] * 1.1


@pytest.mark.parametrize("change", ["config", "key", "resources"])
def test_a_run_that_does_not_fit_is_set_aside(
    campus: Campus, school: School, home: Path, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    falls(campus, school, kept(school, "people", "terms"))
    if change == "key":
        school.api_key = "the-key-of-an0ther-sch00l"
    source = kept(school, "people", "terms")
    if change == "config":
        source = kept(school, "people", "terms", merge_key="id")
    campus.run(source.with_resources("people") if change == "resources" else source)
    assert resumed(source)["people"] == 0 and campus.column("people") == ids(school.rows("people"))
    (said,) = [each.message for each in caplog.records if each.name == "homeroom"]
    assert "is not gone on with" in said and change in said
    assert any(str(file) in said for file in journals(home))


@pytest.mark.parametrize(("hours", "fits"), [(5, True), (7, False)])
def test_a_run_is_gone_on_with_within_six_hours(campus: Campus, school: School, hours: int, fits: bool) -> None:
    config = config_of(school, resource("people"), endpoint=OFFSET)
    falls(campus, school, rest_api_source(config, sync=QUICK))
    keeper = Keeper(config, QUICK, 6 * 3600, now=lambda: datetime.now(UTC) + timedelta(hours=hours))
    source = make_source(config, SyncSettings(), ReadingOptions(keep=keeper.held))
    campus.run(source)
    assert (resumed(source)["people"] > 0) is fits


def test_a_resource_that_failed_for_itself_is_read_anew(campus: Campus, school: School) -> None:
    """Else a page that is wrong would stay so for six hours; the others are here."""
    school.put("people", school.rows("people")[100] | {"name": None})
    columns = {"name": {"data_type": "text", "nullable": False}}
    first = kept(school, "sections", resource("people", columns=columns))
    campus.refuses(first, DataError)
    assert first.report.resources["people"].status is Status.FAILED
    school.put("people", school.rows("people")[100] | {"name": "Somebody"})
    source = kept(school, "sections", resource("people", columns=columns))
    campus.run(source)
    assert resumed(source)["people"] == 0 < resumed(source)["sections"]
    assert campus.column("people") == ids(school.rows("people"))


def test_a_resource_that_was_incomplete_is_read_anew(campus: Campus, school: School) -> None:
    school.set_dials(parse_dials("total=wrong-high,only=/v1/people"))
    campus.refuses(kept(school, "sections", "people"), IncompleteError)
    school.set_dials(AT_REST)
    source = kept(school, "sections", "people")
    campus.run(source)
    assert resumed(source)["people"] == 0 < resumed(source)["sections"]


def test_an_interrupted_run_is_gone_on_with(campus: Campus, school: School) -> None:
    source = kept(school, "people")
    seen: list[Any] = []

    def interrupted(row: Any) -> Any:
        seen.append(row)
        if len(seen) == 30:
            raise KeyboardInterrupt
        return row

    source.people.add_map(interrupted)
    with pytest.raises(Exception) as caught:
        campus.run(source)
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)
    again = kept(school, "people")
    campus.run(again)
    assert resumed(again)["people"] > 0 and campus.column("people") == ids(school.rows("people"))


def test_children_are_gone_on_with(campus: Campus, school: School) -> None:
    courses = resource("courses"), child("courses", "sections")
    school.set_dials(parse_dials("always=503,only=/v1/courses/1005/sections"))
    campus.refuses(kept(school, *courses), TransientError)
    school.set_dials(AT_REST)
    source = kept(school, *courses)
    campus.run(source)
    assert resumed(source)["sections"] > 0 and campus.column("sections") == ids(school.rows("sections"))


def test_children_of_a_resource_of_the_users_are_gone_on_with(campus: Campus, school: School) -> None:
    """Its journal is opened for each of their parents anew."""

    def source() -> RestApiSource:
        courses = dlt.resource(({"id": row["id"]} for row in school.rows("courses")), name="courses")
        return rest_api_source(config_of(school, courses, child("courses", "sections"), endpoint=OFFSET), sync=QUICK)

    school.set_dials(parse_dials("always=503,only=/v1/courses/1005/sections"))
    campus.refuses(source(), TransientError)
    school.set_dials(AT_REST)
    again = source()
    campus.run(again)
    assert resumed(again)["sections"] > 0 and campus.column("sections") == ids(school.rows("sections"))
    campus.run(anew := source())
    assert resumed(anew) == {"sections": 0}


def test_resources_that_are_read_one_after_the_other_share_a_journal(
    campus: Campus, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is closed and opened in between."""
    monkeypatch.setenv("EXTRACT__NEXT_ITEM_MODE", "fifo")
    falls(campus, school, kept(school, "courses", "sections", "people"))
    source = kept(school, "courses", "sections", "people")
    campus.run(source)
    assert all(resumed(source).values())


def test_resources_without_a_source_are_gone_on_with(campus: Campus, school: School) -> None:
    config = config_of(school, resource("people"), endpoint=OFFSET)
    falls(campus, school, rest_api_resources(config, sync=QUICK))
    campus.run(rest_api_resources(config, sync=QUICK))
    assert campus.column("people") == ids(school.rows("people"))
    assert asked(school)["people"] < pages(school, "people")["people"]


def test_two_pipelines_of_one_source_have_a_journal_each(open_campus: OpenCampus, school: School, home: Path) -> None:
    left, right = open_campus("left"), open_campus("right")
    source = kept(school, "people")
    falls(left, school, source)
    right.run(source)
    assert resumed(source)["people"] == 0 and len(journals(home)) == 2
    left.run(source)
    assert resumed(source)["people"] > 0
    assert left.column("people") == right.column("people") == ids(school.rows("people"))


@pytest.mark.parametrize("names", [("one", "two"), (None, None)], ids=["named", "of-one-name"])
def test_all_sources_of_a_run_are_gone_on_with(
    campus: Campus, school: School, caplog: pytest.LogCaptureFixture, names: tuple[str | None, str | None]
) -> None:
    def sources() -> list[RestApiSource]:
        return [kept(school, "sections", "courses", name=names[0]), kept(school, "people", name=names[1])]

    falls(campus, school, sources())
    courses, people = sources()
    campus.run([courses, people])
    assert resumed(courses)["courses"] > 0 and resumed(people)["people"] > 0
    assert [each.message for each in caplog.records if "is not gone on with" in each.message] == []
    school.clear_log()
    campus.run(sources())
    assert asked(school) >= pages(school, "people", "sections", "courses")


def test_schools_of_one_source_name_have_a_journal_each(campus: Campus, school: School) -> None:
    with School(scale=0.01) as other:
        falls(campus, school, kept(school, "people"))
        campus.run(kept(other, "people"))
        source = kept(school, "people")
        campus.run(source)
        assert resumed(source)["people"] > 0


def test_a_second_process_is_refused_while_the_first_one_reads(campus: Campus, school: School, home: Path) -> None:
    campus.run(kept(school, "terms"))
    (lock,) = (home / "locks").glob("*.lock")
    with only_run(home, lock.stem, "the same"):
        error = campus.refuses(kept(school, "terms"), LoadError)
    assert "(process " in str(error) and "the journal of pipeline campus, source rest_api" in str(error)
    assert str(error).endswith("or give the pipeline or the source another name")


def test_a_home_that_cannot_be_written_stops_the_run_before_a_request(
    campus: Campus, school: School, home: Path
) -> None:
    home.write_text("a file")
    error = campus.refuses(kept(school, "terms"), StoppedError)
    assert f"the folder {home}" in str(error) and "set HOMEROOM_HOME to a folder" in str(error)
    assert asked(school) == Counter()


def test_neither_file_nor_thread_is_open_when_dlt_normalises(
    campus: Campus, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may fork there."""
    threads: list[str] = []
    real = Normalize.run

    def watched(self: Any, pool: Any) -> Any:
        threads.extend(each.name for each in threading.enumerate() if each.name.startswith("homeroom"))
        threads.extend(name for each in Path("/proc/self/fd").iterdir() if "journals" in (name := str(each.resolve())))
        return real(self, pool)

    monkeypatch.setattr(Normalize, "run", watched)
    campus.run(kept(school, "people", "courses"))
    assert threads == []


def test_a_destination_that_cannot_be_asked_is_gone_on_for(school: School, tmp_path: Path) -> None:
    rows: list[Any] = []

    @dlt.destination(batch_size=0, loader_file_format="parquet")
    def sink(file: str, table: Any) -> None:
        rows.append((table["name"], Path(file).name))

    pipeline = dlt.pipeline("sunk", destination=sink, pipelines_dir=str(tmp_path / "pipelines"))
    school.set_dials(FALLEN)
    with pytest.raises(Exception, match="503"):
        pipeline.run(kept(school, "people"))
    school.set_dials(AT_REST)
    source = kept(school, "people")
    pipeline.run(source)
    assert resumed(source)["people"] > 0 and [name for name, _ in rows].count("people") == 1
    shutil.rmtree(tmp_path / "pipelines" / "sunk" / "load" / "loaded")  # the state alone knows that it was loaded
    pipeline.run(anew := kept(school, "people"))
    assert resumed(anew) == {"people": 0}


def test_a_pipeline_in_dev_mode_keeps_nothing(school: School, tmp_path: Path, home: Path) -> None:
    """Each of its runs has a dataset of its own."""
    target = dlt.destinations.duckdb(str(tmp_path / "dev.duckdb"))
    dlt.pipeline("dev", destination=target, dev_mode=True, pipelines_dir=str(tmp_path / "p")).run(kept(school, "terms"))
    assert journals(home) == []


def test_a_step_by_step_run_reads_once_for_each_extraction(campus: Campus, school: School) -> None:
    """What was extracted and not loaded yet waits in dlt's folder: it is not in the journal for the next one."""
    source = kept(school, "people", write_disposition="append")
    campus.pipeline.extract(source, loader_file_format="parquet")
    campus.pipeline.extract(source, loader_file_format="parquet")
    assert resumed(source) == {"people": 0}
    campus.pipeline.normalize()
    campus.pipeline.load()
    assert campus.column("people") == sorted(ids(school.rows("people")) * 2)


def test_a_package_that_was_aborted_is_read_from_the_journal(
    campus: Campus, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus.run(kept(school, "sections"))
    with monkeypatch.context() as patch:
        patch.setattr(Normalize, "run", lambda *_: 1 / 0)
        with pytest.raises(Exception, match="division"):
            campus.run(kept(school, "sections"))
    campus.pipeline.abort_packages()
    school.clear_log()
    source = kept(school, "sections")
    campus.run(source)
    assert resumed(source)["sections"] > 0 and asked(school)["sections"] <= 2


def test_the_whole_text_of_the_state_is_one_run(campus: Campus, school: School) -> None:
    """One key, so that the state of a pipeline does not grow."""
    for _ in range(2):
        campus.run(kept(school, "terms"))
    assert list(campus.pipeline.state["sources"]["rest_api"]) == ["homeroom_run"]
    assert json.dumps(campus.pipeline.state["sources"]["rest_api"]["homeroom_run"])[1:4] == "202"


def test_a_config_that_is_used_again_is_the_same(campus: Campus, school: School) -> None:
    """dlt writes the names of columns into it."""
    columns = {"name": {"data_type": "text", "nullable": True}}
    config = config_of(school, resource("people", columns=columns), endpoint=OFFSET)
    falls(campus, school, rest_api_source(config, sync=QUICK))
    source = rest_api_source(config, sync=QUICK)
    campus.run(source)
    assert resumed(source)["people"] > 0 and columns == {"name": {"data_type": "text", "nullable": True}}


def test_a_cursor_stands_where_the_tables_do(campus: Campus, school: School) -> None:
    """dlt takes it back with the run that failed, so rows of the journal are not taken for old ones."""
    people = resource("people", endpoint={**OFFSET, "incremental": {"cursor_path": "id", "initial_value": 0}})
    falls(campus, school, kept(school, people, write_disposition="append"))
    source = kept(school, people, write_disposition="append")
    campus.run(source)
    assert resumed(source)["people"] > 0 and campus.column("people") == ids(school.rows("people"))
    campus.run(kept(school, people, write_disposition="append"))
    assert campus.column("people") == ids(school.rows("people"))
