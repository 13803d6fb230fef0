"""`fail_fast`: the first resource that fails or is incomplete ends the run; what was read is kept for the next one."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from homeroom import history
from homeroom.cli.console import code_of
from homeroom.errors import AuthError, HomeroomError, IncompleteError, RequestError

if TYPE_CHECKING:
    from conftest import Campus

PEOPLE = {"name": "people", "endpoint": {"path": "/v1/people"}}
SECTIONS = {"name": "sections", "write_disposition": "append", "endpoint": {"path": "/v1/sections"}}


def configure(campus: Campus, **sync: Any) -> None:
    """People in six pages and sections in two, one request at a time."""
    campus.configure(SECTIONS, PEOPLE, limit=10, sync={"concurrency": 1, "retry": {"attempts": 1}, **sync})


def ended(campus: Campus, **options: Any) -> HomeroomError:
    """The error that ended a sync with `fail_fast`."""
    with pytest.raises(HomeroomError) as caught:
        campus.sync(fail_fast=True, **options)
    return caught.value


def asked(campus: Campus) -> Counter[str]:
    return Counter(str(each.resource) for each in campus.school.requests)


def test_the_first_failure_ends_the_run_and_nothing_is_loaded(campus: Campus) -> None:
    configure(campus)
    campus.dial("fail_400_every=4,only=/v1/people")
    error = ended(campus)
    assert isinstance(error, RequestError) and error.resource == "people"
    assert str(error).startswith("resource people, ") and "400" in str(error)
    assert campus.tables() == set() and campus.pending() == []
    assert (error.kept > 0, code_of(error)) == (True, 5)


def test_without_the_flag_the_others_land(campus: Campus) -> None:
    configure(campus)
    campus.dial("fail_400_every=4,only=/v1/people")
    assert campus.sync().resources["sections"].status == "complete"
    assert campus.ids("sections") == campus.true_ids("sections")


def test_the_next_run_does_not_ask_again_for_what_came(campus: Campus) -> None:
    configure(campus)
    campus.dial("fail_400_every=4,only=/v1/people")
    error = ended(campus)
    campus.dial("")
    campus.school.clear_log()
    report = campus.sync(fail_fast=True)
    assert report.status == "complete"
    assert campus.ids("people") == campus.true_ids("people")
    assert campus.ids("sections") == campus.true_ids("sections")
    # Eight pages in all; of each list that had begun the last page is asked for again.
    assert asked(campus).total() <= 8 - error.kept + 2
    assert report.resources["people"].pages_resumed > 0


def test_the_history_has_the_run_and_why_it_ended(campus: Campus) -> None:
    configure(campus)
    campus.dial("fail_400_every=4,only=/v1/people")
    error = ended(campus)
    (report,) = (json.loads(text) for text in history.list_runs(campus.home, most=9))
    assert (report["status"], report["error"], report["landed"]) == ("failed", f"{error} [{error.code}]", False)


def test_pages_of_an_incomplete_resource_are_not_kept(campus: Campus) -> None:
    configure(campus)
    campus.dial("total=wrong-high,only=/v1/people")
    error = ended(campus)
    assert isinstance(error, IncompleteError)
    assert str(error).startswith("resource people is incomplete: the API says ")
    campus.dial("")
    campus.school.clear_log()
    report = campus.sync(fail_fast=True)
    assert (report.status, report.resources["people"].pages_resumed) == ("complete", 0)
    assert error.kept <= 2  # those of the sections


def test_a_refused_key_is_code_4_where_no_page_came(campus: Campus) -> None:
    configure(campus)
    campus.dial("always=401")
    error = ended(campus)
    assert isinstance(error, AuthError)
    assert (error.kept, code_of(error)) == (0, 4)


def test_without_a_journal_nothing_is_kept_and_the_code_is_1(campus: Campus) -> None:
    configure(campus, journal=False)
    campus.dial("fail_400_every=4,only=/v1/people")
    error = ended(campus)
    assert (error.kept, code_of(error)) == (0, 1)
    assert "kept" not in str(error)


def test_a_limit_is_no_failure(campus: Campus) -> None:
    configure(campus)
    report = campus.sync(fail_fast=True, limit=5)
    assert {line.rows_in_table for line in report.resources.values()} == {5}


def test_a_run_where_nothing_fails_is_as_ever(campus: Campus) -> None:
    configure(campus)
    assert campus.sync(fail_fast=True).status == "complete"
    assert campus.ids("people") == campus.true_ids("people")
