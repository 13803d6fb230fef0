"""The `sync:` section."""

from __future__ import annotations

from dataclasses import asdict, fields

import pytest

from homeroom.auth import origin_of
from homeroom.config import placed, read_sync
from homeroom.errors import ConfigError
from homeroom.plan import build_plan
from homeroom.values import Cast, LimitSettings, ResourceSettings, RetrySettings, SyncSettings

_RATE = "must be requests in a time, such as 10/s, 600/min or 5000/h"
_HOSTS = "must be a list of hosts (files.example.com) or origins (http://10.0.0.7:8080)"
_PATTERN = "must be a JSONPath, `PATH == VALUE` or `PATH != VALUE`, or a list of these"


_CASTS = (
    "must be fields, each with bool, bigint, double, timestamp, timestamp_ms, null_if_zero, list, a list of these, "
    "or {date: FIELD, time: FIELD}"
)


def test_settings_become_frozen_values():
    section = {"concurrency": 8, "retry": {"attempts": 2, "first_wait_s": 1, "statuses": [500]}}
    settings = read_sync({**section, "resources": {"a": {"total_header": "X-N"}}}, resources=["a"])
    assert settings == SyncSettings(8, RetrySettings(2, 1, 60, (500,)), resources={"a": ResourceSettings("X-N")})


@pytest.mark.parametrize("section", [{}, {"limits": None, "retry": None, "resources": None, "allowed_hosts": None}])
def test_what_is_left_out_or_empty_is_the_default(section):
    assert read_sync(section) == SyncSettings()


@pytest.mark.parametrize(
    ("text", "rate"), [("10/s", 10), ("600/min", 10), ("5400/h", 1.5), ("86400 / d", 1), ("0.5/sec", 0.5)]
)
def test_a_rate_is_read_as_requests_a_second(text, rate):
    assert read_sync({"rate": text}).rate == rate


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("45m", 2700), ("45 min", 2700), ("1.5h", 5400), ("1d", 86_400)]
)
def test_a_deadline_is_read_as_seconds(text, seconds):
    assert read_sync({"deadline": text}).deadline_s == seconds
    assert read_sync({"resume_within": text}).resume_within_s == seconds


def test_whether_there_is_a_journal_is_left_open_unless_it_is_said():
    assert [read_sync({"journal": said}).journal for said in (True, False, None)] == [True, False, None]


def test_overlap_and_repair_are_as_said_and_else_as_the_proof_needs():
    settings = read_sync({"overlap": "always", "repair_passes": 0})
    assert (settings.overlap, settings.repair_passes) == ("always", 0)
    assert (SyncSettings().overlap, SyncSettings().repair_passes) == ("auto", 2)


@pytest.mark.parametrize("share", [0, 0.05, 1])
def test_the_part_of_a_table_that_may_go_is_a_fifth_unless_it_is_said(share):
    assert read_sync({"max_delete_share": share}).max_delete_share == share
    assert SyncSettings().max_delete_share == read_sync({"overlap": "auto"}).max_delete_share == 0.2


@pytest.mark.parametrize(
    ("section", "allowed"),
    [
        ({"overlap": "yes"}, "must be auto, always or never"),
        ({"repair_passes": -1}, "must be a whole number from 0 to 20"),
        ({"max_delete_share": 1.5}, "must be a number from 0 to 1"),
        ({"max_delete_share": -0.1}, "must be a number from 0 to 1"),
        ({"max_delete_share": "20%"}, "must be a number from 0 to 1"),
    ],
)
def test_another_overlap_number_of_passes_or_share_is_a_problem(section, allowed):
    with pytest.raises(ConfigError) as error:
        read_sync(section)
    assert allowed in str(error.value)


def test_pages_are_kept_where_that_is_asked_for_and_a_journal_is_there():
    assert not read_sync({}).keep_raw
    assert read_sync({"keep_raw": True}).keep_raw and read_sync({"keep_raw": True, "journal": True}).keep_raw
    with pytest.raises(ConfigError, match=r"sync.keep_raw: needs the journal.*got true"):
        read_sync({"keep_raw": True, "journal": False})
    with pytest.raises(ConfigError, match="must be true or false"):
        read_sync({"keep_raw": "yes"})


@pytest.mark.parametrize(
    "host", ["https://Files.example.com:08443/", "http://10.0.0.7:8080", "http://[::1]:80", "https://files.example.com"]
)
def test_an_allowed_host_is_kept_as_requests_to_it_are_judged(host):
    assert read_sync({"allowed_hosts": [host]}).allowed_hosts == {origin_of(host)}


def test_an_allowed_host_without_a_scheme_is_one_over_https():
    assert read_sync({"allowed_hosts": ["files.example.com"]}).allowed_hosts == {"https://files.example.com:443"}
    assert read_sync({"allowed_hosts": ["localhost:8443"]}).allowed_hosts == {"https://localhost:8443"}


def test_every_limit_can_be_set():
    limits = {
        "body_mb": 1,
        "decompression": 2,
        "json_depth": 3,
        "header_kb": 4,
        "redirects": 0,
        "connect_s": 5,
        "silence_s": 6.5,
        "answer_s": 7,
        "pages": 8,
    }
    assert asdict(read_sync({"limits": limits}).limits) == limits
    assert set(limits) == {field.name for field in fields(LimitSettings)}


def test_read_ahead_and_the_failures_that_stop_a_run_can_be_set():
    settings = read_sync({"read_ahead_mb": 8, "retry": {"stop_after": 3}})
    assert (settings.read_ahead_mb, settings.retry.stop_after) == (8, 3)


@pytest.mark.parametrize(
    ("given", "kept"), [("exception", ("exception",)), (["a", "b == 1"], ("a", "b == 1")), ([], ()), (None, ())]
)
def test_one_pattern_of_an_error_is_a_list_of_one(given, kept):
    assert read_sync({"resources": {"a": {"error_when": given}}}).resources["a"].error_when == kept


def test_one_cast_is_a_list_of_one():
    section = {"a": "bool", "b.c": ["null_if_zero", "timestamp"], "d": {"date": "day", "time": "hour"}}
    casts = read_sync({"resources": {"x": {"casts": section}}}).resources["x"].casts
    assert casts == {"a": Cast(("bool",)), "b.c": Cast(("null_if_zero", "timestamp")), "d": Cast((), "day", "hour")}


def test_a_resource_without_settings_may_be_named():
    settings = read_sync({"resources": {"a": None, "b": {"total_path": "meta.total"}}})
    assert settings.resources == {"a": ResourceSettings(), "b": ResourceSettings(total_path="meta.total")}


def test_a_resources_retry_takes_over_what_it_does_not_say():
    section = {"retry": {"attempts": 3, "max_wait_s": 200, "stop_after": 7}}
    settings = read_sync({**section, "resources": {"a": {"retry": {"first_wait_s": 100, "statuses": [500]}}, "b": {}}})
    assert settings.resources["a"].retry == RetrySettings(3, 100, 200, (500,), 7)
    assert settings.resources["b"].retry is None


@pytest.mark.parametrize(
    ("general", "own"),
    [({"max_wait_s": 5}, {"first_wait_s": 9}), ({"first_wait_s": 9}, {"max_wait_s": 5}), ({}, {"first_wait_s": 61})],
)
def test_a_resources_waits_must_fit_those_that_it_takes_over(general, own):
    with pytest.raises(ConfigError) as caught:
        read_sync({"retry": general, "resources": {"a": {"retry": own}}})
    (problem,) = caught.value.problems
    assert problem.path == "sync.resources.a.retry" and "the first wait is above the longest" in problem.message


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
            "sync.concurency: unknown key `concurency`; allowed: concurrency, rate, deadline, read_ahead_mb, tables, "
            "journal, resume_within, keep_raw, overlap, repair_passes, max_delete_share, allowed_hosts, limits, "
            "change_versions, full_every, needs, retry, resources; did you mean `concurrency`?",
        ),
        (
            "sync: {resources: {user: {}}}",
            "sync.resources.user: the source has no resource `user`; allowed: users, courses; did you mean `users`?",
        ),
        (
            "sync: {resources: {users: {total: X}}}",
            "sync.resources.users.total: unknown key `total`; "
            "allowed: total_header, total_path, error_when, at_least, needs, "
            "retry, deletes, deleted_when, window, parent_column, "
            "deleted_in, cursor_per_parent, further_cursors, by_change_version, full_every, batch, casts; "
            "did you mean `total_path`?",
        ),
        (
            "sync: {resources: {users: {casts: {active: boolean}}}}",
            f'sync.resources.users.casts.active: {_CASTS}; got "boolean"',
        ),
        (
            "sync: {resources: {users: {casts: {due: {date: day}}}}}",
            f'sync.resources.users.casts.due: {_CASTS}; got {{"date": "day"}}',
        ),
        ("sync: {resources: {users: {casts: bool}}}", f'sync.resources.users.casts: {_CASTS}; got "bool"'),
        ("sync: {resources: {users: 5}}", "sync.resources.users: must be a mapping; got 5"),
        ("sync: [1]", "sync: must be a mapping; got [1]"),
        ("sync: {rate: 10}", f"sync.rate: {_RATE}; got 10"),
        ("sync: {rate: fast}", f'sync.rate: {_RATE}; got "fast"'),
        ("sync: {rate: 0/s}", f'sync.rate: {_RATE}; got "0/s"'),
        ("sync: {deadline: 90}", "sync.deadline: must be a duration, such as 45m or 2h; got 90"),
        ("sync: {deadline: 0m}", 'sync.deadline: must be a duration, such as 45m or 2h; got "0m"'),
        ("sync: {read_ahead_mb: 0}", "sync.read_ahead_mb: must be a whole number of MB, 1 or more; got 0"),
        ("sync: {allowed_hosts: a.org}", f'sync.allowed_hosts: {_HOSTS}; got "a.org"'),
        ("sync: {allowed_hosts: [b.org, a.org/x]}", f'sync.allowed_hosts[1]: {_HOSTS}; got "a.org/x"'),
        ("sync: {allowed_hosts: ['ftp://a.org']}", f'sync.allowed_hosts[0]: {_HOSTS}; got "ftp://a.org"'),
        ("sync: {allowed_hosts: ['a.org:99999']}", f'sync.allowed_hosts[0]: {_HOSTS}; got "a.org:99999"'),
        ("sync: {limits: 5}", "sync.limits: must be a mapping; got 5"),
        (
            "sync: {limits: {body: 1}}",
            "sync.limits.body: unknown key `body`; allowed: body_mb, decompression, json_depth, header_kb, redirects, "
            "connect_s, silence_s, answer_s, pages; did you mean `body_mb`?",
        ),
        ("sync: {limits: {body_mb: 0}}", "sync.limits.body_mb: must be a whole number of MB, 1 or more; got 0"),
        ("sync: {limits: {decompression: 1}}", "sync.limits.decompression: must be a whole number, 2 or more; got 1"),
        ("sync: {limits: {json_depth: 900}}", "sync.limits.json_depth: must be a whole number from 2 to 500; got 900"),
        ("sync: {limits: {header_kb: 0}}", "sync.limits.header_kb: must be a whole number of kB from 1 to 1024; got 0"),
        ("sync: {limits: {redirects: -1}}", "sync.limits.redirects: must be a whole number from 0 to 50; got -1"),
        ("sync: {limits: {connect_s: 0}}", "sync.limits.connect_s: must be a number of seconds above 0; got 0"),
        (
            "sync: {limits: {silence_s: .inf}}",
            "sync.limits.silence_s: must be a number of seconds above 0; got Infinity",
        ),
        ("sync: {limits: {answer_s: 5m}}", 'sync.limits.answer_s: must be a number of seconds above 0; got "5m"'),
        ("sync: {limits: {pages: 0}}", "sync.limits.pages: must be a whole number, 1 or more; got 0"),
        ("sync: {retry: {stop_after: 0}}", "sync.retry.stop_after: must be a whole number, 1 or more; got 0"),
        (
            "sync: {resources: {users: {total_path: ''}}}",
            'sync.resources.users.total_path: must be the JSONPath of the number of rows; got ""',
        ),
        ("sync: {resources: {users: {error_when: 5}}}", f"sync.resources.users.error_when: {_PATTERN}; got 5"),
        ("sync: {resources: {users: {error_when: [a, 1]}}}", f"sync.resources.users.error_when[1]: {_PATTERN}; got 1"),
        ("sync: {resources: {users: {retry: 5}}}", "sync.resources.users.retry: must be a mapping; got 5"),
        (
            "sync: {resources: {users: {retry: {attempts: 0}}}}",
            "sync.resources.users.retry.attempts: must be a whole number from 1 to 20; got 0",
        ),
        (
            "sync: {resources: {users: {further_cursors: [{cursor_path: at}]}}}",
            "sync.resources.users.further_cursors[0].start_param: must be the parameter that says from where on rows "
            'are asked for; got {"cursor_path": "at"}',
        ),
        (
            "sync: {resources: {users: {further_cursors: [{cursor_path: at, start_param: a, end: b}]}}}",
            "sync.resources.users.further_cursors[0].end: unknown key `end`; "
            "allowed: cursor_path, start_param, end_param, initial_value, lag",
        ),
        (
            "sync: {resources: {users: {retry: {stop_after: 3}}}}",
            "sync.resources.users.retry.stop_after: unknown key `stop_after`; "
            "allowed: attempts, first_wait_s, max_wait_s, statuses; "
            "`stop_after` is for a whole host: put it under sync.retry",
        ),
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


def test_what_only_the_plan_finds_in_the_section_has_the_line_too(load):
    text = """\
source: {client: {base_url: https://x.org}, resources: [users, v1/courses]}
sync:
  resources:
    users:
      error_when:
        - exception
        - success = false
    v1/courses:
      total_path: "[["
"""
    config = load(text)
    with pytest.raises(ConfigError) as caught, placed(config.file):
        build_plan(config.source, config.sync)
    assert str(caught.value).splitlines() == [
        "school.yaml:7: sync.resources.users.error_when[1]: is not a JSONPath, alone or followed by `== VALUE` or "
        "`!= VALUE`; got 'success = false'",
        "school.yaml:9: sync.resources['v1/courses'].total_path: is not a JSONPath; got '[['",
    ]
