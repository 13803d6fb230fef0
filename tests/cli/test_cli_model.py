"""A config with `model:`, from the sync to `homeroom check --model`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Homeroom


@pytest.fixture
def modelled(config: Callable[..., str]) -> Callable[..., str]:
    """Writes campus.yaml with these resources and this model; gives its name."""

    def write(*names: str, model: Any = "sample_school", **sections: Any) -> str:
        file = Path(config(*names))
        content = {**yaml.safe_load(file.read_text()), "model": model, **sections}
        file.write_text(yaml.safe_dump(content, sort_keys=False))
        return str(file)

    return write


def edu(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect("rows.duckdb") as connection:
        return connection.execute(sql).fetchall()


def test_a_sync_makes_the_views_and_says_what_they_hold(homeroom: Homeroom, modelled: Callable[..., str]) -> None:
    result = homeroom("sync", modelled("people", "districts", "schools"))
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("edu: "))
    assert line.startswith("edu: org 2, person 52, person_role 5")
    assert line.endswith(" checks, none broken")
    assert edu("SELECT source, count(*) FROM edu.person GROUP BY source") == [("campus", 52)]


def test_what_breaks_a_rule_is_counted_in_report_history_and_json(
    homeroom: Homeroom, modelled: Callable[..., str]
) -> None:
    result = homeroom("sync", modelled("people"), "--json")
    end = orjson.loads(result.stdout.splitlines()[-1])
    broken = [check for check in end["model"]["checks"] if check["violations"]]
    assert end["model"]["rows"]["person"] == 52
    assert [(each["entity"], each["kind"], each["column"]) for each in broken] == [
        ("person_role", "reference", "org_id")
    ]
    shown = homeroom("show", "last")
    assert "1 of" in shown.stdout
    assert "person_role.org_id reference: " in shown.stdout


def test_check_model_asks_the_database_alone(homeroom: Homeroom, modelled: Callable[..., str]) -> None:
    file = modelled("people", "districts", "schools")
    homeroom("sync", file)
    passes = homeroom("check", file, "--model")
    assert (passes.exit_code, passes.stderr) == (0, "")
    assert passes.stdout.startswith("edu: org 2, person 52")
    edu("UPDATE campus.schools SET name = NULL")
    broken = homeroom("check", file, "--model", "--json")
    told = orjson.loads(broken.stdout)
    assert (broken.exit_code, told["passes"]) == (3, False)
    assert [check["column"] for check in told["checks"] if check["violations"]] == ["name"]


def test_check_model_of_what_was_never_synced_says_so(homeroom: Homeroom, modelled: Callable[..., str]) -> None:
    result = homeroom("check", modelled("people"), "--model")
    assert result.exit_code == 2
    assert "model: has no views in duckdb:///rows.duckdb yet; homeroom sync makes them" in result.stderr


def test_check_model_needs_a_model(homeroom: Homeroom, config: Callable[..., str]) -> None:
    result = homeroom("check", config("people"), "--model")
    assert result.exit_code == 2
    assert "model: is needed for --model; set model: PLATFORM, then sync" in result.stderr


def test_views_that_cannot_be_made_end_in_3_and_the_rows_are_there(
    homeroom: Homeroom, modelled: Callable[..., str]
) -> None:
    edu("CREATE SCHEMA edu; CREATE TABLE edu.person AS SELECT 1 AS mine")
    result = homeroom("sync", modelled("people"))
    assert result.exit_code == 3
    assert "edu: could not make the views of edu" in result.stdout
    assert edu("SELECT count(*) FROM campus.people") == [(52,)]


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"model": "canvass"}, 'model: there is no mapping of this platform; got "canvass"; allowed: '),
        ({"model": 5}, "model: must be a platform's name, or a mapping with platform; got 5"),
        ({"model": {"materialise": True}}, "model.platform: must be a platform's name"),
        (
            {"model": {"platform": "sample_school", "materialize": True}},
            "model.materialize: unknown key `materialize`; allowed: platform, materialise, demographics; "
            "did you mean `materialise`?",
        ),
        (
            {"model": {"platform": "sample_school", "demographics": "yes"}},
            'model.demographics: must be true or false; got "yes"',
        ),
    ],
)
def test_what_a_model_may_be_is_said(
    sections: dict[str, Any], problem: str, homeroom: Homeroom, modelled: Callable[..., str]
) -> None:
    result = homeroom("validate", modelled("people", **sections))
    assert result.exit_code == 2
    assert problem in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"dataset": "edu"}, "dataset: is the dataset of the neutral model; got 'edu'"),
        ({"destination": "filesystem"}, "model: the destination takes no views"),
    ],
)
def test_where_no_views_can_be_nothing_is_read(
    sections: dict[str, Any],
    problem: str,
    homeroom: Homeroom,
    modelled: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", str(tmp_path / "bucket"))
    result = homeroom("sync", modelled("people", **sections))
    assert result.exit_code == 2
    assert problem in result.stderr
