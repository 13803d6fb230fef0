import pytest

from homeroom.draft.endpoints import linked, read_endpoints, split_list
from homeroom.errors import ConfigError


def names(*given: str) -> list[tuple[str, str, str]]:
    return [(each.name, each.path, each.method) for each in read_endpoints(given)]


def test_a_list_is_named_by_the_last_part_of_its_path() -> None:
    assert names("users", "/v2/academicSessions/") == [
        ("users", "users", "GET"),
        ("academic_sessions", "v2/academicSessions", "GET"),
    ]


def test_a_list_may_be_given_a_name_and_be_read_by_post() -> None:
    assert names("people=v1/persons", "POST search/users") == [
        ("people", "v1/persons", "GET"),
        ("users", "search/users", "POST"),
    ]


def test_lists_of_one_name_are_told_apart_by_more_of_their_path() -> None:
    found = names("users", "courses/{id}/users", "groups/{id}/users")
    assert [name for name, _, _ in found] == ["users", "courses_users", "groups_users"]
    assert [name for name, _, _ in names("users", "users")] == ["users", "users_2"]


@pytest.mark.parametrize("text", ["users?x=1", "https://x/users", "", "PUT users", "a b"])
def test_what_is_no_list_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ConfigError, match="PATH below the URL"):
        read_endpoints([text])


def test_an_index_of_links_is_a_list_of_lists() -> None:
    body = {"users": "https://x/v1/users/", "self": "https://x/v1/", "docs": "https://elsewhere/", "version": 3}
    assert linked(body, "https://x/v1") == ["users"]
    assert linked([], "https://x/v1") == []


def test_a_url_that_is_a_list_itself_is_its_base_and_its_path() -> None:
    assert split_list("https://x/api/v1/users/") == ("https://x/api/v1", "users")
    assert split_list("https://x/") is None
