"""From a URL and a key to a complete sync with no edit: the sample school, each paging style in turn."""

import os
import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import homeroom
from homeroom.cli.app import app
from homeroom.demo import School
from homeroom.privacy import Hider

COMPLETE = ("v1", "cursor", "link", "link-relative", "header", "header-cursor", "all")
BY_PAGE = ("page", "page0")


pytestmark = pytest.mark.usefixtures("at_the_school")


def drafted(school: School, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["draft", *arguments, "-o", "x.yaml"])
    assert done.exit_code == 0, done.output
    text = Path("x.yaml").read_text()
    assert school.api_key not in text + done.output
    valid = CliRunner().invoke(app, ["validate", "x.yaml"])
    assert valid.exit_code == 0, valid.output
    return text


def ids(table: str) -> list[str]:
    with duckdb.connect("school.duckdb") as connection:
        return sorted(str(row[0]) for row in connection.execute(f"SELECT id FROM x.{table}").fetchall())


def wanted(school: School, entity: str) -> list[str]:
    """The ids; those of people are hashed by the draft's rules."""
    found = [str(row["id"]) for row in school.rows(entity)]
    return sorted(Hider(os.environ["HOMEROOM_PRIVACY_KEY"]).hashes(found) if entity == "people" else found)


@pytest.mark.parametrize("style", [*COMPLETE, *BY_PAGE, "search"])
def test_a_draft_of_the_sample_school_is_synced_whole_with_no_edit(school: School, style: str) -> None:
    method = "POST " if style == "search" else ""
    text = drafted(school, f"{school.url}/{style}", "--endpoint", f"{method}users", "--endpoint", f"{method}courses")
    report = homeroom.sync("x.yaml")
    for name, entity in (("users", "people"), ("courses", "courses")):
        assert ids(name) == wanted(school, entity)
        # By page numbers nothing can be proved where the API counts pages and not rows.
        assert report.resources[name].status == ("unproved" if style in BY_PAGE else "complete")
    assert "nested table users__roles: org_id bigint, role text" in text
    assert (
        "# certain: without a key the answer is 401, WWW-Authenticate: Bearer; with it as a bearer token it is 200"
        in text
    )


def test_a_second_sync_of_a_draft_asks_for_what_is_new(school: School) -> None:
    drafted(school, f"{school.url}/v1", "--endpoint", "users")
    homeroom.sync("x.yaml")
    again = homeroom.sync("x.yaml")
    assert again.resources["users"].rows_received < 10
    assert ids("users") == wanted(school, "people")


def test_a_draft_is_made_with_few_requests(school: School) -> None:
    text = drafted(school, f"{school.url}/v1", "--endpoint", "users", "--endpoint", "courses")
    sent = re.search(r"with (\d+) requests", text)
    assert sent is not None
    assert int(sent[1]) <= 22


def test_a_list_within_the_rows_of_another_one_becomes_its_child(school: School) -> None:
    text = drafted(school, f"{school.url}/v1", "--endpoint", "courses", "--endpoint", "courses/{id}/sections")
    assert "path: courses/{resources.courses.id}/sections" in text
    # Asked for what is new alone, the sections of courses that have not changed would not be asked for.
    assert "not used, because the lists below rows" in " ".join(text.replace("#", " ").split())
    assert "start_param" not in text
    homeroom.sync("x.yaml")
    assert ids("sections") == wanted(school, "sections")
