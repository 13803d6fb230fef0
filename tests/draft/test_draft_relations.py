import sys
from pathlib import Path
from urllib.parse import urlsplit

from requests import PreparedRequest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "fetch"))

from paper import Listed, drafted, people
from scripted import answer

from homeroom.values import Answer


def campus(request: PreparedRequest) -> Answer:
    """Courses, and within each of them its users, of which no list tells all; and each course alone, with more."""
    match urlsplit(str(request.url)).path.strip("/").split("/"):
        case ["courses"]:
            return Listed(people(30))(request)
        case ["courses", course]:
            return answer({"id": int(course), "name": "n", "syllabus": "…", "office": "…"})
        case ["courses", course, "users"]:
            return Listed([{"id": n, "of": int(course)} for n in range(25)])(request)
    return answer({"error": "not found"}, 404)


def test_a_list_that_is_only_within_the_rows_of_another_one_is_its_child() -> None:
    draft = drafted(campus, "users", "courses")
    users, courses = draft.resources
    assert users.path.value == "courses/{resources.courses.id}/users"
    assert users.include_from_parent == ("id",)
    assert courses.path.value == "courses"


def test_a_child_whose_ids_come_again_in_another_parent_is_told_apart_by_both() -> None:
    users, _ = drafted(campus, "users", "courses").resources
    assert users.primary_key.value == ("id", "_courses_id")
    assert "together are unique" in users.primary_key.evidence


def test_a_path_with_a_hole_takes_the_list_before_it_as_its_parent() -> None:
    _, users = drafted(campus, "courses", "courses/{course_id}/users").resources
    assert users.path.value == "courses/{resources.courses.id}/users"


def test_what_a_row_says_more_when_it_is_asked_for_alone_is_told() -> None:
    (courses,) = drafted(campus, "courses").resources
    told = next(note for note in courses.notes if note.startswith("courses/{id} answers"))
    assert "with 2 fields more (syllabus, office)" in told
    assert "courses/{resources.courses.id}" in told


def test_a_list_that_is_nowhere_is_left_out_with_the_reason() -> None:
    draft = drafted(campus, "courses", "grades")
    assert [each.name for each in draft.left] == ["grades"]
    assert "grades is answered 404, nor within a row of courses" in draft.left[0].why


def test_an_error_with_a_good_status_is_no_row() -> None:
    def handler(request: PreparedRequest) -> Answer:
        if "grades" in str(request.url):
            return answer({"exception": "moodle_exception", "errorcode": "nopermission", "message": "no"})
        return campus(request)

    draft = drafted(handler, "courses", "grades")
    assert [each.name for each in draft.left] == ["grades"]
    assert "the answer is an error object with status 200" in draft.left[0].why


def test_a_list_that_fails_in_the_middle_is_left_out_and_no_id_is_told() -> None:
    def handler(request: PreparedRequest) -> Answer:
        return answer({}, 503) if "/1000/users" in str(request.url) else campus(request)

    draft = drafted(handler, "courses", "users")
    assert [each.name for each in draft.resources] == ["courses"]
    assert "courses/{id}/users" in draft.left[0].why
    assert "1000" not in draft.left[0].why
