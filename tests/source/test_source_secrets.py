"""Credentials are looked up where dlt looks them up."""

import pytest
from dlt.sources.rest_api import rest_api_source as dlt_source
from source_help import Config, config_of, resource

from homeroom.demo import School
from homeroom.errors import AuthError, ConfigError
from homeroom.source import rest_api_source

PLACES = [
    "SOURCES__REST_API__REST_API__CREDENTIALS__TOKEN",
    "SOURCES__REST_API__CREDENTIALS__TOKEN",
    "SOURCES__CREDENTIALS__TOKEN",
    "CREDENTIALS__TOKEN",
]


@pytest.fixture
def config(shared_school: School) -> Config:
    """Bearer auth without a token."""
    made = config_of(shared_school, resource("terms"))
    made["client"]["auth"] = {"type": "bearer"}
    return made


@pytest.mark.parametrize("make", [dlt_source, rest_api_source], ids=["dlt", "ours"])
@pytest.mark.parametrize("place", PLACES)
def test_a_token_that_the_config_leaves_out_comes_from_the_environment(
    place: str, make: object, config: Config, shared_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same names for both."""
    monkeypatch.setenv(place, shared_school.api_key)
    assert len(list(make(config))) == 3  # type: ignore[operator]


@pytest.mark.parametrize("make", [dlt_source, rest_api_source], ids=["dlt", "ours"])
def test_a_name_of_the_source_is_part_of_the_place(
    make: object, config: Config, shared_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that two platforms can have two tokens."""
    monkeypatch.setenv("SOURCES__CAMPUS__LMS__CREDENTIALS__TOKEN", shared_school.api_key)
    monkeypatch.setenv("SOURCES__CREDENTIALS__TOKEN", "another one")
    assert len(list(make(config, name="lms", section="campus"))) == 3  # type: ignore[operator]


def test_a_token_that_is_nowhere_is_a_problem_of_the_config(config: Config) -> None:
    """Told before anything is requested."""
    with pytest.raises(ConfigError, match=r"client\.auth: .*`token`"):
        rest_api_source(config)


def test_a_wrong_token_is_told_without_showing_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server refused is in the message, what was sent is not."""
    monkeypatch.setenv("CREDENTIALS__TOKEN", "wrong-0815")
    with pytest.raises(Exception) as caught:
        list(rest_api_source(config))
    assert isinstance(caught.value.__cause__, AuthError)
    assert "401" in str(caught.value) and "wrong-0815" not in str(caught.value)
