"""A config's own requests session, and the environment's choice of the wire."""

from typing import Any

import pytest
import requests
import responses
from dlt.sources.helpers import requests as dlt_requests
from requests.adapters import HTTPAdapter
from source_help import Campus, child, config_of, ids, resource

from homeroom.demo import Dials, School
from homeroom.errors import ConfigError
from homeroom.source import rest_api_resources, rest_api_source


class Counting(HTTPAdapter):
    """Notes what goes through it."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.urls.append(str(request.url))
        return super().send(request, *args, **options)


def with_session(school: School, session: requests.Session, *listed: Any) -> Any:
    config = config_of(school, *listed)
    config["client"]["session"] = session
    return config


def test_all_requests_of_a_source_go_over_the_session_of_its_config(campus: Campus, shared_school: School) -> None:
    session, adapter = requests.Session(), Counting()
    session.mount("http://", adapter)
    source = rest_api_source(
        with_session(shared_school, session, resource("sections"), child("sections", "enrollments"))
    )
    campus.run(source)
    assert campus.column("sections") == ids(shared_school.rows("sections"))
    assert len(adapter.urls) == sum(entry.requests for entry in source.report.resources.values()) > 10


def test_resources_go_over_the_session_too(shared_school: School) -> None:
    session, adapter = requests.Session(), Counting()
    session.mount("http://", adapter)
    (people,) = rest_api_resources(with_session(shared_school, session, resource("people")))
    assert ids(list(people)) == ids(shared_school.rows("people")) and adapter.urls


def test_a_session_that_signs_by_itself_needs_no_auth(shared_school: School) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {shared_school.api_key}"
    config = with_session(shared_school, session, resource("people"))
    del config["client"]["auth"]
    assert ids(list(rest_api_source(config).people)) == ids(shared_school.rows("people"))


def test_a_session_of_dlt_reads_through_faults(school: School) -> None:
    school.set_dials(Dials(fail_every=((503, 3),), reset_every=7))
    session = dlt_requests.Client(request_max_attempts=1).session
    source = rest_api_source(with_session(school, session, resource("people")), sync={"retry": {"first_wait_s": 0.01}})
    assert ids(list(source.people)) == ids(school.rows("people"))


def test_the_environment_sends_a_source_over_requests(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_TRANSPORT", "requests")
    config = {"client": {"base_url": "https://school.invalid"}, "resources": [resource("people")]}
    with responses.RequestsMock() as mock:
        mock.add(responses.GET, "https://school.invalid/v1/people", json=[{"id": 1}, {"id": 2}])
        campus.run(rest_api_source(config))  # type: ignore[arg-type]
    assert campus.column("people") == [1, 2]


def test_an_unknown_wire_is_told_before_anything_is_asked(
    shared_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEROOM_TRANSPORT", "carrier pigeon")
    with pytest.raises(ConfigError, match="HOMEROOM_TRANSPORT: unknown transport; got 'carrier pigeon'"):
        rest_api_source(config_of(shared_school, resource("people")))
