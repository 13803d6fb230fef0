"""`homeroom forget`: a person out of the tables, and kept out of them."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from privacy_desk import KEY, Desk, hashed, listed

from homeroom.errors import ConfigError
from homeroom.sync_run import SyncOptions
from homeroom.sync_run.forget import Forgotten, forget
from homeroom.values import Status

ANN = "ann@secret.example"


def users(*numbers: int) -> list[dict[str, Any]]:
    return [
        {"id": number, "email": ANN if number == 1 else f"u{number}@x.example", "phones": [f"0{number}", f"1{number}"]}
        for number in numbers
    ]


def forgotten(desk: Desk, person: str = "1", **options: Any) -> Forgotten:
    where = SyncOptions(f"duckdb:///{desk.database}", "d", home=desk.home)
    return forget(str(desk.config), person, where, **options)


def counts(done: Forgotten) -> dict[str, tuple[str, int]]:
    return {each.table: (each.act, each.rows) for each in done.tables}


def school(desk: Desk, **more: Any) -> None:
    desk.lists.rows |= {
        "users": users(1, 2, 3),
        "courses": [
            {
                "id": 10,
                "teacher_id": 1,
                "owner": {"user_id": 1, "name": "Ann"},
                "members": [{"user_id": 1}, {"user_id": 2}],
            },
            {"id": 11, "teacher_id": 2, "owner": {"user_id": 3, "name": "Cid"}, "members": [{"user_id": 3}]},
        ],
        "enrollments": [{"id": 20 + n, "user_id": n, "course_id": 10, "marks": [n]} for n in (1, 2, 3)],
    }
    desk.configure(listed("users"), listed("courses"), listed("enrollments"), **more)


def test_rows_about_a_person_go_and_others_lose_the_columns_that_name_it(desk: Desk) -> None:
    school(desk)
    desk.sync()
    done = forgotten(desk)
    assert desk.query("SELECT id FROM users ORDER BY id") == [(2,), (3,)]
    assert desk.query("SELECT count(*) FROM users__phones") == [(4,)]
    assert desk.query("SELECT user_id FROM enrollments ORDER BY id") == [(2,), (3,)]
    assert desk.query("SELECT value FROM enrollments__marks ORDER BY value") == [(2,), (3,)]
    courses = desk.query("SELECT id, teacher_id, owner__user_id, owner__name FROM courses ORDER BY id")
    assert courses == [(10, None, None, None), (11, 2, 3, "Cid")]
    assert desk.query("SELECT user_id FROM courses__members ORDER BY user_id") == [(2,), (3,)]
    assert counts(done)["users"] == ("deleted", 1)
    assert counts(done)["users__phones"] == ("deleted", 2)
    assert counts(done)["enrollments"] == ("deleted", 1)
    assert counts(done)["courses"] == ("cleared", 1)


def test_the_next_sync_does_not_bring_the_person_back_and_is_proved(desk: Desk) -> None:
    school(desk)
    desk.sync()
    forgotten(desk)
    report = desk.sync()
    assert {line.status for line in report.resources.values()} == {Status.COMPLETE}
    assert report.resources["users"].rows_received == 3
    assert "rows_forgotten: 1" in report.resources["users"].note
    assert desk.query("SELECT id FROM users ORDER BY id") == [(2,), (3,)]
    assert desk.query("SELECT user_id FROM enrollments ORDER BY id") == [(2,), (3,)]
    courses = desk.query("SELECT id, teacher_id, owner__user_id, owner__name FROM courses ORDER BY id")
    assert courses == [(10, None, None, None), (11, 2, 3, "Cid")]
    assert desk.query("SELECT user_id FROM courses__members ORDER BY user_id") == [(2,), (3,)]
    assert counts(forgotten(desk)) == {}


def test_pages_that_name_nobody_forgotten_still_go_as_columns(desk: Desk) -> None:
    desk.lists.rows["users"] = users(*range(1, 301))
    desk.configure(listed("users"))
    desk.sync()
    forgotten(desk)
    line = desk.sync().resources["users"]
    assert (line.pages_object, line.rows_received, line.rows_in_table) == (1, 300, 299)
    assert line.pages_columnar >= 2


def test_hashed_ids_are_found_by_the_id_as_the_platform_writes_it(desk: Desk) -> None:
    school(desk, columns={"users.id": "hash", "enrollments.user_id": "hash"})
    desk.sync()
    forgotten(desk)
    assert desk.query(f"SELECT count(*) FROM users WHERE id = '{hashed('1')}'") == [(0,)]
    desk.sync()
    assert desk.query("SELECT count(*) FROM users") == [(2,)]
    assert desk.query("SELECT count(*) FROM enrollments") == [(2,)]


@pytest.mark.parametrize("way", ["append", "replace", {"disposition": "merge", "strategy": "scd2"}], ids=str)
def test_a_person_goes_from_tables_of_any_way(desk: Desk, way: Any) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users", write_disposition=way))
    desk.sync()
    desk.lists.rows["users"] = [{**row, "email": f"new-{row['email']}"} for row in users(1, 2)]
    desk.sync()
    forgotten(desk)
    assert desk.query("SELECT DISTINCT id FROM users") == [(2,)]
    desk.sync()
    assert desk.query("SELECT DISTINCT id FROM users") == [(2,)]


def test_children_of_a_person_go_and_are_not_asked_for_again(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1, 2), "logins-1": [{"id": 5}], "logins-2": [{"id": 6}]}
    logins = listed("logins", "/logins-{resources.users.id}", include_from_parent=["id"])
    desk.configure(listed("users"), logins)
    desk.sync()
    assert counts(forgotten(desk))["logins"] == ("deleted", 1)
    desk.lists.refused.add("logins-1")
    assert desk.sync().resources["logins"].status is Status.COMPLETE
    assert desk.query("SELECT id FROM logins") == [(6,)]


def test_the_columns_that_name_persons_are_told(desk: Desk) -> None:
    school(desk)
    desk.sync()
    others = {"courses.teacher_id", "courses.owner__user_id", "courses__members.user_id", "enrollments.user_id"}
    assert {*forgotten(desk, dry=True).columns} == {"users.id", *others}


def test_rows_that_do_not_tell_whose_they_are_are_named(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1), "logins-1": [{"id": 5}]}
    desk.configure(listed("users"), listed("logins", "/logins-{resources.users.id}"))
    desk.sync()
    assert forgotten(desk).untold == ("logins",)


@pytest.mark.parametrize("other", ["01", "1.0", "1e0", " 1", "1_"])
def test_an_id_that_is_written_otherwise_is_nobodys(desk: Desk, other: str) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"))
    desk.sync()
    assert forgotten(desk, other, dry=True).rows == 0


def test_ids_that_are_texts_are_compared_as_they_are(desk: Desk) -> None:
    desk.lists.rows["users"] = [{"id": "7"}, {"id": "07"}, {"id": "a'b"}]
    desk.configure(listed("users"))
    desk.sync()
    assert forgotten(desk, "07").rows == 1
    assert forgotten(desk, "a'b").rows == 1
    desk.sync()
    assert desk.query("SELECT id FROM users") == [("7",)]


def test_a_dry_run_counts_and_changes_nothing(desk: Desk) -> None:
    school(desk)
    desk.sync()
    before = desk.files()
    would = forgotten(desk, dry=True)
    assert counts(would)["users"] == ("deleted", 1)
    assert desk.files() == before
    assert counts(forgotten(desk)) == counts(would)


def test_the_config_may_say_which_columns_name_a_person(desk: Desk) -> None:
    desk.lists.rows |= {"staff": [{"no": 1}, {"no": 2}], "rooms": [{"id": 7, "keeper": 1}, {"id": 8, "keeper": 2}]}
    told = {"person": "staff.no", "person_in": {"rooms.keeper": "clear"}}
    desk.configure(listed("staff", primary_key="no"), listed("rooms"), privacy=told)
    desk.sync()
    forgotten(desk)
    assert desk.query("SELECT no FROM staff") == [(2,)]
    assert desk.query("SELECT id, keeper FROM rooms ORDER BY id") == [(7, None), (8, 2)]


def test_another_config_of_the_same_dataset_has_persons_of_its_own(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1, 2), "people": [{"id": 1}, {"id": 2}], "rooms": [{"id": 1}]}
    desk.configure(listed("users"))
    desk.sync()
    forgotten(desk)
    own = desk.config
    desk.config = own.with_name("other.yaml")
    desk.configure(listed("people", write_disposition="replace"), name="other")
    assert desk.sync().resources["people"].rows_in_table == 2
    desk.configure(listed("rooms"), name="third")  # nobody could tell where its persons are
    assert desk.sync().resources["rooms"].status is Status.COMPLETE
    desk.config = own
    assert desk.sync().resources["users"].rows_in_table == 1


def test_columns_that_a_step_makes_do_not_bring_the_person_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lists.rows |= {"users": users(1, 2), "logins": [{"id": 10 + n, "uid": n, "boss": 1} for n in (1, 2)]}
    desk.configure(listed("users"), listed("logins"))
    (desk.folder / "forget_steps.py").write_text(
        "import yaml\n"
        f"source = yaml.safe_load(open({str(desk.config)!r}))\n"
        "step = lambda row: {'id': row['id'], 'user_id': row['uid'], 'teacher_id': row['boss']}\n"
        "source['source']['resources'][1]['processing_steps'] = [{'map': step}]\n"
    )
    monkeypatch.syspath_prepend(str(desk.folder))
    desk.config = "forget_steps:source"  # type: ignore[assignment]
    desk.sync()
    forgotten(desk)
    line = desk.sync().resources["logins"]
    assert (line.status, line.rows_received, line.rows_in_table) == (Status.COMPLETE, 2, 1)
    assert "rows_forgotten: 2" in line.note
    assert desk.query("SELECT user_id, teacher_id FROM logins") == [(2, None)]


OTHER = "another key of tests, of thirty-two characters or more"


def test_rows_hashed_by_a_key_of_before_are_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"), columns={"users.id": "hash"})
    desk.sync()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", OTHER)
    with pytest.raises(ConfigError, match="HOMEROOM_PRIVACY_KEYS_BEFORE"):
        forgotten(desk)
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEYS_BEFORE", KEY)
    assert counts(forgotten(desk))["users"] == ("deleted", 1)
    assert desk.query("SELECT id FROM users") == [(hashed("2"),)]


def test_rows_whose_rule_is_gone_from_the_config_are_found(desk: Desk) -> None:
    desk.lists.rows["users"] = users(1, 2)
    desk.configure(listed("users"), columns={"users.id": "hash"})
    desk.sync()
    desk.configure(listed("users"), columns={})
    assert counts(forgotten(desk))["users"] == ("deleted", 1)
    assert desk.query("SELECT id FROM users") == [(hashed("2"),)]


def test_tables_that_another_machine_has_made_are_known(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1, 2), "logins": [{"id": 10 + n, "user_id": n} for n in (1, 2)]}
    desk.configure(listed("users"))
    desk.sync()
    desk.configure(listed("users"), listed("logins"))
    desk.sync(home=desk.folder / "another")
    desk.lists.rows["users"] = [{**row, "later": 1} for row in users(1, 2)]
    desk.sync(select=["users"])  # what the dataset has of schemas ends with one that does not know the logins
    assert counts(forgotten(desk, dry=True))["logins"] == ("deleted", 1)
    assert counts(forgotten(desk))["logins"] == ("deleted", 1)
    assert desk.query("SELECT user_id FROM logins") == [(2,)]


def test_a_column_that_somebody_has_dropped_hides_no_row(desk: Desk) -> None:
    desk.lists.rows |= {"users": users(1), "logins": [{"id": 10, "user_id": 1, "student_id": 1}]}
    desk.configure(listed("users"), listed("logins"))
    desk.sync()
    with duckdb.connect(str(desk.database)) as connection:
        connection.execute("ALTER TABLE d.logins DROP COLUMN student_id")
    assert counts(forgotten(desk))["logins"] == ("deleted", 1)


def test_an_id_that_a_column_of_numbers_cannot_hold_is_looked_for_in_texts(desk: Desk) -> None:
    large = str(10**25)
    desk.lists.rows |= {"users": users(1), "logins": [{"id": 10, "user_id": large}]}
    desk.configure(listed("users"), listed("logins"))
    to = f"sqlite:///{desk.folder}/rows.db"
    desk.sync(destination=to)
    where = SyncOptions(to, "d", home=desk.home)
    assert counts(forget(str(desk.config), large, where))["logins"] == ("deleted", 1)
