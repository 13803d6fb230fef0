"""Change versions, tombstones and rows that are written down late."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Client

Opened = Callable[..., "Client"]
NEWEST = "/changes/availableChangeVersions"


def rename(client: "Client", row_id: int, name: str = "Anew") -> None:
    """Another name for a term."""
    row = next(row for row in client.school.rows("terms") if row["id"] == row_id)
    client.school.put("terms", row | {"name": name})


def ids(client: "Client", path: str = "/v1/terms", **query: object) -> list[int]:
    """In the order given."""
    return [row["id"] for row in client.get(path, **query).json()["data"]]


def newest(client: "Client") -> int:
    """As the school says."""
    told = client.get(NEWEST).json()
    assert told["oldestChangeVersion"] == 0 and set(told) == {"oldestChangeVersion", "newestChangeVersion"}
    assert told["newestChangeVersion"] == client.school.newest_change
    return int(told["newestChangeVersion"])


def test_every_change_has_the_next_number(opened: Opened) -> None:
    """Of whatever entity: there is one sequence."""
    client = opened()
    assert newest(client) == 0
    rename(client, 11)
    client.school.put("people", client.school.rows("people")[0])
    client.school.remove("terms", 12)
    assert newest(client) == 3


def test_change_versions_need_the_key(client: "Client") -> None:
    """As rows do."""
    assert client.bare(NEWEST).status_code == 401


def test_a_span_of_versions_has_both_of_its_ends(opened: Opened) -> None:
    """Rows by their last change; 0 is that of rows that never changed."""
    client = opened()
    for row_id in (12, 11, 12):
        rename(client, row_id)
    assert ids(client, minChangeVersion=0, maxChangeVersion=0) == [13]
    assert ids(client, minChangeVersion=2, maxChangeVersion=2) == [11]
    assert ids(client, minChangeVersion=1, maxChangeVersion=3) == [11, 12]
    assert ids(client, minChangeVersion=3) == [12]
    assert ids(client, maxChangeVersion=2) == [11, 13]
    assert client.get("/v1/terms", minChangeVersion=2).json()["total"] == 2


def test_children_are_filtered_by_version_too(opened: Opened) -> None:
    """They are offset lists."""
    client = opened()
    row = client.school.rows("sections")[0]
    client.school.put("sections", row)
    assert ids(client, f"/v1/courses/{row['course_id']}/sections", minChangeVersion=1) == [row["id"]]


@pytest.mark.parametrize("name", ["minChangeVersion", "maxChangeVersion"])
@pytest.mark.parametrize("path", ["/v1/terms", "/v1/terms/deletes"])
def test_a_version_that_is_none_is_refused(path: str, name: str, client: "Client") -> None:
    """Naming it."""
    answer = client.get(path, **{name: "soon"})
    assert answer.status_code == 400 and f"{name}='soon' is not allowed" in answer.json()["message"]


def test_removed_rows_leave_tombstones(opened: Opened) -> None:
    """In the order in which they went, paged by offset and filtered by version."""
    client = opened()
    for row_id in (13, 11, 12):
        client.school.remove("terms", row_id)
    told = [{"id": row_id, "changeVersion": nth, "keyValues": {"id": row_id}} for nth, row_id in enumerate((13, 11), 1)]
    assert client.get("/v1/terms/deletes", limit=2).json() == {"data": told, "total": 3}
    assert ids(client, "/v1/terms/deletes", offset=2, limit=2) == [12]
    assert ids(client, "/v1/terms/deletes", minChangeVersion=2, maxChangeVersion=2) == [11]
    assert ids(client, "/v1/schools/deletes") == []


def test_a_row_that_is_back_is_no_tombstone(opened: Opened) -> None:
    """As in Ed-Fi: it is among the changes."""
    client = opened()
    row = client.school.rows("terms")[0]
    client.school.remove("terms", row["id"])
    client.school.put("terms", row)
    assert ids(client, "/v1/terms/deletes") == []
    assert ids(client, minChangeVersion=1) == [row["id"]] and newest(client) == 2


def test_ignored_filters_are_versions_too(opened: Opened) -> None:
    """Of rows and of tombstones."""
    client = opened(ignore_filters="on")
    client.school.remove("terms", 13)
    assert ids(client, minChangeVersion=9) == [11, 12]
    assert ids(client, "/v1/terms/deletes", minChangeVersion="soon") == [13]


def test_drift_has_versions_too(opened: Opened) -> None:
    """It changes rows as anybody does."""
    client = opened(drift="both", drift_every=1)
    client.get("/v1/terms")
    assert newest(client) == 2
    assert ids(client, "/v1/terms/deletes", dials="drift=none") == [11]


def test_a_marked_row_stays_in_the_list_and_says_so(opened: Opened) -> None:
    """It is gone from the truth, and is a tombstone and a change."""
    client = opened(deleted="marked")
    gone = client.school.rows("terms")[1]
    client.school.remove("terms", gone["id"], "2027-01-01T00:00:00Z")
    said = {"status": "tobedeleted", "updated_at": "2027-01-01T00:00:00Z"}
    assert client.get("/v1/terms", minChangeVersion=1).json()["data"] == [gone | said]
    assert ids(client) == [11, 12, 13] and ids(client, "/v1/terms/deletes") == [12]
    assert [row["id"] for row in client.school.rows("terms")] == [11, 13]
    with pytest.raises(KeyError):
        client.school.remove("terms", gone["id"])


def test_a_marked_row_is_as_new_as_the_newest(opened: Opened) -> None:
    """Unless its time is given, so that whoever asks for what is new finds it."""
    client = opened(deleted="marked")
    people = client.school.rows("people")
    latest = max((row["updated_at"] for row in people), key=datetime.fromisoformat)
    client.school.remove("people", people[3]["id"])
    assert people[3]["id"] in ids(client, "/v1/people", updated_since=latest)


def test_a_marked_row_comes_back(opened: Opened) -> None:
    """By being put."""
    client = opened(deleted="marked")
    row = client.school.rows("terms")[0]
    client.school.remove("terms", row["id"])
    client.school.put("terms", row)
    assert client.get("/v1/terms").json()["data"][0] == row == client.school.rows("terms")[0]
    assert ids(client, "/v1/terms/deletes") == []


def test_a_row_may_drift_in_late(opened: Opened) -> None:
    """It says that it is older than what was there before it."""
    client = opened(drift="insert", drift_every=2, late_rows_s=90)
    before: list[dict[str, Any]] = client.school.rows("courses")
    latest = max(datetime.fromisoformat(row["updated_at"]) for row in before)
    for _ in range(2):
        client.get("/v1/courses")
    new = client.school.rows("courses")[-1]
    assert new["id"] not in [row["id"] for row in before]
    assert datetime.fromisoformat(new["updated_at"]) == latest - timedelta(seconds=90)
