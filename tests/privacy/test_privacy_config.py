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


def test_classes_are_those_of_the_platform_unless_the_config_gives_others():
    classes = read(
        {"profile": "standard", "platform": "canvas", "classes": {"users.bio": "none", "users.motto": "free_text"}}
    ).settings.classes
    assert (classes["users", "bio"], classes["users", "motto"], classes["users", "id"]) == (
        "none",
        "free_text",
        "direct",
    )


def test_what_is_no_profile_class_or_platform_is_told():
    section = {
        "profile": "standart",
        "platform": "canvass",
        "classes": {"users.bio": "text"},
        "by_class": {"drect": "drop", "direct": "hide"},
    }
    assert problems(section) == [
        "privacy.platform: there is no such platform",
        "privacy.classes['users.bio']: is no class",
        "privacy.profile: is no profile",
        "privacy.by_class.drect: is no class",
        "privacy.by_class.direct: is no rule",
    ]


@pytest.mark.parametrize(
    ("section", "hashes"),
    [
        ({"profile": "deidentified"}, True),
        ({"by_class": {"direct": "hash"}}, True),
        ({"profile": "standard"}, False),
        ({"profile": "full"}, False),
    ],
)
def test_a_profile_that_hashes_needs_the_key(section, hashes):
    if hashes:
        assert len(problems(section)) == 1
    assert read(section, {"HOMEROOM_PRIVACY_KEY": KEY}).settings.hashes == hashes
