"""Rules in a whole job: what is in the tables, in the files, and what the API is asked."""

from __future__ import annotations

from typing import Any

import dlt
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from privacy_desk import Desk, hashed, listed
from pydantic import BaseModel

from homeroom import rest_api_resources, rest_api_source
from homeroom.errors import ConfigError
from homeroom.journal.veil import Veil
from homeroom.privacy.seal import Seal
from homeroom.sync_run.replay import ReplayOptions, replay
from homeroom.values import Status


def people(*numbers: int) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "email": f"person{number}@campus.example",
            "born": f"20{number:02}-03-04",
            "home": {"city": f"Town{number}", "pupils": [f"pupil{number}"]},
            "logins": [f"login{number}", f"other{number}"],
        }
        for number in numbers
    ]


RULES = {"people.id": "hash", "people.email": "mask", "people.born": "mask", "people.home": "drop"}


def test_columns_are_stored_by_their_rules(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns={**RULES, "people__logins.value": "hash"})
    report = desk.sync()
    assert report.resources["people"].status is Status.COMPLETE
    assert report.resources["people"].pages_columnar == 1
    found = desk.query("SELECT id, email, born FROM people ORDER BY email, born")
    assert found == [(hashed("1"), "***@campus.example", "2001"), (hashed("2"), "***@campus.example", "2002")]
    assert {name for (name,) in desk.query("SELECT value FROM people__logins")} == {
        hashed(f"{kind}{number}") for kind in ("login", "other") for number in (1, 2)
    }
    assert desk.columns("people") == {"id": "VARCHAR", "email": "VARCHAR", "born": "VARCHAR"}


def test_a_second_run_merges_by_the_hashed_key(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns=RULES)
    desk.sync()
    desk.lists.rows["people"] = people(2, 3)
    line = desk.sync().resources["people"]
    assert (line.rows_absent, line.rows_in_table) == (1, 3)
    assert desk.query("SELECT count(*), count(DISTINCT id) FROM people") == [(3, 3)]


def test_deletes_find_their_rows_by_the_hashed_key(desk: Desk) -> None:
    desk.lists.rows["people"] = people(*range(1, 31))
    sync = {"resources": {"people": {"deletes": "hard"}}}
    desk.configure(listed("people"), columns=RULES, sync=sync)
    desk.sync()
    desk.lists.rows["people"] = people(*range(2, 31))
    assert desk.sync().resources["people"].rows_deleted == 1
    assert desk.query(f"SELECT count(*) FROM people WHERE id = '{hashed('1')}'") == [(0,)]


@pytest.mark.parametrize("way", ["replace", {"disposition": "merge", "strategy": "scd2"}], ids=["replace", "scd2"])
def test_the_guard_compares_hashed_keys(desk: Desk, way: Any) -> None:
    """Of 100 rows 50 are others: that is more than the guard lets go."""
    desk.lists.rows["people"] = people(*range(1, 100))
    desk.configure(listed("people", write_disposition=way), columns={**RULES, "people.home": "keep"})
    assert desk.sync().resources["people"].status is Status.COMPLETE
    desk.lists.rows["people"] = people(*range(1, 100))
    assert desk.sync().resources["people"].status is Status.COMPLETE
    desk.lists.rows["people"] = people(*range(50, 100))
    assert desk.sync().resources["people"].status is Status.INCOMPLETE


def test_children_are_asked_for_by_the_value_as_it_came_and_store_its_hash(desk: Desk) -> None:
    desk.lists.rows |= {"people": people(1, 2), "marks-1": [{"id": 10}], "marks-2": [{"id": 20}]}
    marks = listed("marks", "/marks-{resources.people.id}", include_from_parent=["id", "email"])
    desk.configure(listed("people"), marks, columns=RULES)
    report = desk.sync()
    assert [line.status for line in report.resources.values()] == [Status.COMPLETE] * 2
    found = desk.query("SELECT id, _people_id, _people_email FROM marks ORDER BY id")
    assert found == [(10, hashed("1"), "***@campus.example"), (20, hashed("2"), "***@campus.example")]
    joined = "SELECT count(*) FROM marks JOIN people ON people.id = marks._people_id"
    assert desk.query(joined) == [(2,)]


def test_children_that_did_not_come_are_deleted_by_their_hashed_parent(desk: Desk) -> None:
    """Parents come by a cursor, so what is absent is judged by the parent that each row tells."""
    marks = [{"id": number, "person_id": 1} for number in range(30)]
    desk.lists.rows |= {"people": [{**row, "changed": 1} for row in people(1, 2)], "marks-1": marks, "marks-2": []}
    incremental = {"cursor_path": "changed", "initial_value": 0, "start_param": "since"}
    sync = {"resources": {"marks": {"deletes": "hard", "parent_column": "person_id"}}}
    child = listed("marks", "/marks-{resources.people.id}")
    desk.configure(listed("people", endpoint={"incremental": incremental}), child, columns=RULES, sync=sync)
    desk.sync()
    assert desk.query("SELECT DISTINCT person_id FROM marks") == [(hashed("1"),)]
    desk.lists.rows |= {"people": [{**row, "changed": 2} for row in people(1)], "marks-1": marks[1:]}
    assert desk.sync().resources["marks"].rows_deleted == 1
    assert desk.query("SELECT min(id), count(*) FROM marks") == [(1, 29)]


def test_steps_of_the_config_see_the_rows_as_they_came(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    steps = "privacy_steps:source"
    (desk.folder / "privacy_steps.py").write_text(
        "def source():\n"
        "    endpoint = {'path': '/people', 'data_selector': 'data', 'paginator': {'type': 'offset', 'limit': 100}}\n"
        "    steps = [{'filter': lambda row: row['email'].startswith('person1')},\n"
        "             {'map': lambda row: {**row, 'name': row['email'].split('@')[0]}}]\n"
        "    people = {'name': 'people', 'primary_key': 'id', 'endpoint': endpoint, 'processing_steps': steps}\n"
        f"    return {{'source': {{'client': {{'base_url': '{desk.lists.url}'}}, 'resources': [people]}},\n"
        "            'privacy': {'columns': {'people.id': 'hash', 'people.email': 'drop', 'people.name': 'hash'}}}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(desk.folder))
        desk.config = steps  # type: ignore[assignment]
        report = desk.sync()
    assert report.resources["people"].status is Status.COMPLETE
    assert desk.query("SELECT id, name FROM people") == [(hashed("1"), hashed("person1"))]


@pytest.mark.parametrize(
    "change",
    [
        lambda people: people.add_map(lambda row: {**row, "name": row["email"].split("@")[0]}),
        lambda people: people.add_filter(lambda row: row["email"].startswith("person")),
        lambda people: people.add_yield_map(lambda row: [{**row}]),
        lambda people: people.add_limit(5),
        lambda people: people.add_metrics(lambda *_: None),
    ],
    ids=["map", "filter", "yield_map", "limit", "metrics"],
)
@pytest.mark.parametrize("steps", [[], [{"map": lambda row: {**row, "name": "none"}}]], ids=["without", "with"])
def test_what_steps_added_in_python_leave_is_hidden(desk: Desk, change: Any, steps: list[Any]) -> None:
    desk.lists.rows |= {"people": people(1), "people/1/pets": [{"id": 8}]}
    usual = {"data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
    pets = {"name": "pets", "endpoint": {"path": "/people/{resources.people.id}/pets", **usual}}
    named = {"name": "people", "endpoint": {"path": "/people", **usual}, "processing_steps": steps}
    config: Any = {"client": {"base_url": desk.lists.url}, "resources": [named, pets]}
    rules = {"people.id": "hash", "people.email": "drop", "people.name": "hash"}
    source = rest_api_source(config, privacy={"columns": rules})
    change(source.resources["people"])
    destination, folder = dlt.destinations.duckdb(str(desk.database)), str(desk.folder / "pipes")
    dlt.pipeline("steps", destination=destination, dataset_name="d", pipelines_dir=folder).run(source)
    assert desk.query("SELECT id FROM people") == [(hashed("1"),)]
    assert desk.query("SELECT id FROM pets") == [(8,)]
    assert "email" not in desk.columns("people")
    if "name" in desk.columns("people"):
        assert desk.query("SELECT name FROM people") in ([(hashed("none"),)], [(hashed("person1"),)])


def test_a_resource_by_another_name_is_hidden_once(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1)
    endpoint = {"path": "/people", "data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
    named = {"name": "people", "endpoint": endpoint, "processing_steps": [{"map": lambda row: {**row}}]}
    config: Any = {"client": {"base_url": desk.lists.url}, "resources": [named]}
    (resource,) = rest_api_resources(config, privacy={"columns": {"people.id": "hash"}})
    destination, folder = dlt.destinations.duckdb(str(desk.database)), str(desk.folder / "pipes")
    pipeline = dlt.pipeline("renamed", destination=destination, dataset_name="d", pipelines_dir=folder)
    pipeline.run(resource.with_name("persons"))
    assert desk.query("SELECT id FROM persons") == [(hashed("1"),)]


def test_a_rejected_row_is_noted_as_it_would_be_stored(desk: Desk) -> None:
    desk.lists.rows["people"] = [{"id": number, "email": f"p{number}@x.example", "n": number} for number in range(3)]
    columns = {"people.email": "mask", "people.id": "hash"}
    contract = {"tables": "evolve", "columns": "evolve", "data_type": "discard_row"}
    desk.configure(listed("people", schema_contract=contract), columns=columns)
    desk.sync()
    desk.lists.rows["people"] = [{"id": 9, "email": "p9@x.example", "n": "no number"}]
    line = desk.sync().resources["people"]
    assert line.rows_rejected == 1
    ((row,),) = desk.query("SELECT row FROM _homeroom_rejects")
    assert hashed("9") in row and "p9@" not in row and "***@x.example" in row


def test_pages_on_disk_are_sealed(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns=RULES, sync={"keep_raw": True})
    desk.sync()
    held = desk.files()
    assert any("raw" in path.parts for path in held)
    for path, content in held.items():
        for value in (b"person1", b"Town1", b"pupil1", b"2001-03-04"):
            assert value not in content, path


def test_a_replay_opens_them(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns=RULES, sync={"keep_raw": True})
    run = desk.sync().run_id
    desk.lists.rows["people"] = []
    assert replay(run, ReplayOptions(home=desk.home)).resources["people"].rows_received == 2


def test_a_replay_without_their_key_says_which_is_missing(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns={"people.email": "drop"}, sync={"keep_raw": True})
    run = desk.sync().run_id
    for file in desk.home.rglob("pages.key"):
        file.unlink()
    line = replay(run, ReplayOptions(home=desk.home)).resources["people"]
    assert line.status is Status.FAILED and "sealed with another key: set the privacy key as it was then" in line.note


def test_the_address_of_a_sealed_page_cannot_be_tried_out() -> None:
    """What a page was asked with lies beside it as a hash, and its salt in the same file."""
    salt, seal = bytes(16), Seal(b"key")
    kept, open_ = Veil(salt, (), seal), Veil(salt, ())
    assert kept.key_of("/users/7") == Veil(salt, (), Seal(b"key")).key_of("/users/7") != open_.key_of("/users/7")


def test_a_cursor_cannot_be_hidden(desk: Desk) -> None:
    incremental = {"cursor_path": "born", "initial_value": "2000-01-01", "start_param": "since"}
    desk.configure(listed("people", endpoint={"incremental": incremental}), columns=RULES)
    with pytest.raises(ConfigError, match="its cursor born is compared and sent back") as caught:
        desk.sync()
    assert caught.value.problems[0].path == "privacy.columns['people.born']"


@pytest.mark.parametrize("rule", ["drop", "mask"])
def test_a_key_can_be_hashed_and_nothing_else(desk: Desk, rule: str) -> None:
    desk.configure(listed("people"), columns={"people.id": rule})
    with pytest.raises(ConfigError, match=f"rows are told apart by it, and {rule}"):
        desk.sync()


def test_a_rule_for_a_table_that_no_resource_makes_is_a_problem(desk: Desk) -> None:
    desk.configure(listed("people"), columns={"persons.id": "hash"})
    with pytest.raises(ConfigError, match="no resource makes such a table"):
        desk.sync()


def test_a_hash_without_its_key_is_refused_before_the_first_request(desk: Desk, monkeypatch) -> None:
    monkeypatch.delenv("HOMEROOM_PRIVACY_KEY")
    desk.configure(listed("people"), columns=RULES)
    with pytest.raises(ConfigError, match="its key is in neither HOMEROOM_PRIVACY_KEY") as caught:
        desk.sync()
    assert caught.value.problems[0].code == "secret-missing"


def test_a_short_key_is_refused_and_not_shown(desk: Desk, monkeypatch) -> None:
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "too-short-a-key")
    desk.configure(listed("people"), columns=RULES)
    with pytest.raises(ConfigError, match="fewer than 32 characters") as caught:
        desk.sync()
    assert "too-short" not in str(caught.value)


def test_a_declared_type_gives_way_to_the_rule(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1)
    declared = {"born": {"data_type": "date"}, "home": {"data_type": "json"}, "id": {"data_type": "bigint"}}
    desk.configure(listed("people", columns=declared), columns=RULES)
    desk.sync()
    assert desk.query("SELECT id, born FROM people") == [(hashed("1"), "2001")]
    assert "home" not in desk.columns("people")


def test_a_source_that_goes_to_another_pipeline_is_noted_there_too(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    resource = {"name": "people", "primary_key": "id", "write_disposition": "merge"}
    endpoint = {"path": "/people", "data_selector": "data", "paginator": {"type": "offset", "limit": 100}}
    config: Any = {"client": {"base_url": desk.lists.url}, "resources": [{**resource, "endpoint": endpoint}]}
    hashing, plain = rest_api_source(config, privacy={"columns": {"people.id": "hash"}}), rest_api_source(config)

    def run(name: str, source: Any) -> None:
        destination = dlt.destinations.duckdb(str(desk.folder / f"{name}.duckdb"))
        folder = str(desk.folder / "pipes")
        dlt.pipeline(name, destination=destination, dataset_name="d", pipelines_dir=folder).run(source)

    run("first", hashing)
    run("second", hashing)
    for name in ("first", "second"):
        with pytest.raises(PipelineStepFailed, match="by the rule hash, and the rule is keep now"):
            run(name, plain)


def test_columns_that_are_a_model_take_no_rules(desk: Desk) -> None:
    endpoint = {"path": "/people", "data_selector": "data", "paginator": "single_page"}
    config: Any = {
        "client": {"base_url": desk.lists.url},
        "resources": [{"name": "people", "columns": type("People", (BaseModel,), {}), "endpoint": endpoint}],
    }
    with pytest.raises(ConfigError, match="columns of people are a model's"):
        rest_api_source(config, privacy={"columns": {"people.email": "drop"}})


def test_rules_are_known_again_on_another_machine(desk: Desk) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns=RULES)
    desk.sync()
    desk.sync(home=desk.folder / "second")
    desk.configure(listed("people"))
    with pytest.raises(ConfigError, match="by the rule hash, and the rule is keep now"):
        desk.sync(home=desk.folder / "third")


def test_another_key_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lists.rows["people"] = people(1, 2)
    desk.configure(listed("people"), columns=RULES)
    desk.sync()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "another key, of thirty-two characters or more")
    with pytest.raises(ConfigError, match="hashed with another key; set that key again"):
        desk.sync()
    assert desk.query("SELECT count(*) FROM people") == [(2,)]


def test_columns_that_are_named_for_a_hashed_key_are_hashed_too(desk: Desk) -> None:
    marks = [{"id": 10, "personId": 1, "grader_id": 2}, {"id": 20, "personId": 2, "grader_id": None}]
    desk.lists.rows |= {"people": people(1, 2), "marks": marks, "seats": [{"id": 5, "person_id": 1}]}
    rules = {"people.id": "hash", "seats.person_id": "keep"}
    desk.configure(listed("people"), listed("marks"), listed("seats"), columns=rules)
    report = desk.sync()
    assert desk.query("SELECT id, person_id, grader_id FROM marks ORDER BY id") == [
        (10, hashed("1"), 2),
        (20, hashed("2"), None),
    ]
    assert desk.query("SELECT count(*) FROM marks JOIN people ON people.id = marks.person_id") == [(2,)]
    assert desk.query("SELECT person_id FROM seats") == [(1,)]
    assert [line.note for line in report.resources.values()] == ["", "", ""]
