"""Which rule a profile makes of a class, and of a column that nobody knows; what is stored by it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from privacy_desk import Desk, hashed, listed

from homeroom.catalog import Platform, find_platform, list_platforms
from homeroom.catalog.private import privacy_text
from homeroom.config import read_privacy, read_sync
from homeroom.dlt_seam.extraction import column_namer
from homeroom.errors import ConfigError
from homeroom.plan import person_of
from homeroom.plan.planner import build_plan
from homeroom.privacy import Book, Hider, class_rules, guess_of, hide_rows
from homeroom.privacy_values import PrivacySettings, Profile
from homeroom.values import Report, Status, SyncSettings

NAME = column_namer(None)


@pytest.mark.parametrize(
    ("column", "of", "standard", "deidentified"),
    [
        ("id", "direct", "keep", "hash"),
        ("login", "direct", "keep", "hash"),
        ("name", "direct", "keep", "drop"),
        ("email", "direct", "keep", "drop"),
        ("ssn", "direct", "drop", "drop"),
        ("password", "direct", "drop", "drop"),
        ("birth_date", "demographic", "drop", "mask"),
        ("gender", "demographic", "drop", "drop"),
        ("role", "directory", "keep", "drop"),
        ("bio", "free_text", "keep", "drop"),
        ("last_login", "record", "keep", "keep"),
        ("mentor_id", "record", "keep", "hash"),
        ("locale", "none", "keep", "keep"),
    ],
)
def test_a_profile_has_a_rule_for_each_class(column: str, of: Any, standard: str, deidentified: str) -> None:
    def rule(profile: Profile) -> str:
        return class_rules(PrivacySettings(profile=profile, classes={("users", column): of}), NAME).get(
            ("users", column), "keep"
        )

    assert (rule("full"), rule("standard"), rule("deidentified")) == ("keep", standard, deidentified)


@pytest.mark.parametrize(
    ("column", "standard", "new", "deidentified"),
    [
        ("ssn", "drop", "drop", "drop"),
        ("birth_date", "drop", "drop", "mask"),
        ("gender", "drop", "drop", "drop"),
        ("email", "keep", "drop", "drop"),
        ("login", "keep", "drop", "hash"),
        ("user_id", "keep", "keep", "hash"),
        ("locale", "keep", "keep", "keep"),
    ],
)
def test_of_a_column_that_nobody_knows_the_name_decides(
    column: str, standard: str, new: str, deidentified: str
) -> None:
    """In a table that classes know a further column is new, and `standard` holds back more of them."""

    def rule(profile: Profile, **classes: Any) -> str:
        guess = guess_of(PrivacySettings(profile=profile, classes={("users", "x"): "none"} if classes else {}), NAME)
        assert guess is not None
        return guess("users", column)

    assert (rule("standard"), rule("standard", known=True), rule("deidentified")) == (standard, new, deidentified)
    assert guess_of(PrivacySettings(profile="full"), NAME) is None


def test_a_rule_of_the_config_wins_over_its_class_and_a_rule_of_the_class_over_the_profile() -> None:
    settings = PrivacySettings(
        columns={("users", "home"): "keep"},
        profile="deidentified",
        classes={("users", "home__city"): "demographic", ("users", "name"): "direct"},
        by_class={"direct": "mask"},
    )
    assert class_rules(settings, NAME) == {("users", "name"): "mask"}


def hidden(row: dict[str, Any], profile: Profile, **columns: Any) -> tuple[dict[str, Any], set[str]]:
    """The row, and which places were guessed at."""
    settings = PrivacySettings(profile=profile)
    book = Book("users", {("users", at): rule for at, rule in columns.items()}, NAME, guess_of(settings, NAME))
    (found,) = hide_rows([row], book, Hider("k" * 32))
    return found, {".".join(at) for at in book.guessed}


def test_plain_values_alone_are_guessed_at() -> None:
    row = {"birth": {"note": "x"}, "gender": ["f", None], "home": {"birthDate": "2009-01-02"}, "ssn": None}
    found, guessed = hidden(row, "standard")
    assert found == {"birth": {}, "gender": [], "home": {}, "ssn": None}
    assert guessed == {"users.birth__note", "users__gender.value", "users.home__birth_date"}


def test_what_lies_in_a_column_that_has_a_rule_is_not_guessed_at() -> None:
    row = {"extra": {"ssn": "x"}, "ssn": "y"}
    assert hidden(row, "standard", extra="keep", ssn="keep") == (row, set())


@pytest.mark.parametrize("profile", ["full", "standard", "deidentified"])
def test_every_platform_can_be_planned_under_every_profile(profile: str) -> None:
    for platform in list_platforms():
        privacy = read_privacy(
            {"profile": profile, "platform": platform.platform},
            environ={"HOMEROOM_PRIVACY_KEY": "k" * 32},
            read_secret=lambda path: None,
        )
        source, sync = filled(platform)
        rules = build_plan(source, sync, privacy.settings).rules
        hides = {rule for own in rules.values() for rule in own.values()} - {"keep"}
        assert bool(hides) <= (profile != "full"), platform.platform


@pytest.mark.parametrize("name", ["edfi", "edfi_7_3"])
def test_in_ed_fi_a_student_is_known_by_the_id_that_other_rows_have(name: str) -> None:
    """The key of `students` stands in no other table: by it `forget` would leave the student's enrollments."""
    platform = find_platform(name)
    section = yaml.safe_load(privacy_text(platform, "standard"))["privacy"]
    privacy = read_privacy(section, environ={}, read_secret=lambda path: None)
    source, sync = filled(platform)
    person = person_of(build_plan(source, sync, privacy.settings), privacy.settings, sync)
    assert person.act_of("student_section_associations", "student_reference__student_unique_id") == "delete"
    assert person.act_of("students", "student_unique_id") == "delete"


def filled(platform: Platform) -> tuple[dict[str, Any], SyncSettings]:
    """The config with what the catalogue gives as examples, and no key."""
    text = json.dumps(platform.config, default=str)
    for ask in platform.values:
        text = text.replace(f"${{{ask.variable}}}", ask.example)
    config = json.loads(re.sub(r"\$\{secret:\w+\}", "x", text))
    config["source"]["client"].pop("auth", None)
    return config["source"], read_sync(config.get("sync") or {}, resources=platform.resource_names)


# --- stored --------------------------------------------------------------------------------------------------------


def people(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": number, "name": f"Person {number}", "since": "x", "birth_date": f"20{number:02}-03-04", **more}
        for number in numbers
    ]


CLASSES = {"users.id": "direct", "users.name": "direct", "users.birth_date": "demographic", "users.since": "none"}


def synced(desk: Desk, rows: list[dict[str, Any]], **privacy: Any) -> Report:
    desk.lists.rows["users"] = rows
    desk.configure(listed("users"), privacy=privacy)
    return desk.sync()


def test_standard_keeps_what_it_may_and_says_what_it_held_back(desk: Desk) -> None:
    report = synced(desk, people(1, 2, ssn="078-05-1120", phone="555"), profile="standard")
    line = report.resources["users"]
    assert (line.status, line.pages_columnar) == (Status.COMPLETE, 1)
    assert desk.columns("users").keys() == {"id", "name", "since", "phone"}
    assert (
        "privacy: held back columns that look personal: users.birth_date (a birth date or place), "
        "users.ssn (an id given by a government or a bank)" in line.note
    )


@pytest.mark.parametrize("classes", [CLASSES, {}], ids=["classes know the table", "the table has rows"])
def test_a_column_that_appears_later_is_held_back_for_good(desk: Desk, classes: dict[str, str]) -> None:
    synced(desk, people(1), profile="standard", classes=classes)
    for _ in range(2):
        report = synced(desk, people(1, 2, phone="555", colour="red"), profile="standard", classes=classes)
    assert desk.columns("users").keys() == {"id", "name", "since", "colour"}
    assert "users.phone (a telephone number)" in report.resources["users"].note


def test_what_a_column_of_json_holds_is_not_new_when_it_comes_again(desk: Desk) -> None:
    for numbers in ((1,), (1, 2)):
        desk.lists.rows["users"] = people(*numbers, meta={"email": "x", "ssn": "y"})
        desk.configure(listed("users", columns={"meta": {"data_type": "json"}}), privacy={"profile": "standard"})
        desk.sync()
    assert desk.query("SELECT DISTINCT meta->>'email', meta->>'ssn' FROM users") == [("x", None)]


def test_deidentified_hashes_ids_in_every_table_that_refers_to_them(desk: Desk) -> None:
    desk.lists.rows |= {"users": people(1, 2), "marks-1": [{"id": 10, "user_id": 1}], "marks-2": [{"id": 20}]}
    marks = listed("marks", "/marks-{resources.users.id}", include_from_parent=["id"])
    desk.configure(listed("users"), marks, privacy={"profile": "deidentified", "classes": CLASSES})
    assert desk.sync().resources["marks"].status is Status.COMPLETE
    assert desk.columns("users").keys() == {"id", "birth_date", "since"}
    assert desk.query("SELECT m.id, birth_date FROM marks m JOIN users u ON u.id = _users_id ORDER BY 1") == [
        (10, "2001"),
        (20, "2002"),
    ]
    assert desk.query("SELECT user_id FROM marks WHERE id = 10") == [(hashed("1"),)]


def test_a_second_run_of_a_guessing_profile_goes_on(desk: Desk) -> None:
    for numbers in ((1, 2), (2, 3)):
        report = synced(desk, people(*numbers, login="x"), profile="deidentified")
        assert report.resources["users"].status is Status.COMPLETE
    assert desk.query("SELECT count(*), count(DISTINCT id) FROM users") == [(3, 3)]


def test_another_profile_is_refused_where_it_would_store_otherwise(desk: Desk) -> None:
    synced(desk, people(1), profile="standard")
    with pytest.raises(ConfigError) as caught:
        synced(desk, people(1), profile="deidentified")
    assert "in rows that were loaded before it stands as it came, and the rule is hash now" in str(caught.value)
    assert synced(desk, people(2), profile="full").resources["users"].status is Status.COMPLETE


def test_what_stands_in_the_rows_stays_though_its_name_looks_personal_by_now(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later version may know more words."""
    monkeypatch.setattr("homeroom.source.hiding.guess_of", lambda settings, name, **_: lambda table, column: "keep")
    synced(desk, people(1), profile="standard")
    monkeypatch.undo()
    monkeypatch.setenv("HOMEROOM_PRIVACY_KEY", "k" * 32)
    report = synced(desk, people(1, 2, ssn="078-05-1120"), profile="standard")
    assert report.resources["users"].status is Status.COMPLETE
    assert desk.columns("users").keys() == {"id", "name", "since", "birth_date"}


def test_a_key_that_the_profile_would_drop_is_refused_with_what_to_do(desk: Desk) -> None:
    desk.lists.rows["users"] = [{"ssn": "078-05-1120"}]
    desk.configure(listed("users", primary_key="ssn"), privacy={"profile": "standard"})
    with pytest.raises(ConfigError) as caught:
        desk.sync()
    assert "rows are told apart by it" in str(caught.value) and "give it the rule keep" in str(caught.value)
