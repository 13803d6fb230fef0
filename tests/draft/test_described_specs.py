"""Drafts from the four real descriptions of ../shared/specs: nothing is lost, and the catalogue's configs agree."""

from pathlib import Path
from typing import Any

import pytest
from specs_table import FILES, SPECS, compared, draft, drafted, list_paths, route, serving_base

from homeroom.catalog import find_platform
from homeroom.config import load_config
from homeroom.draft.values import Confidence
from homeroom.draft.writing import written

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=f"the real descriptions are not in {SPECS}")
PLATFORMS = [*FILES]

COUNTS = {"canvas": (11, 11, 0), "thinkific": (20, 18, 3), "oneroster_1_2": (12, 12, 0), "blackboard": (94, 84, 10)}
"""Lists by the rule of specs_table, resources, and what is left with a reason (at Thinkific a list of numbers too)."""

WITHOUT_KEY = {"blackboard": {"message_folders"}}
"""Rows of which no field is an identity: a folder has a name, a label and a type."""

NOT_THERE = {
    "canvas": {
        "root_account": "a single object, which the catalogue reads as a list of one",
        "accounts": "sub_accounts is not in this partial description",
        "terms": "not in this partial description",
        "users": "lists users of accounts, and this partial description has those of courses alone",
        "sections": "not in this partial description",
        "assignment_groups": "not in this partial description",
        "submissions": "this partial description has those of single assignments alone",
    },
}
NO_SIZE = "the description tells no maximum; the catalogue has it from the vendor's pages"
DIFFERS = {
    "canvas": {("enrollments", "page size"): "per_page is described for the other lists, not for this one"},
    "thinkific": {},
    "oneroster_1_2": {
        (name, "page size"): "only the default is described; the catalogue has the maximum from a real server"
        for name in ("orgs", "academic_sessions", "courses", "classes", "users", "enrollments")
    },
    "blackboard": {
        (name, "page size"): NO_SIZE
        for name in ("terms", "courses", "users", "memberships", "groups", "grade_columns", "grades", "attempts")
    },
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_list_is_a_resource_or_left_with_a_reason(platform: str) -> None:
    base = serving_base(platform)
    described = {route(base + path) for path in list_paths(platform)}
    taken = {*drafted(platform)} | {route(each.path.value) for each in draft(platform).resources}
    left = {route(base + each.name.removeprefix("GET ")): each.why for each in draft(platform).left}
    # A parameter that is one of a few words stands in the draft's path as the first of them.
    fixed = {at.replace("/Course", "/{}") for at in taken}
    assert described - taken - fixed - {*left} == set()
    assert all(left.values())
    assert COUNTS[platform] == (len(described), len(draft(platform).resources), len(left))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_resource_has_envelope_paging_key_and_columns(platform: str) -> None:
    for resource in draft(platform).resources:
        assert resource.selector.value
        assert resource.selector.confidence is Confidence.CERTAIN
        assert resource.paginator.value["type"] != "single_page"
        assert bool(resource.primary_key.value) == (resource.name not in WITHOUT_KEY.get(platform, set()))
        assert any(column.declared for column in resource.columns)
        assert all(column.evidence for column in resource.columns)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_names_and_columns_are_unique(platform: str) -> None:
    resources = draft(platform).resources
    assert len({each.name for each in resources}) == len(resources)
    for resource in resources:
        assert len({(each.table, each.name) for each in resource.columns}) == len(resource.columns)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_draft_validates(platform: str, tmp_path: Path) -> None:
    made = draft(platform)
    told = {"name": platform, "destination": "duckdb", "command": "homeroom draft", "version": "1"}
    (tmp_path / "drafted.yaml").write_text(written(made, **told))
    environ = {each.variable: _value(each.variable) for each in made.secrets if not each.is_secret} | PRIVATE
    asked: list[str] = []
    config = load_config(str(tmp_path / "drafted.yaml"), environ=environ, read_secret=_keep(asked))
    assert len(config.source["resources"]) == len(made.resources)
    assert {*asked} == {each.variable.lower() for each in made.secrets if each.is_secret}


PRIVATE = {"HOMEROOM_PRIVACY_KEY": "k" * 32}


def _value(variable: str) -> str:
    return "https://x.example.org" if variable.endswith("_URL") else "told"


def _keep(asked: list[str]) -> Any:
    def read(name: str) -> str:
        asked.append(name)
        return "s3cret"

    return read


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_catalogue_agrees_but_for_what_is_listed_here(platform: str) -> None:
    beside = list(compared(platform))
    assert {each.name for each in beside if not each.drafted} == {*NOT_THERE.get(platform, {})}
    assert {(each.name, what) for each in beside for what in each.differs} == {*DIFFERS[platform]}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_catalogue_signs_in_the_same_way(platform: str) -> None:
    client = find_platform(platform).config["source"]["client"]
    ours = draft(platform).auth.value
    assert ours is not None
    same = ("type", "name", "location", "client_auth")
    assert [ours.get(each) for each in same] == [client["auth"].get(each) for each in same]
    assert {*draft(platform).headers} == {*client.get("headers", {})}


def test_a_grade_is_asked_for_by_its_columns_course() -> None:
    (found,) = [each for each in draft("blackboard").resources if each.name == "gradebook_column_users"]
    assert found.path.value == (
        "v2/courses/{resources.gradebook_columns._courses_id}/gradebook/columns/{resources.gradebook_columns.id}/users"
    )
    assert found.primary_key.value == ("columnId", "userId")


def test_a_header_beside_the_key_is_read_from_the_environment(tmp_path: Path) -> None:
    made = draft("thinkific")
    text = written(made, name="site", destination="duckdb", command="homeroom draft", version="1")
    (tmp_path / "drafted.yaml").write_text(text)
    environ = {"THINKIFIC_ADMIN_SUBDOMAIN": "my-school", **PRIVATE}
    config = load_config(str(tmp_path / "drafted.yaml"), environ=environ, read_secret=lambda _: "s3cret")
    assert config.source["client"]["headers"] == {"X-Auth-Subdomain": "my-school"}
