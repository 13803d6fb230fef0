"""What a destination of files cannot do is said before the first request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lake_rows import Lake

from homeroom.errors import ConfigError
from homeroom.sync_run import check_config

if TYPE_CHECKING:
    from campus_of_sync import OpenCampus

SKIPPING = {"disposition": "merge", "strategy": "upsert", "skip_unchanged_rows": True}


@pytest.fixture
def quiet(open_campus: OpenCampus, monkeypatch: pytest.MonkeyPatch) -> tuple[Lake, list[str]]:
    """A campus, and the paths that its school was asked for."""
    asked: list[str] = []
    campus = open_campus(on_request=lambda request: asked.append(request.path))
    return Lake(campus, None, monkeypatch), asked


def refused(lake: Lake, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        lake.campus.sync(**options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ({}, "source.resources[0].write_disposition: filesystem cannot merge: dlt would append"),
        ({"table_format": "hudi"}, "source.resources[0].table_format"),
        ({"table_format": "delta", "write_disposition": {"disposition": "merge", "strategy": "scd2"}}, "upsert"),
        ({"table_format": "delta", "primary_key": "", "merge_key": "id"}, "goes by the primary key alone"),
        (
            {"table_format": "iceberg", "write_disposition": SKIPPING},
            "skip_unchanged_rows: Iceberg tables cannot be compared so",
        ),
    ],
)
def test_rows_that_cannot_be_written_so_are_never_asked_for(
    quiet: tuple[Lake, list[str]], hints: dict[str, Any], said: str
) -> None:
    lake, asked = quiet
    lake.campus.configure({"name": "terms", "endpoint": {"path": "/v1/terms"}, **hints})
    assert said in refused(lake)
    assert asked == [] and not lake.folder.exists()


def test_a_resource_that_is_not_selected_is_no_obstacle(quiet: tuple[Lake, list[str]]) -> None:
    lake, _ = quiet
    lake.campus.configure("people", {"name": "terms", "write_disposition": "append", "endpoint": {"path": "/v1/terms"}})
    assert lake.campus.sync(select=["terms"]).status == "complete"


def test_deletes_of_rows_in_files_are_refused(quiet: tuple[Lake, list[str]]) -> None:
    lake, _ = quiet
    terms = {"name": "terms", "table_format": "delta", "endpoint": {"path": "/v1/terms"}}
    lake.campus.configure(terms, sync={"resources": {"terms": {"deletes": "hard"}}})
    assert "sync.resources.terms.deletes: rows of files cannot be deleted one by one" in refused(lake)


def test_validate_says_the_same_without_a_request(quiet: tuple[Lake, list[str]]) -> None:
    lake, asked = quiet
    config = lake.campus.configure("terms", destination=lake.folder.as_uri())
    with pytest.raises(ConfigError, match="filesystem cannot merge"):
        check_config(str(config))
    assert asked == []


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("s3://bucket/lake", "--to: the Python package s3fs is not installed"),
        ("gs://bucket", "pip install 'dlt[gs]'"),
        ("az://bucket", "pip install 'dlt[az]'"),
        ("clickhouse", "pip install 'dlt[clickhouse]'"),
        ("bigquery", "pip install 'dlt[bigquery]'"),
        ("snowflake", "pip install 'dlt[snowflake]'"),
        ("ducklake", "pip install 'duckdb>=1.5.5,<2'"),
        ("file://lake", "lacks a slash before the file"),
        ("memory://lake", "no destination takes this kind of URL"),
    ],
)
def test_a_destination_that_cannot_be_reached_from_here_says_what_it_lacks(
    quiet: tuple[Lake, list[str]], reference: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, _ = quiet
    _without_drivers(monkeypatch)
    lake.campus.configure("terms")
    assert said in refused(lake, destination=reference)


def _without_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment that has none of them."""
    import sys

    import duckdb

    absent = ("s3fs", "gcsfs", "adlfs", "clickhouse_connect", "clickhouse_driver", "google", "snowflake")
    for name in [*sys.modules, *absent]:
        if name.partition(".")[0] in absent:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(duckdb, "__version__", "2.0.0")


def test_a_table_format_without_its_package_names_the_extra(
    quiet: tuple[Lake, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, _ = quiet
    monkeypatch.setattr("homeroom.dlt_seam.abilities.find_spec", lambda _: None)
    lake.campus.configure({"name": "terms", "table_format": "iceberg", "endpoint": {"path": "/v1/terms"}})
    assert "pip install 'homeroom[iceberg]'" in refused(lake)


def test_a_folder_is_written_to_by_its_url(quiet: tuple[Lake, list[str]], tmp_path: Path) -> None:
    lake, _ = quiet
    lake.campus.configure({"name": "terms", "write_disposition": "append", "endpoint": {"path": "/v1/terms"}})
    report = lake.campus.sync(destination=(tmp_path / "a lake").as_uri())
    assert report.status == "complete" and list((tmp_path / "a lake" / "campus" / "terms").iterdir())
