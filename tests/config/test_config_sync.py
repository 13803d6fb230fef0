"""The `sync:` section."""

from __future__ import annotations

import pytest

from homeroom.config import read_sync
from homeroom.errors import ConfigError
from homeroom.values import ResourceSettings, RetrySettings, SyncSettings


def test_settings_become_frozen_values():
    section = {"concurrency": 8, "retry": {"attempts": 2, "first_wait_s": 1, "statuses": [500]}}
    settings = read_sync({**section, "resources": {"a": {"total_header": "X-N"}}}, resources=["a"])
    assert settings == SyncSettings(8, RetrySettings(2, 1, 60, (500,)), {"a": ResourceSettings("X-N")})


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("sync: {concurrency: 0}", "sync.concurrency: must be a whole number from 1 to 256; got 0"),
        ("sync: {concurrency: '8'}", 'sync.concurrency: must be a whole number from 1 to 256; got "8"'),
        ("sync: {concurrency: true}", "sync.concurrency: must be a whole number from 1 to 256; got true"),
        ("sync: {retry: {attempts: 21}}", "sync.retry.attempts: must be a whole number from 1 to 20; got 21"),
        ("sync: {retry: 5}", "sync.retry: must be a mapping; got 5"),
        (
            "sync: {retry: {first_wait_s: 9, max_wait_s: 3}}",
            "sync.retry.max_wait_s: must be a number of seconds, not less than first_wait_s; got 3",
        ),
        (
            "sync: {retry: {statuses: [429, 200]}}",
            "sync.retry.statuses[1]: must be a list of HTTP statuses from 400 to 599; got 200",
        ),
        (
            "sync: {concurency: 8}",
            "sync.concurency: unknown key `concurency`; allowed: concurrency, retry, resources; "
            "did you mean `concurrency`?",
        ),
        (
            "sync: {resources: {user: {}}}",
            "sync.resources.user: the source has no resource `user`; allowed: users, courses; did you mean `users`?",
        ),
        (
            "sync: {resources: {users: {total: X}}}",
            "sync.resources.users.total: unknown key `total`; allowed: total_header; did you mean `total_header`?",
        ),
        ("sync: {resources: {users: 5}}", "sync.resources.users: must be a mapping; got 5"),
        ("sync: [1]", "sync: must be a mapping; got [1]"),
    ],
)
def test_a_wrong_setting_says_what_it_must_be(problems_of_sync, section, message):
    assert problems_of_sync(section) == [f"school.yaml:2: {message}"]


def test_all_problems_of_a_section_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        read_sync({"concurrency": 0, "retry": {"attempts": 0}, "x": 1})
    assert [problem.path for problem in caught.value.problems] == [
        "sync.concurrency",
        "sync.retry.attempts",
        "sync.x",
    ]
