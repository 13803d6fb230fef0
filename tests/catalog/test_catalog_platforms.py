"""Every platform that is shipped: its YAML is right, and what `init` makes of it is a config that `validate` takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from canned import filled
from shipped import key_for

from homeroom.catalog import PLATFORMS, Platform, find_platform, list_platforms
from homeroom.config import load_config

if TYPE_CHECKING:
    from conftest import Homeroom

ROOT = Path(__file__).parents[2]
TOKEN = "${secret:jupyterhub_token}"

Grant = Callable[[Platform], None]


def test_the_catalogue_is_not_empty_and_every_file_in_it_is_right() -> None:
    assert [each.platform for each in list_platforms()] == sorted(file.stem for file in PLATFORMS.iterdir())
    assert "generic" in {each.platform for each in list_platforms()}


def test_init_writes_a_config_that_validate_takes_with_everything_in_the_environment(
    platform: Platform, homeroom: Homeroom, granted: Grant
) -> None:
    granted(platform)
    written = homeroom("init", platform.platform)
    assert (written.exit_code, written.stdout) == (0, "")
    validated = homeroom("validate", f"{platform.platform}.yaml")
    assert validated.exit_code == 0, validated.stderr
    count = len(platform.resource_names)
    assert f"is right: {count} resource{'' if count == 1 else 's'} (" in validated.stdout


def test_init_writes_a_config_that_validate_takes_with_everything_told(
    platform: Platform, homeroom: Homeroom, tmp_path: Path
) -> None:
    arguments: list[str] = []
    for ask in platform.values:
        base = ask is platform.asks.base_url
        arguments += ("--base-url", ask.example) if base else ("--set", f"{ask.variable}={ask.example}")
    for secret in platform.asks.secrets:
        (tmp_path / secret.variable).write_text(f"{key_for(secret.variable)}\n")
        arguments += ["--secret-file", f"{secret.variable}={tmp_path / secret.variable}"]
    assert homeroom("init", platform.platform, *arguments).exit_code == 0
    validated = load_config(f"{platform.platform}.yaml", environ={}, read_secret=_stored)
    assert [each["name"] for each in validated.source["resources"]] == platform.resource_names


def _stored(name: str) -> str | None:
    import tomllib

    return tomllib.loads(Path(".dlt/secrets.toml").read_text()).get(name)


def test_what_is_told_is_filled_in_as_text_and_nothing_else_changes(platform: Platform, homeroom: Homeroom) -> None:
    settings = [f"{ask.variable}={ask.example}" for ask in platform.values]
    homeroom("init", platform.platform, *(part for setting in settings for part in ("--set", setting)))
    written = yaml.safe_load(Path(f"{platform.platform}.yaml").read_text())
    told = {f"${{{ask.variable}}}": ask.example for ask in platform.values}
    expected = filled(platform.config, told)
    needs = written["sync"].pop("needs")
    assert needs == expected.setdefault("sync", {}).pop("needs", needs)
    assert {key: written[key] or {} for key in expected} == expected


def test_what_to_grant_the_key_is_written_for_errors_to_say(platform: Platform, homeroom: Homeroom) -> None:
    homeroom("init", platform.platform)
    written = yaml.safe_load(Path(f"{platform.platform}.yaml").read_text())["sync"]["needs"]
    if "needs" not in platform.config.get("sync", {}):
        for secret in platform.asks.secrets:
            assert f"{'; '.join(secret.permissions)} ({secret.where})" in written.replace("$${", "${")


def test_without_the_key_validate_says_which_variable_to_set(platform: Platform, homeroom: Homeroom) -> None:
    told = homeroom("init", platform.platform).stderr
    validated = homeroom("validate", f"{platform.platform}.yaml")
    assert validated.exit_code == 2
    for variable in [ask.variable for ask in platform.values] + [each.variable for each in platform.asks.secrets]:
        assert f"export {variable}=" in validated.stderr
        assert f"export {variable}=" in told


def test_every_fact_has_a_source_and_the_day_it_was_read(platform: Platform) -> None:
    assert all(fact.source and fact.date for fact in platform.facts)
    assert len({fact.says for fact in platform.facts}) == len(platform.facts)


def test_what_was_run_says_so_and_what_was_not_does_not(platform: Platform) -> None:
    kinds = {fact.source.partition(": ")[0] for fact in platform.facts}
    if platform.verified == "real server":
        assert "run" in kinds
    if platform.verified == "vendor spec":
        assert "spec" in kinds


def test_soft_deletes_stand_only_where_rows_are_merged_by_a_key(platform: Platform) -> None:
    defaults = platform.config["source"].get("resource_defaults", {})
    settings = platform.config.get("sync", {}).get("resources", {})
    for resource in platform.resources:
        hints = {**defaults, **resource}
        if (settings.get(resource["name"]) or {}).get("deletes", "keep") != "keep":
            assert hints.get("write_disposition") == "merge"
            assert hints.get("primary_key")


def test_every_list_names_its_paging(platform: Platform) -> None:
    """Guessed paging proves nothing."""
    source = platform.config["source"]
    general = {**source["client"], **(source.get("resource_defaults", {}).get("endpoint") or {})}
    for resource in platform.resources:
        assert {**general, **resource["endpoint"]}.get("paginator"), resource["name"]


def test_the_keys_of_a_table_have_a_class(platform: Platform) -> None:
    default = platform.config["source"].get("resource_defaults", {}).get("primary_key", [])
    for resource in platform.resources:
        keys = resource.get("primary_key", default)
        known = {column for columns in platform.classes[resource["name"]].values() for column in columns}
        assert {_column(key) for key in ([keys] if isinstance(keys, str) else keys)} <= known, resource["name"]


def _column(key: str) -> str:
    """As dlt names it: `sourcedId` is `sourced_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower().replace(".", "__")


def test_no_line_says_how_the_vendor_praises_itself(platform: Platform) -> None:
    words = " ".join([platform.reads, platform.cannot, platform.limits, platform.increments, platform.deletes])
    assert not re.search(r"\b(robust|seamless|powerful|leading|easily)\b", words)


@pytest.mark.parametrize("sentence", ["reads", "cannot", "limits", "increments", "deletes"])
def test_every_sentence_is_one_line(platform: Platform, sentence: str) -> None:
    assert "\n" not in getattr(platform, sentence)


def test_the_hub_is_read_as_the_example_that_the_tests_run_against_a_real_hub() -> None:
    """tests/real/test_jupyterhub.py is why it says `real server`."""
    example = yaml.safe_load((ROOT / "examples" / "jupyterhub.yaml").read_text().replace("${JUPYTERHUB_TOKEN}", TOKEN))
    assert find_platform("jupyterhub").config["source"] == example["source"]
