"""A key that stands in a file is told of with its line and the way out of it, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.config import load_config
from homeroom.values import Doubt

FILE = """\
source:
  client:
    base_url: https://api.example.org
    auth: AUTH
    headers: HEADERS
  resources: [users]
"""
KEY = "n0t-for-everybody"


def told(
    folder: Path, auth: str = "{type: bearer, token: x}", headers: str = "{}", more: str = ""
) -> tuple[Doubt, ...]:
    file = folder / "campus.yaml"
    file.write_text(FILE.replace("AUTH", auth).replace("HEADERS", headers) + more)
    return load_config(str(file), environ={"TOKEN": KEY}).doubts


def test_a_literal_key_is_told_with_its_line_and_the_way_out(tmp_path: Path) -> None:
    (doubt,) = told(tmp_path, f"{{type: bearer, token: {KEY}}}")
    assert doubt.place.endswith("campus.yaml:4: source.client.auth.token")
    assert '"${TOKEN}"' in str(doubt) and '"${secret:campus.token}"' in str(doubt)
    assert KEY not in str(doubt)


def test_a_placeholder_is_right(tmp_path: Path) -> None:
    assert told(tmp_path, '{type: bearer, token: "${TOKEN}"}', '{Authorization: "Bearer ${TOKEN}"}') == ()


@pytest.mark.parametrize("headers", [f"{{X-Api-Key: {KEY}}}", f"{{Authorization: Bearer {KEY}}}"])
def test_a_key_in_a_header_is_one_too(tmp_path: Path, headers: str) -> None:
    (doubt,) = told(tmp_path, '{type: bearer, token: "${TOKEN}"}', headers)
    assert "campus.yaml:5: source.client.headers" in doubt.place


def test_so_is_the_password_of_the_destination(tmp_path: Path) -> None:
    more = f"destination: postgresql://loader:{KEY}@db.example.org/campus\n"
    (doubt,) = told(tmp_path, '{type: bearer, token: "${TOKEN}"}', more=more)
    assert doubt.place.endswith(": destination") and "${PASSWORD}" in str(doubt) and KEY not in str(doubt)


def test_what_names_a_key_and_is_none_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, '{type: api_key, name: X-Api-Key, api_key: "${TOKEN}", location: header}') == ()


def test_a_config_in_python_may_look_up_its_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = {"base_url": "https://x.org", "auth": {"type": "bearer", "token": KEY}}
    config = {"source": {"client": client, "resources": ["a"]}}
    (tmp_path / "literal_keys_config.py").write_text(f"config = {config!r}")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load_config("literal_keys_config:config", environ={}).doubts == ()
