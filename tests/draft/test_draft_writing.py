import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from homeroom.draft.told import with_auth, with_rate, with_secret_name
from homeroom.draft.values import Column, Confidence, Draft, DraftedResource, Guess, Left, Secret, unsure
from homeroom.draft.writing import needs_key, written
from homeroom.personal import Personal

SURE = Confidence.CERTAIN
TEXT = st.text(max_size=30)


def resource(**changed: Any) -> DraftedResource:
    usual: dict[str, Any] = {
        "name": "users",
        "path": Guess("users", SURE, "answers"),
        "paginator": Guess({"type": "single_page"}, SURE, "one page"),
        "selector": Guess("data", SURE, "one list"),
        "primary_key": Guess(("id",), SURE, "unique"),
    }
    return DraftedResource(**{**usual, **changed})


def draft(*resources: DraftedResource, **changed: Any) -> Draft:
    usual: dict[str, Any] = {
        "source": "https://x",
        "base_url": Guess("https://x", SURE, "given"),
        "auth": Guess({"type": "bearer", "token": "${secret:api_key}"}, SURE, "seen"),
        "resources": resources or (resource(),),
        "secrets": (Secret("API_KEY", "the API key"),),
    }
    return Draft(**{**usual, **changed})


def text_of(found: Draft) -> str:
    return written(found, name="x", destination="duckdb:///x.duckdb", command="homeroom draft", version="0")


def read(found: Draft) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(text_of(found))
    return config


@settings(deadline=None)
@given(name=TEXT.filter(bool), path=TEXT, evidence=TEXT, key=st.lists(TEXT.filter(bool), min_size=1, max_size=3))
def test_whatever_an_api_calls_things_the_config_means_it(name: str, path: str, evidence: str, key: list[str]) -> None:
    found = resource(
        name=name,
        path=Guess(path, SURE, evidence),
        primary_key=Guess(tuple(key), Confidence.GUESS, evidence, (("id",),)),
        params={name: path},
        columns=(Column(name, "text", None, evidence), Column("n", None, None, evidence, declared=False)),
        notes=(evidence,),
    )
    config = read(draft(found, left=(Left(name, evidence),), notes=(evidence,)))
    (told,) = config["source"]["resources"]
    assert told["name"] == name
    assert told["primary_key"] == (key[0] if len(key) == 1 else key)
    assert told["endpoint"]["path"] == path.replace("${", "$${")
    assert told["endpoint"]["params"] == {name.replace("${", "$${"): path.replace("${", "$${")}
    assert list(told["columns"]) == [name]


def test_each_guess_stands_above_its_line_with_what_it_rests_on() -> None:
    lines = text_of(draft()).splitlines()
    for comment, line in (
        ("# path, certain: answers", "path: users"),
        ("# rows, certain: one list", "data_selector: data"),
        ("# paging, certain: one page", "paginator: {type: single_page}"),
        ("# key, certain: unique", "primary_key: id"),
    ):
        at = next(number for number, each in enumerate(lines) if each.strip() == comment)
        assert lines[at + 1].strip() == line


def test_what_nobody_has_proved_is_marked_and_counted() -> None:
    unproved = draft(resource(primary_key=Guess(("id",), Confidence.GUESS, "one row came", (("uuid",),))))
    assert "# check: key: one row came; or [uuid]" in text_of(unproved)
    assert (unsure(unproved), unsure(draft())) == (1, 0)


def test_rows_without_a_key_are_replaced() -> None:
    config = read(draft(resource(primary_key=Guess((), Confidence.GUESS, "none"))))
    assert config["source"]["resources"][0]["write_disposition"] == "replace"
    assert "resource_defaults" not in config["source"]


def test_columns_that_look_personal_have_their_rule_and_its_evidence() -> None:
    column = Column("email", "text", personal=Personal("mask", "97 of 100 values look like e-mail addresses"))
    found = draft(resource(columns=(column,)))
    assert "    users.email: mask # 97 of 100 values look like e-mail addresses" in text_of(found)
    assert read(found)["privacy"] == {"profile": "standard", "columns": {"users.email": "mask"}}
    assert not needs_key(found)


@pytest.mark.parametrize("rule", ["drop", "mask"])
def test_a_column_of_the_key_is_hashed_and_needs_a_key(rule: str) -> None:
    column = Column("user_name", "text", personal=Personal(rule, "the name says a person's name"))
    found = draft(resource(columns=(column,), primary_key=Guess(("userName",), SURE, "unique")))
    assert "users.user_name: hash # the name says a person's name, and it is in the key" in text_of(found)
    assert needs_key(found)


def test_a_cursor_has_no_rule() -> None:
    column = Column("birth_date", "text", personal=Personal("drop", "the name says a birth date"))
    asked = Guess({"cursor_path": "birthDate"}, SURE, "brings no older row")
    assert "columns" not in read(draft(resource(columns=(column,), incremental=asked)))["privacy"]


def test_what_flags_tell_takes_the_place_of_what_a_description_says() -> None:
    told = with_auth(draft(), {"type": "http_basic", "username": "me", "password": "${secret:pass_word}"})
    assert told.auth.evidence == "told by --auth"
    assert [secret.variable for secret in told.secrets] == ["PASS_WORD"]
    renamed = with_secret_name(draft(), "CAMPUS_KEY")
    assert renamed.auth.value == {"type": "bearer", "token": "${secret:campus_key}"}
    assert [secret.variable for secret in renamed.secrets] == ["CAMPUS_KEY"]
    assert read(with_rate(draft(), "10/s"))["sync"] == {"rate": "10/s"}
    assert with_rate(draft(), None) == draft()
