"""The stand-in for OneRoster is no friendlier than the certified service. What each test stands for: conftest.py."""

from __future__ import annotations

import pytest
from asking import ask, roster, token
from oneroster_server import CORE, DEMOGRAPHICS, FULL, OneRoster


def test_a_token_is_given_for_id_and_secret_in_a_basic_header(oneroster: OneRoster) -> None:
    assert token(oneroster).json["token_type"] == "Bearer"
    refused = token(oneroster, secret="wrong")
    assert (refused.status, refused.json["error"]) == (401, "invalid_client")


def test_no_organisation_is_an_empty_list(oneroster: OneRoster) -> None:
    with oneroster.changed(organizations=[]):
        heard = roster(oneroster, "users")
    assert (heard.status, heard.json) == (200, {"users": []})


@pytest.mark.parametrize(
    ("kind", "query", "bearer", "status", "minor"),
    [
        ("users", {}, "", 401, None),
        ("users", {}, "other.token", 401, None),
        ("lineItems", {}, None, 404, None),
        ("users", {"limit": "many"}, None, 400, "invalid_data"),
        ("users", {"filter": "shoeSize='9'"}, None, 400, "invalid_data"),
    ],
)
def test_refusals_carry_the_status_of_the_standard(
    oneroster: OneRoster, kind: str, query: dict[str, str], bearer: str | None, status: int, minor: str | None
) -> None:
    heard = roster(oneroster, kind, bearer=bearer, **query)
    assert (heard.status, heard.json["imsx_codeMajor"], heard.json.get("imsx_codeMinor")) == (status, "failure", minor)
    assert "filter" not in query or "Allowed fields: sourcedId, status" in heard.json["imsx_description"]


def test_demographics_need_a_scope_of_their_own(oneroster: OneRoster) -> None:
    with oneroster.changed(granted=[CORE, FULL, DEMOGRAPHICS]):
        full, own = token(oneroster, FULL).json["access_token"], token(oneroster, DEMOGRAPHICS).json["access_token"]
    heard = roster(oneroster, "demographics", bearer=full)
    assert (heard.status, "roster-demographics.readonly" in heard.json["imsx_description"]) == (403, True)
    assert roster(oneroster, "demographics", bearer=own).status == 200
    assert roster(oneroster, "users", bearer=full).status == 200
    assert roster(oneroster, "users", bearer=own).status == 403


def test_pages_are_cut_at_500_without_a_sign(oneroster: OneRoster) -> None:
    heard = roster(oneroster, "users", limit=2000)
    assert len(heard.json["users"]) == 500
    assert {name.lower() for name in heard.headers}.isdisjoint({"x-total-count", "link"})
    assert len(roster(oneroster, "users").json["users"]) == 100
    assert len(roster(oneroster, "users", limit=500, offset=1000).json["users"]) == 203
    beyond = roster(oneroster, "users", limit=500, offset=1203)
    assert (beyond.status, beyond.json) == (200, {"users": []})


def test_a_filter_by_time_works(oneroster: OneRoster) -> None:
    kept = [row for row in oneroster.rows["orgs"] if row["dateLastModified"] >= "2026-11-02"]
    heard = roster(oneroster, "orgs", filter="dateLastModified>='2026-11-02T00:00:00.000Z'")
    assert heard.json["orgs"] == kept


def test_the_rate_is_told_and_held(oneroster: OneRoster) -> None:
    told = roster(oneroster, "orgs").headers
    assert (told["RateLimit-Policy"], told["RateLimit-Limit"], told["RateLimit-Remaining"]) == ("100;w=60", "100", "99")
    with oneroster.changed(policy=(2, 60)):
        roster(oneroster, "orgs")
        heard = roster(oneroster, "orgs")
    assert (heard.status, heard.headers["Content-Type"]) == (429, "text/html")
    assert int(heard.headers["Retry-After"]) in range(50, 61)
    assert heard.text == "Too many requests, please try again later."


def test_rows_leave_out_nulls_and_write_booleans_as_texts(oneroster: OneRoster) -> None:
    users = roster(oneroster, "users", limit=500).json["users"]
    assert {user["enabledUser"] for user in users} == {"true", "false"}
    assert {"middleName" in user for user in users} == {True, False}
    assert None not in [value for user in users for value in user.values()]
    assert {user["status"] for user in users} == {"active"}
    assert users[0]["roles"][0]["org"]["href"].startswith("/orgs/")
    assert [user["sourcedId"] for user in users] == sorted(user["sourcedId"] for user in users)
    assert {len(user["sourcedId"]) for user in users} == {32}


def test_who_is_gone_is_absent(oneroster: OneRoster) -> None:
    before = oneroster.rows
    gone = before["users"][0]["sourcedId"]
    with oneroster.changed(rows=dict(before)):
        oneroster.refresh_without("users", gone)
        assert oneroster.counts()["users"] == 1202
        assert gone not in [user["sourcedId"] for user in roster(oneroster, "users", limit=500).json["users"]]


def test_version_1_1_is_signed_and_counts() -> None:
    with OneRoster("1.1") as service:
        heard = ask(f"{service.url}/ims/oneroster/v1p1/users")
        signed = 'OAuth oauth_consumer_key="homeroom-reader", oauth_signature="bm90IHRoaXM%3D"'
        wrong = ask(f"{service.url}/ims/oneroster/v1p1/users", {"Authorization": signed})
    assert [each.status for each in (heard, wrong)] == [401, 401]
