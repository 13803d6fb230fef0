"""What a platform's YAML may not say, and how a platform is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.catalog import PLATFORMS, find_platform, read_platform, search_platforms
from homeroom.errors import ConfigError


def refused(tmp_path: Path, **changes: Any) -> str:
    """The words about the hub's YAML with these changes."""
    content = yaml.safe_load((PLATFORMS / "jupyterhub.yaml").read_text()) | changes
    file = tmp_path / "jupyterhub.yaml"
    file.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not ...}))
    with pytest.raises(ConfigError) as caught:
        read_platform(file)
    return str(caught.value)


def fact(**changes: Any) -> list[dict[str, Any]]:
    return [{"says": "it works", "source": "https://example.org/docs", "date": "2026-11-23"} | changes]


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    assert "jupyterhub.yaml: colour: Extra inputs are not permitted" in refused(tmp_path, colour="blue")


def test_a_verification_that_is_none_is_refused_with_those_there_are(tmp_path: Path) -> None:
    said = refused(tmp_path, verified="trust me")
    assert "verified: Input should be 'real server', 'vendor spec' or 'documentation'" in said


@pytest.mark.parametrize("source", ["", "hearsay", "http://example.org", "spec:", "https://x"])
def test_a_fact_without_a_source_is_refused(tmp_path: Path, source: str) -> None:
    assert "facts.0.source" in refused(tmp_path, facts=fact(source=source))


def test_a_fact_without_a_date_is_refused(tmp_path: Path) -> None:
    assert "facts.0.date" in refused(tmp_path, facts=fact(date=None))


def test_a_class_that_is_none_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, classes={"users": {"secret": ["name"]}, "groups": {}})
    assert "classes.users.secret" in said


def test_a_column_with_two_classes_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, classes={"users": {"direct": ["name"], "none": ["name"]}, "groups": {}})
    assert "the column `users.name` has two classes" in said


def test_a_person_of_no_known_column_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, person="users.number")
    assert "person is `users.number`, which classes does not have" in said


def test_a_table_without_classes_is_refused(tmp_path: Path) -> None:
    assert "classes has no table `groups`" in refused(tmp_path, classes={"users": {}})


def test_a_table_that_nothing_fills_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, classes={"users": {}, "groups": {}, "courses": {}})
    assert "classes has a table `courses` that no resource fills" in said


def test_a_value_that_is_used_and_not_asked_for_is_refused(tmp_path: Path) -> None:
    asks = yaml.safe_load((PLATFORMS / "jupyterhub.yaml").read_text())["asks"]
    said = refused(tmp_path, asks={"secrets": asks["secrets"]})
    assert "config uses ${JUPYTERHUB_URL}, which is not asked for" in said


def test_a_value_that_is_asked_for_and_not_used_is_refused(tmp_path: Path) -> None:
    asks = yaml.safe_load((PLATFORMS / "jupyterhub.yaml").read_text())["asks"]
    more = {"variable": "COLOUR", "what": "a colour", "example": "blue", "pattern": r"\w+"}
    assert "${COLOUR} is asked for, and config does not use it" in refused(tmp_path, asks=asks | {"values": [more]})


def test_an_example_that_does_not_fit_its_pattern_is_refused(tmp_path: Path) -> None:
    asks = yaml.safe_load((PLATFORMS / "jupyterhub.yaml").read_text())["asks"]
    asks["base_url"]["example"] = "hub.example.edu"
    assert "the example does not fit the pattern" in refused(tmp_path, asks=asks)


def test_a_file_that_is_named_otherwise_is_refused(tmp_path: Path) -> None:
    assert "is not the file's name; got zoo" in refused(tmp_path, platform="zoo")


def test_what_is_no_yaml_is_an_error_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("platform: [")
    with pytest.raises(ConfigError, match=r"x\.yaml: not YAML: .*line \d+, column 1"):
        read_platform(file)


def test_a_platform_is_found_whatever_the_case_and_the_dashes() -> None:
    assert find_platform("JupyterHub").platform == "jupyterhub"


def test_an_unknown_platform_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ConfigError, match=r"there is no such platform; got 'jupiterhub'; did you mean `jupyterhub`\?"):
        find_platform("jupiterhub")


def test_a_name_like_no_other_is_told_where_all_names_are() -> None:
    with pytest.raises(ConfigError, match=r"homeroom catalog list names them all; `generic` is for an API that is not"):
        find_platform("zzzz")


def test_a_search_needs_every_word() -> None:
    assert [each.platform for each in search_platforms(["Hub", "members of each group"])] == ["jupyterhub"]
    assert search_platforms(["hub", "zzzz"]) == []
