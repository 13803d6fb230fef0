"""`homeroom catalog`: data on stdout, words on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from shipped import NAMES

from homeroom.catalog import find_platform, page_of

if TYPE_CHECKING:
    from conftest import Homeroom


def test_list_names_every_platform_and_how_it_was_verified(homeroom: Homeroom) -> None:
    result = homeroom("catalog", "list")
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines()[2:] if line[:1].isalpha()]
    assert listed == NAMES
    assert "real server" in result.stdout


def test_list_as_json_is_one_object(homeroom: Homeroom) -> None:
    listed = orjson.loads(homeroom("catalog", "list", "--json").stdout)["platforms"]
    assert [each["platform"] for each in listed] == NAMES
    assert set(listed[0]) == {"platform", "title", "kind", "verified", "reads", "resources"}


def test_show_prints_the_page_of_the_docs(homeroom: Homeroom) -> None:
    assert homeroom("catalog", "show", "jupyterhub").stdout == page_of(find_platform("jupyterhub"))


def test_show_as_json_holds_the_config_and_the_facts(homeroom: Homeroom) -> None:
    shown = orjson.loads(homeroom("catalog", "show", "jupyterhub", "--json").stdout)
    assert shown["config"]["source"]["resources"][0]["name"] == "users"
    assert shown["facts"][0]["date"] == "2026-11-22"


def test_show_of_an_unknown_platform_exits_with_2(homeroom: Homeroom) -> None:
    result = homeroom("catalog", "show", "jupiterhub")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean `jupyterhub`?" in result.stderr


def test_search_finds_by_what_is_read(homeroom: Homeroom) -> None:
    found = orjson.loads(homeroom("catalog", "search", "members", "hub", "--json").stdout)["platforms"]
    assert [each["platform"] for each in found] == ["jupyterhub"]


def test_a_search_without_a_hit_says_how_to_go_on(homeroom: Homeroom) -> None:
    result = homeroom("catalog", "search", "zzzz")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "homeroom init generic" in result.stderr
