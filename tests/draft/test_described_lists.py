"""Which operations are lists, where their rows are, and what they are called."""

from typing import Any

import pytest
from describing import ROW, drafted, get, many, names, one, openapi, query, resource, swagger

from homeroom.draft.values import Confidence, Draft
from homeroom.errors import ConfigError


def envelope(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def beside(path: str, operation: dict[str, Any]) -> Draft:
    """What is drafted of an operation beside a list, `others`."""
    return drafted(openapi(paths={"/others": get(many()), path: operation}))


PAGING = envelope(total={"type": "integer"}, next={"type": "string", "format": "uri"})


def test_a_bare_array_is_the_answer_itself() -> None:
    selector = one(get(many())).selector
    assert (selector.value, selector.confidence) == ("$", Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        (envelope(results=many(), paging=PAGING), "results"),
        (envelope(books=many()), "books"),
        (envelope(data=envelope(items=many()), meta=PAGING), "data.items"),
        (envelope(_embedded=envelope(books=many()), _links=envelope()), "_embedded.books"),
        (envelope(errors=many(), books=many(), links=many()), "books"),
        ({"allOf": [envelope(total={"type": "integer"}), envelope(value=many())]}, "value"),
        ({"oneOf": [envelope(error={"type": "string"}), envelope(items=many(), total={"type": "integer"})]}, "items"),
        ({"anyOf": [{"type": "null"}, envelope(items=many())]}, "items"),
        ({"type": ["object", "null"], "properties": {"items": many()}}, "items"),
    ],
)
def test_an_envelope_is_named_by_the_path_to_its_rows(answer: dict[str, Any], at: str) -> None:
    assert one(get(answer)).selector.value == at


def test_of_several_arrays_the_one_named_like_the_list_is_taken_and_the_others_offered() -> None:
    selector = one(get(envelope(authors=many(), books=many()))).selector
    assert (selector.value, selector.others) == ("books", ("authors",))
    assert selector.confidence is Confidence.LIKELY


def test_of_arrays_that_nothing_tells_apart_the_first_is_a_guess() -> None:
    selector = one(get(envelope(old=many(), new=many()))).selector
    assert (selector.value, selector.confidence, selector.others) == ("old", Confidence.GUESS, ("new",))


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/books/{id}", ROW),
        ("/books/{id}", envelope(id={"type": "integer"}, authors=many())),
        ("/status", envelope(up={"type": "boolean"}, hosts={"type": "array", "items": {"type": "string"}})),
        ("/me", envelope(id={"type": "integer"}, badges=many())),
    ],
)
def test_a_single_thing_is_no_list_even_with_lists_in_it(path: str, schema: dict[str, Any]) -> None:
    draft = beside(path, get(schema))
    assert (names(draft), draft.left) == (["others"], ())


def test_a_list_of_plain_values_is_left_out_with_the_reason() -> None:
    draft = beside("/books", get({"type": "array", "items": {"type": "number"}}))
    assert [(left.name, left.why) for left in draft.left] == [
        ("GET /books", "its rows are no objects, but of the type number")
    ]


def test_a_list_of_which_only_the_words_speak_is_a_guess() -> None:
    found = one(get(summary="List all books"))
    assert (found.selector.value, found.selector.confidence) == ("$", Confidence.GUESS)
    assert "no schema" in found.selector.evidence


@pytest.mark.parametrize(
    ("path", "summary"), [("/books/export", "List of books as CSV"), ("/books/{id}", "Get a book"), ("/ping", "Ping")]
)
def test_words_alone_make_no_list_of_files_and_single_things(path: str, summary: str) -> None:
    assert names(beside(path, get(summary=summary))) == ["others"]


def test_what_is_no_json_is_no_list() -> None:
    operation = get(many())
    operation["responses"]["200"]["content"] = {"text/csv": {"schema": many()}}
    assert names(beside("/books", operation)) == ["others"]
    answers = {
        kind: {"produces": [kind], "responses": {"200": {"schema": many()}}} for kind in ("image/png", "text/json")
    }
    assert names(drafted(swagger(host="x.org", paths={f"/{kind}": each for kind, each in answers.items()}))) == [
        "text_json"
    ]


def test_json_of_a_vendor_and_another_good_status_will_do() -> None:
    operation = get()
    content = {"application/vnd.lantern+json": {"schema": many()}}
    operation["responses"] = {"206": {"content": content}, "404": {"description": "no"}}
    assert one(operation).selector.value == "$"


def test_a_search_by_post_is_no_list() -> None:
    document = openapi(paths={"/books": get(many())})
    document["paths"]["/books/search"] = {"post": get(many())}
    assert names(drafted(document)) == ["books"]


def test_the_newest_version_that_is_not_deprecated_is_taken() -> None:
    paths = {
        "/v1/books": get(many()),
        "/v10/books": get(many(), deprecated=True),
        "/v3/books": get(many()),
        "/v1/loans": get(many(), deprecated=True),
    }
    draft = drafted(openapi(paths=paths))
    assert {each.name: each.path.value for each in draft.resources} == {"books": "v3/books", "loans": "v1/loans"}
    assert any("deprecated" in note for note in resource(draft, "loans").notes)
    assert {left.name: left.why for left in draft.left} == {
        "GET /v1/books": "the older version of the same list as books",
        "GET /v10/books": "the deprecated version of the same list as books",
    }


def test_names_are_short_snake_case_and_unique() -> None:
    paths = {
        "/users": get(many()),
        "/courses": get(many()),
        "/courses/{courseId}/users": get(many()),
        "/courses/{courseId}/gradeBook/columns": get(many()),
        "/courses/{courseId}/reviews": get(many()),
        "/users/{userId}/reviews": get(many()),
        "/courses/{courseId}/related": get(many()),
    }
    draft = drafted(openapi(paths=paths))
    assert {
        each.path.value.rpartition("/")[2]: each.name for each in draft.resources if "{" not in each.path.value
    } == {
        "users": "users",
        "courses": "courses",
    }
    assert {*names(draft)} == {
        "users",
        "courses",
        "course_users",
        "grade_book_columns",
        "course_reviews",
        "user_reviews",
        "course_related",
    }


def test_a_name_does_not_depend_on_what_is_asked_for() -> None:
    paths = {"/users": get(many()), "/courses": get(many()), "/courses/{id}/users": get(many())}
    draft = drafted(openapi(paths=paths), endpoints=["/courses/{id}/users"])
    assert names(draft) == ["courses", "course_users"]
    assert draft.left == ()


@pytest.mark.parametrize("asked", ["loans", "/loans", "api/v1/loans", "/api/v1/loans"])
def test_a_list_is_asked_for_by_name_or_path(asked: str) -> None:
    paths = {"/api/v1/loans": get(many()), "/api/v1/books": get(many())}
    assert names(drafted(openapi(paths=paths), endpoints=[asked])) == ["loans"]


def test_what_is_asked_for_and_not_there_is_left_with_the_reason() -> None:
    paths = {"/books": get(many()), "/books/{id}": get(ROW), "/stores/{store}/books": get(many())}
    asked = ["books", "films", "/books/{id}", "store_books"]
    draft = drafted(openapi(paths=paths), endpoints=asked)
    assert [(left.name, left.why) for left in draft.left] == [
        ("films", "the description has no list of this name or path"),
        ("/books/{id}", "it is described, but not as a list of objects"),
        ("GET /stores/{store}/books", "its path needs {store}, and no list of the description gives it"),
    ]


def test_where_nothing_is_left_the_lists_that_are_there_are_named() -> None:
    with pytest.raises(ConfigError) as raised:
        drafted(openapi(paths={"/books": get(many()), "/loans": get(many())}), endpoints=["bokks"])
    said = "lantern.json: the description has no list of this name or path; got 'bokks'; allowed: books, loans; "
    assert str(raised.value) == said + "did you mean `books`?"


def test_a_description_without_a_list_is_told() -> None:
    with pytest.raises(ConfigError) as raised:
        drafted(openapi(paths={"/books/{id}": get(ROW)}))
    assert str(raised.value) == "lantern.json: paths: the API description describes no list of objects that GET gives"


def test_a_list_of_another_server_is_left_out() -> None:
    elsewhere = get(many(), servers=[{"url": "https://files.example.org"}])
    draft = drafted(openapi(paths={"/books": get(many()), "/files": elsewhere}))
    assert names(draft) == ["books"]
    assert "https://files.example.org" in draft.left[0].why


def test_required_parameters_that_have_a_value_are_sent() -> None:
    kind = query("kind", required=True, enum=["paper", "audio"])
    found = one(get(many(), kind, query("lang", required=True, default="en")))
    assert found.params == {"kind": "paper", "lang": "en"}
    assert found.path.confidence is Confidence.GUESS


def test_required_parameters_that_have_none_are_named() -> None:
    found = one(get(many(), query("q", required=True)))
    assert found.params == {}
    assert found.path.confidence is Confidence.GUESS
    assert "the query parameter q must be given" in found.path.evidence
