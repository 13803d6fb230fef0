"""`homeroom init`: a config, a key that only its owner reads, and nothing that was there is lost."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from terminal import talk

if TYPE_CHECKING:
    from conftest import Homeroom

KEY = 'k3y-"0f"-the-hüb\\'
URL = "https://hub.example.edu"
SECRETS = Path(".dlt", "secrets.toml")


def written(file: str = "jupyterhub.yaml") -> dict[str, object]:
    return yaml.safe_load(Path(file).read_text())["source"]["client"]  # type: ignore[no-any-return]


def privacy_of(file: str) -> dict[str, object]:
    return yaml.safe_load(Path(file).read_text())["privacy"]  # type: ignore[no-any-return]


def test_unattended_the_profile_is_standard_and_the_config_says_what_is_not_stored(homeroom: Homeroom) -> None:
    result = homeroom("init", "clever")
    persons = {
        "sections.teacher": "clear",
        "sections__students.value": "delete",
        "sections__teachers.value": "delete",
        "users__roles__contact__student_relationships.student": "delete",
    }
    assert privacy_of("clever.yaml") == {"profile": "standard", "platform": "clever", "person_in": persons}
    text = Path("clever.yaml").read_text()
    assert "# not stored: users.roles__student__dob" in text
    assert "privacy, standard: ids given by a government, passwords, birth, sex and origin are not stored" in (
        result.stderr
    )


def test_a_profile_that_hashes_says_which_key_is_needed(homeroom: Homeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMEROOM_PRIVACY_KEY", raising=False)
    said = homeroom("init", "canvas", "--privacy", "deidentified").stderr
    assert 'export HOMEROOM_PRIVACY_KEY="$(homeroom privacy key)"' in said
    assert "# hashed by the privacy key: users.id," in Path("canvas.yaml").read_text()


def test_without_a_terminal_nothing_is_asked_and_what_is_missing_stays_a_variable(homeroom: Homeroom) -> None:
    result = homeroom("init", "jupyterhub")
    assert result.exit_code == 0
    assert written()["base_url"] == "${JUPYTERHUB_URL}/hub/api"
    assert "export JUPYTERHUB_URL=https://hub.example.edu" in result.stderr
    assert not SECRETS.exists()


def test_it_says_where_to_get_the_key_what_to_grant_it_and_what_to_do_next(homeroom: Homeroom) -> None:
    said = homeroom("init", "jupyterhub").stderr
    assert "c.JupyterHub.services" in said
    assert "Grant it: list:users; read:users; list:groups; read:groups" in said
    assert said.splitlines()[-1] == "next: homeroom validate jupyterhub.yaml && homeroom sync jupyterhub.yaml"


def test_editors_find_the_schema_beside_the_config(homeroom: Homeroom) -> None:
    Path("sub").mkdir()
    homeroom("init", "jupyterhub", "-o", "sub/hub.yaml")
    line, *_ = Path("sub/hub.yaml").read_text().splitlines()
    named = line.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((Path("sub") / named).read_text())["title"] == "Homeroom config"


def test_another_file_of_the_schemas_name_is_left_alone_and_that_is_said(homeroom: Homeroom) -> None:
    Path(".homeroom.schema.json").write_text("{}")
    result = homeroom("init", "jupyterhub")
    assert result.exit_code == 0
    assert "editors will not know the keys of jupyterhub.yaml" in result.stderr
    assert Path(".homeroom.schema.json").read_text() == "{}"


def test_what_is_set_already_is_not_asked_to_be_set(homeroom: Homeroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_URL", URL)
    monkeypatch.setenv("JUPYTERHUB_TOKEN", "k3y")
    assert "export " not in homeroom("init", "jupyterhub").stderr


def test_the_base_url_is_written_without_the_slash_at_its_end(homeroom: Homeroom) -> None:
    assert homeroom("init", "jupyterhub", "--base-url", f"{URL}/").exit_code == 0
    assert written()["base_url"] == f"{URL}/hub/api"


def test_a_url_without_its_scheme_is_told_what_to_write(homeroom: Homeroom) -> None:
    result = homeroom("init", "jupyterhub", "--base-url", "hub.example.edu")
    assert result.exit_code == 2
    assert "--base-url: not the hub's address" in result.stderr
    assert "write https://hub.example.edu" in result.stderr
    assert not Path("jupyterhub.yaml").exists()


@pytest.mark.parametrize("url", ["https://x.org/?q=1", "https://x.org #", "https://x.org: {a", "https://u:p@x.org"])
def test_a_url_that_would_not_be_one_value_in_yaml_is_refused(homeroom: Homeroom, url: str) -> None:
    assert homeroom("init", "jupyterhub", "--base-url", url).exit_code == 2


def test_the_config_is_named_after_its_file(homeroom: Homeroom) -> None:
    homeroom("init", "jupyterhub", "-o", "hub of the north.yaml")
    assert yaml.safe_load(Path("hub of the north.yaml").read_text())["name"] == "hub_of_the_north"


def test_a_config_that_is_there_is_not_overwritten(homeroom: Homeroom) -> None:
    Path("jupyterhub.yaml").write_text("mine")
    result = homeroom("init", "jupyterhub")
    assert result.exit_code == 2
    assert "it is there already; got jupyterhub.yaml; --force replaces it, -o names another" in result.stderr
    assert Path("jupyterhub.yaml").read_text() == "mine"


def test_force_overwrites_it(homeroom: Homeroom) -> None:
    Path("jupyterhub.yaml").write_text("mine")
    assert homeroom("init", "jupyterhub", "--force").exit_code == 0
    assert written()["auth"] == {"type": "bearer", "token": "${secret:jupyterhub_token}"}


@pytest.mark.parametrize(("file", "said"), [("hub.toml", "write hub.yaml"), ("none/hub.yaml", "mkdir -p none")])
def test_a_file_that_cannot_be_is_told_what_to_do(homeroom: Homeroom, file: str, said: str) -> None:
    result = homeroom("init", "jupyterhub", "-o", file)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_unknown_platform_is_told_the_nearest_one(homeroom: Homeroom) -> None:
    result = homeroom("init", "jupiterhub")
    assert result.exit_code == 2
    assert "did you mean `jupyterhub`?" in result.stderr


def test_a_key_from_a_file_is_stored_for_its_owner_alone_and_shown_nowhere(homeroom: Homeroom) -> None:
    Path("key").write_text(f"{KEY}\n")
    result = homeroom("init", "jupyterhub", "--secret-file", "key")
    assert result.exit_code == 0
    assert tomllib.loads(SECRETS.read_text()) == {"jupyterhub_token": KEY}
    assert (stat.S_IMODE(SECRETS.stat().st_mode), stat.S_IMODE(SECRETS.parent.stat().st_mode)) == (0o600, 0o700)
    assert KEY not in result.output + Path("jupyterhub.yaml").read_text()
    assert "jupyterhub_token is in .dlt/secrets.toml, readable by you alone" in result.stderr


def test_a_stored_key_is_found_by_validate(homeroom: Homeroom) -> None:
    Path("key").write_text(KEY)
    homeroom("init", "jupyterhub", "--base-url", URL, "--secret-file", "key")
    # In a process of its own: dlt reads the file once.
    command = [sys.executable, "-m", "homeroom", "validate", "jupyterhub.yaml"]
    validated = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert validated.returncode == 0, validated.stderr


def test_other_secrets_stay_as_they_are_and_the_file_becomes_private(homeroom: Homeroom) -> None:
    SECRETS.parent.mkdir()
    there = '# mine\nother = "x" # kept\n[sources.rest_api]\njupyterhub_token = "not this one"\n'
    SECRETS.write_text(there)
    SECRETS.chmod(0o644)
    Path("key").write_text(KEY)
    assert homeroom("init", "jupyterhub", "--secret-file", "key").exit_code == 0
    assert SECRETS.read_text().endswith(there)
    assert tomllib.loads(SECRETS.read_text())["jupyterhub_token"] == KEY
    assert stat.S_IMODE(SECRETS.stat().st_mode) == 0o600


def test_another_key_of_the_same_name_is_not_overwritten(homeroom: Homeroom) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text('jupyterhub_token = "older"\n')
    Path("key").write_text(KEY)
    result = homeroom("init", "jupyterhub", "--secret-file", "key")
    assert result.exit_code == 2
    assert "has another `jupyterhub_token` already; --force replaces it, --secret-name gives" in result.stderr
    assert SECRETS.read_text() == 'jupyterhub_token = "older"\n'
    assert not Path("jupyterhub.yaml").exists()


def test_force_replaces_it_and_nothing_else(homeroom: Homeroom) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text('a = 1\njupyterhub_token = "older"\nb = 2\n[c]\nd = 3\n')
    Path("key").write_text(KEY)
    assert homeroom("init", "jupyterhub", "--secret-file", "key", "--force").exit_code == 0
    assert tomllib.loads(SECRETS.read_text()) == {"jupyterhub_token": KEY, "a": 1, "b": 2, "c": {"d": 3}}


def test_a_secrets_file_that_cannot_be_changed_safely_is_left_alone(homeroom: Homeroom) -> None:
    SECRETS.parent.mkdir()
    there = 'jupyterhub_token = """\nolder\n"""\n'
    SECRETS.write_text(there)
    Path("key").write_text(KEY)
    result = homeroom("init", "jupyterhub", "--secret-file", "key", "--force")
    assert result.exit_code == 2
    assert "older" not in result.stderr
    assert SECRETS.read_text() == there


def test_a_secrets_file_that_is_no_toml_is_told_before_anything_is_written(homeroom: Homeroom) -> None:
    SECRETS.parent.mkdir()
    SECRETS.write_text("jupyterhub_token: x\n")
    Path("key").write_text(KEY)
    result = homeroom("init", "jupyterhub", "--secret-file", "key")
    assert result.exit_code == 2
    assert ".dlt/secrets.toml is no TOML" in result.stderr
    assert not Path("jupyterhub.yaml").exists()


def test_a_key_on_the_command_line_is_refused_and_not_shown(homeroom: Homeroom) -> None:
    result = homeroom("init", "jupyterhub", "--set", f"JUPYTERHUB_TOKEN={KEY}")
    assert result.exit_code == 2
    assert "`JUPYTERHUB_TOKEN` is a key, and others can read a command line" in result.stderr
    assert KEY not in result.output


def test_a_key_given_as_its_name_is_refused_and_not_shown(homeroom: Homeroom) -> None:
    result = homeroom("init", "jupyterhub", "--secret-name", KEY)
    assert result.exit_code == 2
    assert "this is the name under which the key is found, not the key" in result.stderr
    assert KEY not in result.output


def test_two_schools_have_keys_of_two_names(homeroom: Homeroom) -> None:
    homeroom("init", "jupyterhub", "-o", "north.yaml", "--secret-name", "NORTH_TOKEN")
    assert written("north.yaml")["auth"] == {"type": "bearer", "token": "${secret:north_token}"}


def test_a_value_that_is_not_asked_for_is_told_those_that_are(homeroom: Homeroom) -> None:
    result = homeroom("init", "generic", "--set", "GENERIC_PAHT=courses")
    assert result.exit_code == 2
    assert "allowed: GENERIC_URL=VALUE, GENERIC_PATH=VALUE; did you mean `GENERIC_PATH`?" in result.stderr


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read (No such file"), ("\n", "holds no key")])
def test_a_file_without_a_key_is_refused(homeroom: Homeroom, content: str | None, said: str) -> None:
    if content is not None:
        Path("key").write_text(content)
    result = homeroom("init", "jupyterhub", "--secret-file", "key")
    assert result.exit_code == 2
    assert said in result.stderr


def test_at_a_terminal_it_asks_for_what_is_missing_and_never_echoes_the_key() -> None:
    answers = [
        ("the hub's address", "hub.example.edu"),  # refused, and asked for again
        ("the hub's address, with its prefix if it has one, such as", URL),
        ("the name under which", ""),
        ("store the API token", "y"),
        ("(not shown): ", "k3y-typed"),
        ("which profile of personal data", "deid"),
    ]
    result = talk(["init", "jupyterhub"], answers)
    assert result.code == 0, result.shown
    assert "write https://hub.example.edu" in result.shown
    assert "k3y-typed" not in result.shown
    assert written()["base_url"] == f"{URL}/hub/api"
    assert privacy_of("jupyterhub.yaml")["profile"] == "deidentified"
    assert tomllib.loads(SECRETS.read_text()) == {"jupyterhub_token": "k3y-typed"}
    assert stat.S_IMODE(SECRETS.stat().st_mode) == 0o600


def test_at_a_terminal_what_flags_have_told_is_not_asked() -> None:
    told = ["--base-url", URL, "--secret-name", "MINE", "--privacy", "full"]
    result = talk(["init", "jupyterhub", *told], [("store the API token", "")])
    assert result.code == 0, result.shown
    assert "such as" not in result.shown
    assert written()["auth"] == {"type": "bearer", "token": "${secret:mine}"}
    assert not SECRETS.exists()
