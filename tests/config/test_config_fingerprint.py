"""Whether two configs given from Python are the same: by all they say, but for their secrets."""

from __future__ import annotations

from typing import Any

import pytest
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, HttpBasicAuth

from homeroom.config import fingerprint


def a_step(row: Any) -> Any:
    return row


def source(**more: Any) -> dict[str, Any]:
    client = {"base_url": "https://example.org", "auth": {"type": "bearer", "token": "s3cret-one"}}
    return {"client": client, "resources": ["users"], **more}


def with_auth(auth: Any) -> dict[str, Any]:
    return source(client={"base_url": "https://example.org", "auth": auth})


def test_the_order_of_keys_says_nothing() -> None:
    assert fingerprint(source(), {}) == fingerprint(dict(reversed(source().items())), {})


@pytest.mark.parametrize(
    "changed",
    [
        source(resources=["courses"]),
        source(resource_defaults={"primary_key": "id"}),
        source(resource_defaults={"endpoint": {"params": {"since": 3}}}),
        with_auth({"type": "api_key", "api_key": "s3cret-one"}),
    ],
)
def test_another_config_has_another_fingerprint(changed: dict[str, Any]) -> None:
    assert fingerprint(changed, {}) != fingerprint(source(), {})


def test_another_sync_section_has_another_fingerprint() -> None:
    assert fingerprint(source(), {"rate": "10/s"}) != fingerprint(source(), {"rate": "9/s"})


@pytest.mark.parametrize("token", ["s3cret-two", 'with "quotes" in it', "ünïcode\\n"])
def test_another_key_is_no_other_config(token: str) -> None:
    assert fingerprint(with_auth({"type": "bearer", "token": token}), {}) == fingerprint(source(), {})


def test_a_secret_is_masked_wherever_it_stands_again() -> None:
    one, two = (
        source(client={"auth": {"type": "api_key", "api_key": key}}, resources=[{"params": {"copy": f"x {key}"}}])
        for key in ("s3cret-one", "s3cret-two")
    )
    assert fingerprint(one, {}) == fingerprint(two, {})


def test_a_number_that_is_a_key_is_masked_too() -> None:
    assert fingerprint(with_auth({"api_key": 123456}), {}) == fingerprint(with_auth({"api_key": 654321}), {})


def test_objects_count_by_what_they_are() -> None:
    one, two, other = (
        fingerprint(with_auth(auth), {}) for auth in (*map(BearerTokenAuth, "ab"), HttpBasicAuth("a", "b"))
    )
    assert one == two != other
    steps = [source(resources=[{"processing_steps": [{"map": step}]}]) for step in (a_step, with_auth)]
    assert fingerprint(steps[0], {}) != fingerprint(steps[1], {})
