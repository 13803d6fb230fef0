"""Rules for columns whose names are longer than the database takes: dlt puts a hash into their middle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest
from list_server import Lists

from homeroom import rest_api_source

INNER = "raceAndEthnicityDetails"
LEAF = "nativeHawaiianOrOtherPacificIslanderSelfReported"
LISTED = "anotherLevelOfTheObjectWithAName"
HEAD = "demographics__race_and_ethnicity_details"
RULES = {
    f"users.{HEAD}__native_hawaiian_or_other_pacific_islander_self_reported": "drop",
    f"users__{HEAD}__another_level_of_the_object_with_a_name.k": "mask",
    f"users__{HEAD}__places_of_birth_and_of_residence_of_all.value": "mask",
}
ROW = {
    "id": 1,
    "demographics": {INNER: {LEAF: "SEEN1", LISTED: [{"k": "SEEN2"}], "placesOfBirthAndOfResidenceOfAll": ["SEEN3"]}},
}


def stored(folder: Path, columns: Mapping[str, str]) -> tuple[dict[tuple[str, str], list[Any]], str]:
    """The values of each column in a database of short names after two runs, without dlt's own; what is said of it."""
    with Lists() as lists:
        lists.rows["users"] = [ROW]
        endpoint = {"path": "/users", "data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
        hints = {"primary_key": "id", "write_disposition": "merge"}
        resources = [{"name": "users", "endpoint": endpoint, **hints}]
        config: Any = {"client": {"base_url": lists.url}, "resources": resources}
        destination = dlt.destinations.duckdb(str(folder / "rows.duckdb"), max_identifier_length=63)
        pipeline = dlt.pipeline("short", pipelines_dir=str(folder), destination=destination, dataset_name="d")
        for _ in range(2):
            source = rest_api_source(config, privacy={"columns": dict(columns)})
            pipeline.run(source)
        pipeline.deactivate()
    found = {}
    with duckdb.connect(str(folder / "rows.duckdb")) as connection:
        sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'd'"
        for table, column in connection.execute(sql).fetchall():
            if not f"{table}{column}".startswith("_dlt") and "_dlt_" not in column:
                values = connection.execute(f'SELECT "{column}" FROM d."{table}"').fetchall()
                found[table, column] = [value for (value,) in values]
    return found, source.report.resources["users"].note


def test_a_rule_may_have_the_whole_name(tmp_path: Path) -> None:
    found, note = stored(tmp_path, RULES)
    assert "SEEN" not in str(found)
    assert sorted(map(str, found.values())) == ["['***']", "['***']", "[1]"]
    assert note == ""


@pytest.mark.parametrize("rule", ["mask", "hash"])
def test_a_rule_may_have_the_name_of_the_database(tmp_path: Path, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clear").mkdir()
    clear, _ = stored(tmp_path / "clear", {})
    long = [at for at, values in clear.items() if "SEEN" in str(values)]
    assert len(long) == 3 and all(63 in (len(table), len(column)) for table, column in long)
    found, note = stored(tmp_path, {".".join(at): rule for at in long})
    assert found.keys() == clear.keys()
    assert "SEEN" not in str(found)
    assert note == ""
