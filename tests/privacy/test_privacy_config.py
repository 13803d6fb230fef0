"""The `privacy:` section, and its key."""

from __future__ import annotations

import pytest

from homeroom.config import read_privacy
from homeroom.errors import ConfigError
from homeroom.privacy_values import PrivacySettings

KEY = "k" * 32


def read(section, environ=None, secret=None):
    return read_privacy(section, environ=environ or {}, read_secret=lambda path: (secret or {}).get(path))


def problems(section) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(section)
    return [f"{each.path}: {each.message}" for each in caught.value.problems]


def test_rules_are_by_table_and_column():
    found = read({"columns": {"users.email": "mask", "users__tags.value": "drop"}})
    assert found.settings == PrivacySettings({("users", "email"): "mask", ("users__tags", "value"): "drop"})
    assert found.key is None


@pytest.mark.parametrize("section", [{}, {"columns": None}, {"columns": {}}])
def test_an_empty_section_hides_nothing(section):
    assert not read(section).settings.hides


def test_the_key_comes_from_the_environment_and_else_from_the_secrets():
    hashes = {"columns": {"users.id": "hash"}}
    assert read(hashes, {"HOMEROOM_PRIVACY_KEY": KEY}).key == KEY
    assert read(hashes, secret={"homeroom.privacy_key": KEY}).key == KEY


def test_a_key_is_not_shown():
    assert KEY not in repr(read({"columns": {"users.id": "hash"}}, {"HOMEROOM_PRIVACY_KEY": KEY}))


def test_every_problem_is_told_at_once():
    section = {"colums": {}, "columns": {"users": "mask", "users.a": "hide", "users.b": 1, "users.id": "hash"}}
    assert problems(section) == [
        "privacy.colums: unknown key `colums`",
        "privacy.columns.users: names no column",
        "privacy.columns['users.a']: is no rule",
        "privacy.columns['users.b']: is no rule",
        "privacy: a rule hashes, and its key is in neither HOMEROOM_PRIVACY_KEY nor dlt's secrets "
        "(homeroom.privacy_key)",
    ]
    assert problems({"columns": ["users.id"]}) == ["privacy.columns: must be a mapping of columns, each with its rule"]
