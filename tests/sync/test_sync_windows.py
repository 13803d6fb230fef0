"""A span of time read in windows, side by side; and backfills."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from list_server import Lists, Row

from homeroom.errors import ConfigError
from homeroom.values import Status

if TYPE_CHECKING:
    from conftest import Campus

START = "2025-06-01T00:00:00Z"
WEEKLY = {"resources": {"people": {"window": "7d"}}}


def people(**incremental: Any) -> dict[str, Any]:
    """The people by the time of their last change."""
    given = {
        "cursor_path": "updated_at",
        "initial_value": START,
        "start_param": "updated_since",
        "end_param": "updated_until",
        **incremental,
    }
    given = {key: value for key, value in given.items() if value is not None}
    return {"name": "people", "endpoint": {"path": "/v1/people", "incremental": given}}


def asked(campus: Campus) -> list[tuple[str | None, str | None]]:
    """The spans that were asked for, each once."""
    spans = [(r.query.get("updated_since"), r.query.get("updated_until")) for r in campus.school.requests]
    return sorted(set(spans), key=str)


def changed(campus: Campus, since: str, until: str = "9999") -> list[int]:
    """The ids of those who were changed in a span: the texts of the school compare as the times do."""
    return sorted(row["id"] for row in campus.school.rows("people") if since <= row["updated_at"] < until)


@pytest.mark.parametrize("since", ["inclusive", "exclusive"])
def test_windows_bring_what_one_span_brings(campus: Campus, since: str) -> None:
    """Rows at an edge come, whether the API takes it in or not."""
    campus.dial(f"since={since}")
    edge = campus.school.rows("people")[7] | {"updated_at": "2026-01-11T00:00:00Z"}
    campus.school.put("people", edge)
    campus.configure(people(), sync=WEEKLY)
    line = campus.sync().resources["people"]
    assert campus.ids("people") == campus.true_ids("people")
    assert line.status is Status.COMPLETE
    assert len(asked(campus)) > 20 and asked(campus)[-1][1] is None


def test_the_next_run_goes_on_where_the_windows_ended(campus: Campus) -> None:
    campus.configure(people(), sync=WEEKLY)
    campus.sync()
    newest = max(row["updated_at"] for row in campus.school.rows("people"))
    campus.school.clear_log()
    late = campus.school.rows("people")[3] | {"updated_at": "2026-10-01T00:00:00Z", "given_name": "Anew"}
    campus.school.put("people", late)
    campus.sync()
    assert asked(campus)[0][0] == newest
    assert campus.query(f"SELECT given_name FROM people WHERE id = {late['id']}") == [("Anew",)]


def test_a_backfill_brings_its_span_and_leaves_the_cursor(campus: Campus) -> None:
    campus.configure(people(initial_value="2026-01-10T00:00:00Z"), "terms", sync=WEEKLY)
    campus.sync()
    campus.school.clear_log()
    report = campus.sync(since="2026-01-01", until="2026-01-10")
    assert set(report.resources) == {"people"}
    assert asked(campus) == [
        ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z"),
        ("2026-01-07T23:59:59Z", "2026-01-10T00:00:00Z"),
    ]
    assert campus.ids("people") == changed(campus, "2026-01-01")
    campus.school.clear_log()
    campus.sync(select=("people",))
    assert asked(campus)[0][0] == max(row["updated_at"] for row in campus.school.rows("people"))


def test_a_run_that_was_stopped_asks_for_the_windows_that_it_has_not(campus: Campus) -> None:
    """Each has its own mark in the journal."""
    campus.dial("fail_500_every=36,only=/v1/people")
    campus.configure(people(), sync={**WEEKLY, "concurrency": 1, "retry": {"attempts": 1}})
    stopped = campus.sync().resources["people"]
    assert stopped.status is Status.FAILED
    done = {r.query["updated_since"] for r in campus.school.requests if r.status == 200}
    campus.dial("")
    campus.school.clear_log()
    line = campus.sync().resources["people"]
    assert line.status is Status.COMPLETE and line.pages_resumed >= 2
    assert campus.ids("people") == campus.true_ids("people")
    again = {r.query["updated_since"] for r in campus.school.requests}
    assert len(done & again) <= len(done) // 4  # what was under way, and the last one, which has no end


def test_a_window_that_is_not_over_is_looked_at_again_after_a_stop(campus: Campus) -> None:
    """`--until` may lie in the future: rows still come in."""

    def day(offset: int) -> str:
        return f"{datetime.now(UTC) + timedelta(days=offset):%Y-%m-%dT00:00:00Z}"

    campus.dial("fail_500_every=11,only=/v1/people")
    campus.configure(people(), sync={**WEEKLY, "concurrency": 1, "retry": {"attempts": 1}})
    span = {"since": day(-30), "until": day(60)}
    assert campus.sync(**span).resources["people"].status is Status.FAILED
    assert asked(campus)[9][0] < day(35) < str(asked(campus)[9][1])  # it had been read to its end
    campus.dial("")
    campus.school.put("people", campus.school.rows("people")[3] | {"id": 999_999, "updated_at": day(35)})
    campus.sync(**span)
    assert campus.ids("people") == [999_999]


def test_rows_that_come_late_inside_the_lag_are_not_lost(campus: Campus) -> None:
    """A row that was written down with a time before the last one seen."""
    campus.configure(people(lag=86_400))
    campus.sync()
    newest = max(row["updated_at"] for row in campus.school.rows("people"))
    late = campus.school.rows("people")[3] | {"id": 999_999, "updated_at": f"{newest[:10]}T00:00:01Z"}
    campus.school.put("people", late)
    campus.sync()
    assert campus.ids("people") == campus.true_ids("people")


def test_an_api_that_ignores_the_filter_is_read_once_and_told(campus: Campus) -> None:
    campus.dial("ignore_filters=on")
    campus.configure(people(initial_value="2026-01-10T00:00:00Z"), sync=WEEKLY)
    line = campus.sync().resources["people"]
    assert "the API gives rows outside of what updated_since asks for" in line.note
    assert len(asked(campus)) == 1 and campus.ids("people") == changed(campus, "2026-01-10")
    assert line.status is Status.UNPROVED  # what a filter of another field leaves out would be the same to look at
    campus.school.clear_log()
    campus.sync()
    assert [since for since, _ in asked(campus)] == ["2026-01-10T00:00:00Z"]


def test_a_row_that_changes_before_a_run_is_finished_is_not_lost(campus: Campus) -> None:
    """Its page is kept as it was, and a later row would move the cursor past it."""
    campus.configure(people(end_param=None), limit=10, sync={"concurrency": 1, "retry": {"attempts": 1}})
    campus.dial("fail_500_every=3,only=/v1/people")
    campus.sync()
    campus.dial("")
    rows = campus.school.rows("people")
    for place, day in ((0, "01"), (25, "02")):
        anew = {"given_name": "Anew", "updated_at": f"2026-10-{day}T00:00:00Z"}
        campus.school.put("people", rows[place] | anew)
    assert campus.sync().resources["people"].pages_resumed > 0
    campus.sync()
    assert campus.column("SELECT count(*) FROM people WHERE given_name = 'Anew'") == [2]


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert"])
def test_a_row_at_the_edge_of_two_windows_is_there_once(campus: Campus, strategy: str) -> None:
    """With its nested rows, whose ids an upsert makes of the key."""
    way = {"write_disposition": {"disposition": "merge", "strategy": strategy}}
    campus.configure(people() | way, sync=WEEKLY)
    campus.school.put("people", campus.school.rows("people")[7] | {"updated_at": "2025-06-07T23:59:59Z"})
    assert campus.sync().resources["people"].status is Status.COMPLETE
    assert campus.ids("people") == campus.true_ids("people")
    nested = sum(len(row["roles"]) for row in campus.school.rows("people"))
    assert campus.column("SELECT count(*) FROM people__roles") == [nested]


class WithGuest(Lists):
    """Keeps to the filter for all rows but the last one, such as the account of the key."""

    def listed(self, name: str, asked: dict[str, str]) -> list[Row]:
        since, until = asked.get("updated_since", ""), asked.get("updated_until", "9999")
        *rows, guest = self.rows[name]
        return [*(row for row in rows if since <= row["updated_at"] <= until), guest]


def test_a_row_that_always_comes_ends_no_window(campus: Campus) -> None:
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(90)]
    with WithGuest() as lists:
        lists.rows["people"] = [{"id": n, "updated_at": f"{day:%Y-%m-%dT%H:%M:%SZ}"} for n, day in enumerate(days)]
        resource = people(initial_value="2026-01-01T00:00:00Z")
        resource["endpoint"]["path"] = "/people"
        text = campus.configure(resource, sync=WEEKLY).read_text()
        campus.config.write_text(text.replace(campus.school.url, lists.url))
        line = campus.sync().resources["people"]
    assert campus.ids("people") == list(range(90))
    assert "the API gives rows outside of what updated_since asks for" in line.note


def test_a_filter_that_is_ignored_is_told_where_a_placeholder_asks_too(campus: Campus) -> None:
    campus.dial("ignore_filters=on")
    resource = people(initial_value="2026-01-10T00:00:00Z", start_param=None, end_param=None)
    resource["endpoint"]["params"] = {"updated_since": "{incremental.start_value}"}
    campus.configure(resource)
    note = campus.sync().resources["people"].note
    assert "the API gives rows outside of what updated_since asks for" in note


def test_an_api_that_keeps_to_the_filter_is_not_accused(campus: Campus) -> None:
    campus.configure(people(initial_value="2026-01-10T00:00:00Z"))
    assert campus.sync().resources["people"].note == ""


def test_a_cursor_that_runs_downwards_is_not_watched(campus: Campus) -> None:
    """Its start is the newest moment: what the API gives lies before it."""
    campus.configure(people(last_value_func="min", initial_value="2027-01-01T00:00:00Z", start_param="updated_until"))
    line = campus.sync().resources["people"]
    assert line.note == "" and line.rows_received > 0


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        ("people", "the resource has no `incremental`, whose span could be cut"),
        (people(end_param=None), "the API is not told where a span ends; name its parameter as incremental.end_param"),
        (people(last_value_func="min"), "its `incremental` has a last_value_func, and windows go upwards"),
        (people() | {"write_disposition": "append"}, "rows at the edge of two windows come twice"),
        (people() | {"primary_key": []}, "rows at the edge of two windows come twice"),
    ],
)
def test_a_window_that_cannot_be_is_refused(campus: Campus, resource: Any, says: str) -> None:
    campus.configure(resource, sync=WEEKLY)
    with pytest.raises(ConfigError, match=r"sync\.resources\.people\.window") as caught:
        campus.sync()
    assert says in str(caught.value)
    assert campus.school.requests == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"since": "soon"}, "--since: is no date or time; got 'soon'; allowed: such as 2024-08-01"),
        ({"until": "2024-08-01"}, "--until: needs --since"),
        ({"since": "2024-08-01", "until": "2024-08-01"}, "--since: must be before --until"),
        ({"since": "2024-08-01", "select": ("terms",)}, "--since: no resource has an `incremental`"),
    ],
)
def test_a_span_that_is_none_is_refused(campus: Campus, options: dict[str, Any], says: str) -> None:
    campus.configure(people(), "terms")
    with pytest.raises(ConfigError) as caught:
        campus.sync(**options)
    assert says in str(caught.value)


def test_a_parameter_whose_placeholder_has_no_value_is_left_out(campus: Campus) -> None:
    """dlt asks for updated_until=None."""
    spans = {"updated_since": "{incremental.start_value}", "updated_until": "{incremental.end_value}"}
    resource = people(start_param=None, end_param=None)
    resource["endpoint"]["params"] = spans
    campus.configure(resource)
    assert campus.sync().resources["people"].status is Status.COMPLETE
    assert asked(campus) == [(START, None)]
    campus.school.clear_log()
    campus.sync(since="2026-01-01", until="2026-01-10")
    assert asked(campus) == [("2026-01-01T00:00:00Z", "2026-01-10T00:00:00Z")]
