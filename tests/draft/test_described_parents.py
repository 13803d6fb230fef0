"""Where the values of path parameters come from."""

from typing import Any

import pytest
from describing import ROW, drafted, get, many, names, openapi, query, resource

from homeroom.draft.values import Confidence, DraftedResource

TEXT = {"type": "string"}


def obj(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def child(path: str, *lists: str, row: Any = ROW) -> DraftedResource:
    """The resource of `path` beside other lists; the last one of the draft."""
    paths = {each: get(many()) for each in lists} | {path: get(many(row))}
    return drafted(openapi(paths=paths)).resources[-1]


@pytest.mark.parametrize("parameter", ["course_id", "courseId", "id", "course"])
def test_the_list_in_front_of_a_parameter_gives_it(parameter: str) -> None:
    found = child(f"/courses/{{{parameter}}}/users", "/courses")
    assert found.path.value == "courses/{resources.courses.id}/users"
    assert found.path.confidence is Confidence.CERTAIN
    assert found.include_from_parent == ("id",)


def test_a_path_is_written_as_it_is_described() -> None:
    assert child("/courses/{id}/users/", "/courses/").path.value == "courses/{resources.courses.id}/users/"
    assert child("/courses/{id}/users.json", "/courses.json").path.value == "courses/{resources.courses.id}/users.json"


def test_versions_in_the_path_do_not_matter() -> None:
    assert child("/v2/courses/{id}/users", "/v3/courses").path.value == "v2/courses/{resources.courses.id}/users"


def test_a_list_of_that_name_gives_it_too() -> None:
    found = child("/chapters/{id}/contents", "/courses", "/courses/{id}/chapters")
    assert found.path.value == "chapters/{resources.chapters.id}/contents"
    assert found.path.confidence is Confidence.LIKELY


def test_grandparents_come_by_way_of_the_parent() -> None:
    draft = drafted(
        openapi(
            paths={
                "/courses/{c}/tasks/{t}/answers/{a}/files": get(many()),
                "/courses/{c}/tasks/{t}/answers": get(many()),
                "/courses/{c}/tasks": get(many(obj(id=TEXT, c=TEXT))),
                "/courses": get(many()),
            }
        )
    )
    assert names(draft) == ["courses", "tasks", "answers", "files"]
    assert resource(draft, "tasks").include_from_parent == ("id",)
    assert resource(draft, "answers").include_from_parent == ("id", "_courses_id")
    assert resource(draft, "files").path.value == (
        "courses/{resources.answers._tasks__courses_id}/tasks/{resources.answers._tasks_id}"
        "/answers/{resources.answers.id}/files"
    )


def test_rows_that_are_no_such_thing_give_the_identifier_of_it() -> None:
    parts = {"components": {"schemas": {"Membership": obj(id=TEXT, userId=TEXT)}}}
    paths = {
        "/courses": get(many()),
        "/courses/{courseId}/users": get(many({"$ref": "#/components/schemas/Membership"})),
        "/courses/{courseId}/grades/users/{userId}": get(many()),
    }
    draft = drafted(openapi(paths=paths, **parts))
    assert draft.resources[-1].path.value == (
        "courses/{resources.users._courses_id}/grades/users/{resources.users.userId}"
    )


def test_a_row_may_have_what_its_path_needs() -> None:
    paths = {
        "/tasks": get(many(obj(id=TEXT, courseId=TEXT))),
        "/courses/{courseId}/tasks/{taskId}/answers": get(many()),
    }
    found = resource(drafted(openapi(paths=paths)), "answers")
    assert found.path.value == "courses/{resources.tasks.courseId}/tasks/{resources.tasks.id}/answers"


def test_a_required_query_parameter_may_be_given_by_a_list() -> None:
    paths = {"/courses": get(many()), "/reviews": get(many(), query("course_id", required=True))}
    found = resource(drafted(openapi(paths=paths)), "reviews")
    assert (found.path.value, found.params) == ("reviews", {"course_id": "{resources.courses.id}"})


def test_a_parameter_that_is_one_of_a_few_words_has_the_first() -> None:
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "enum": ["Book", "Film"]}}
    paths = {
        "/shelves/{kind}": get({"type": "object", "properties": {"results": many(), "paging": obj(next=TEXT)}}, kind)
    }
    (found,) = drafted(openapi(paths=paths)).resources
    assert (found.path.value, found.path.confidence) == ("shelves/Book", Confidence.GUESS)
    assert "it may also be Film" in found.path.evidence


@pytest.mark.parametrize("path", ["/bundles/{id}/courses", "/users/{user_id}/groups"])
def test_a_parameter_that_nothing_gives_leaves_the_list_out(path: str) -> None:
    draft = drafted(openapi(paths={"/courses": get(many()), path: get(many())}))
    assert names(draft) == ["courses"]
    assert [left.name for left in draft.left] == [f"GET {path}"]
    assert "no list of the description gives it" in draft.left[0].why


def test_lists_that_would_give_each_other_are_left_out() -> None:
    each_other = ["/users/{user_id}/groups", "/groups/{group_id}/users"]
    draft = drafted(openapi(paths={path: get(many()) for path in ("/books", *each_other)}))
    assert (names(draft), len(draft.left)) == (["books"], 2)


def test_a_child_that_is_asked_for_brings_its_parents() -> None:
    lists = ["/courses", "/users", "/courses/{id}/tasks", "/courses/{id}/tasks/{taskId}/answers"]
    draft = drafted(openapi(paths={each: get(many()) for each in lists}), endpoints=["answers"])
    assert names(draft) == ["courses", "tasks", "answers"]
