"""What is known of a described row: its key, its columns, and by which of them it can be asked for since."""

from typing import Any

import pytest
from describing import ROW, column, drafted, get, many, one, openapi, query, resource, swagger

from homeroom.draft.values import Confidence, DraftedResource

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TIME = {"type": "string", "format": "date-time"}


def obj(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def rows(*required: str, **fields: Any) -> DraftedResource:
    """A list of rows with these fields."""
    return one(get(many({**obj(**fields), "required": list(required)})))


# Keys.


@pytest.mark.parametrize("name", ["id", "ID", "uuid", "sourcedId", "bookId", "book_id", "guid"])
def test_a_field_that_is_named_like_a_key_is_one(name: str) -> None:
    key = rows(title=TEXT, **{name: TEXT}).primary_key
    assert (key.value, key.confidence) == ((name,), Confidence.LIKELY)


def test_a_field_that_is_described_as_unique_is_certain() -> None:
    assert rows(id={**TEXT, "description": "The unique identifier"}).primary_key.confidence is Confidence.CERTAIN


def test_what_the_schema_marks_as_key_goes_before_any_name() -> None:
    assert rows(id=TEXT, isbn={**TEXT, "x-primary-key": True}).primary_key.value == ("isbn",)
    marked = {**obj(id=TEXT, isbn=TEXT, copy=NUMBER), "x-primary-key": ["isbn", "copy"]}
    key = one(get(many(marked))).primary_key
    assert (key.value, key.confidence) == (("isbn", "copy"), Confidence.CERTAIN)


def test_the_parameter_of_a_single_row_names_the_key() -> None:
    paths = {"/books": get(many(obj(isbn=TEXT, title=TEXT))), "/books/{isbn}": get(ROW)}
    assert drafted(openapi(paths=paths)).resources[0].primary_key.value == ("isbn",)


def test_a_key_that_may_be_null_is_none() -> None:
    key = rows(id={**TEXT, "nullable": True}, title=TEXT).primary_key
    assert (key.value, key.confidence) == ((), Confidence.GUESS)
    assert "replaced, not merged" in key.evidence


def test_rows_that_relate_a_parent_to_something_have_both_as_their_key() -> None:
    paths = {
        "/groups": get(many()),
        "/groups/{groupId}/users": get(many(obj(userId=TEXT, since=TIME))),
        "/groups/{groupId}/users/{userId}": get(obj(userId=TEXT)),
    }
    members = resource(drafted(openapi(paths=paths)), "users")
    assert members.primary_key.value == ("_groups_id", "userId")
    assert members.include_from_parent == ("id",)


def test_both_may_be_fields_of_the_row() -> None:
    grade = {"components": {"schemas": {"Grade": obj(columnId=TEXT, userId=TEXT, notationId=TEXT)}}}
    ref = {"$ref": "#/components/schemas/Grade"}
    paths = {
        "/columns": get(many()),
        "/columns/{columnId}/users": get(many(ref)),
        "/columns/{columnId}/users/{userId}": get(ref),
    }
    found = resource(drafted(openapi(paths=paths, **grade)), "users")
    assert (found.primary_key.value, found.include_from_parent) == (("columnId", "userId"), ())


def test_rows_that_are_described_elsewhere_too_have_their_parent_in_the_key() -> None:
    parts = {"components": {"schemas": {"User": obj(id=NUMBER, name=TEXT)}}}
    ref = {"$ref": "#/components/schemas/User"}
    paths = {"/users": get(many(ref)), "/courses": get(many()), "/courses/{id}/users": get(many(ref))}
    found = resource(drafted(openapi(paths=paths, **parts)), "course_users")
    assert found.primary_key.value == ("id", "_courses_id")
    assert found.primary_key.others == (("id",),)


def test_rows_that_name_their_parent_belong_to_it_alone() -> None:
    parts = {"components": {"schemas": {"Task": obj(id=NUMBER, course_id=NUMBER)}}}
    ref = {"$ref": "#/components/schemas/Task"}
    paths = {"/tasks": get(many(ref)), "/courses": get(many()), "/courses/{id}/tasks": get(many(ref))}
    found = resource(drafted(openapi(paths=paths, **parts)), "course_tasks")
    assert (found.primary_key.value, found.include_from_parent) == (("id",), ())


# Columns.


@pytest.mark.parametrize(
    ("schema", "data_type"),
    [
        (NUMBER, "bigint"),
        ({"type": "number"}, "double"),
        ({"type": "number", "description": "A number, in the form of an integer"}, "bigint"),
        (TEXT, "text"),
        ({"type": "string", "enum": ["a", "b"]}, "text"),
        ({"enum": ["a", "b"]}, "text"),
        (TIME, "timestamp"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "boolean"}, "bool"),
        ({"type": "object", "additionalProperties": True}, "json"),
        ({"type": "object", "additionalProperties": TEXT}, "json"),
        ({"type": ["integer", "null"]}, "bigint"),
        ({"type": ["integer", "number"]}, "double"),
        ({"anyOf": [TEXT, {"type": "null"}]}, "text"),
        ({"oneOf": [NUMBER, {"type": "number"}]}, "double"),
        ({"allOf": [{"description": "when"}, TIME]}, "timestamp"),
    ],
)
def test_types_are_those_of_dlt(schema: dict[str, Any], data_type: str) -> None:
    assert column(rows(id=TEXT, it=schema), "it").data_type == data_type


@pytest.mark.parametrize("schema", [{}, {"oneOf": [TEXT, NUMBER]}, {"type": ["string", "integer"]}, {"type": "object"}])
def test_a_column_of_which_no_type_is_described_is_not_declared(schema: dict[str, Any]) -> None:
    found = column(rows(id=TEXT, it=schema), "it")
    assert (found.data_type, found.declared) == (None, False)


def test_an_object_of_the_providers_own_keys_is_json_by_its_name() -> None:
    assert column(rows(id=TEXT, metadata={"type": "object"}), "metadata").data_type == "json"


def test_an_identifier_that_is_a_number_is_a_whole_one() -> None:
    found = rows(id={"type": "number"}, user_id={"type": "number"}, score={"type": "number"})
    assert [each.data_type for each in found.columns] == ["bigint", "bigint", "double"]


def test_names_are_those_of_dlt() -> None:
    found = rows(id=TEXT, lastName=TEXT, HTTPCode=TEXT, **{"sis-id": TEXT}, address=obj(zipCode=TEXT))
    assert [each.name for each in found.columns] == ["id", "last_name", "http_code", "sis_id", "address__zip_code"]


def test_of_two_keys_with_one_name_the_first_is_declared() -> None:
    found = rows(id=TEXT, firstName=TEXT, first_name=NUMBER)
    assert [(each.name, each.data_type) for each in found.columns] == [("id", "text"), ("first_name", "text")]


def test_lists_are_nested_tables_as_evidence() -> None:
    found = rows(id=TEXT, roles={"type": "array", "items": TEXT}, addresses=many(obj(city=TEXT, tags=many(ROW))))
    nested = [(each.table, each.name, each.data_type, each.declared) for each in found.columns if each.table]
    assert nested == [
        ("books__roles", "value", "text", False),
        ("books__addresses", "city", "text", False),
        ("books__addresses__tags", "id", "bigint", False),
        ("books__addresses__tags", "name", "text", False),
    ]


def test_what_is_required_and_may_not_be_null_is_declared_so() -> None:
    maybe = {**TEXT, "nullable": True}
    found = rows("id", "a", "b", "in", id=TEXT, a=TEXT, b=maybe, c=TEXT, **{"in": {**obj(d=TEXT), "required": ["d"]}})
    wanted = {"id": False, "a": False, "b": True, "c": None, "in__d": False}
    assert {each.name: each.nullable for each in found.columns} == wanted
    assert "required" in column(found, "a").evidence


def test_openapi_3_1_says_null_as_a_type() -> None:
    row = {**obj(id=NUMBER, at={"type": ["string", "null"]}), "required": ["id", "at"]}
    (found,) = drafted(openapi("3.1.0", paths={"/books": get(many(row))})).resources
    assert {each.name: each.nullable for each in found.columns} == {"id": False, "at": True}


def test_a_description_that_never_speaks_of_null_declares_nothing_about_it() -> None:
    operation = {"responses": {"200": {"schema": many({**obj(id=TEXT, at=TIME), "required": ["id", "at"]})}}}
    draft = drafted(swagger(host="x.org", paths={"/books": operation}))
    assert {each.nullable for each in draft.resources[0].columns} == {None}
    assert any("may be null" in note for note in draft.notes)


def test_what_comes_only_where_it_is_asked_for_is_not_declared() -> None:
    found = rows(id=TEXT, user={**obj(name=TEXT), "description": 'Shown when adding "expand=user".'})
    assert [(each.name, each.declared) for each in found.columns] == [("id", True), ("user", False)]


def test_what_is_only_written_is_no_column() -> None:
    assert [each.name for each in rows(id=TEXT, password={**TEXT, "writeOnly": True}).columns] == ["id"]


# Increments.


def since(parameter: dict[str, Any], *more: dict[str, Any], **fields: Any) -> DraftedResource:
    return one(get(many(obj(id=TEXT, **fields)), parameter, *more))


@pytest.mark.parametrize(
    ("parameter", "field"),
    [
        ("updated_since", "updated_at"),
        ("updatedSince", "updatedAt"),
        ("modifiedSince", "dateLastModified"),
        ("query[updated_on_or_after]", "updated_at"),
        ("updated_at[gte]", "updated_at"),
        ("min_updated_at", "updated_at"),
        ("changed_from", "changed"),
    ],
)
def test_a_filter_for_changes_with_a_field_for_them_is_an_increment(parameter: str, field: str) -> None:
    changes = since(query(parameter, format="date-time"), **{field: TIME}).incremental
    assert changes is not None
    wanted = {"cursor_path": field, "start_param": parameter, "on_cursor_value_missing": "include"}
    assert (changes.value, changes.confidence) == (wanted, Confidence.LIKELY)


def test_a_filter_for_later_times_alone_reads_a_minute_back() -> None:
    both = [query("updated_after", format="date-time"), query("updated_before", format="date-time")]
    changes = since(*both, updated_at=TIME).incremental
    assert changes is not None and changes.value is not None
    assert (changes.value["start_param"], changes.value["lag"]) == ("updated_after", 60)


def test_a_time_with_its_comparison_is_an_increment() -> None:
    compare = query("modifiedCompare", enum=["lessThan", "greaterOrEqual"])
    found = since(query("modified", format="date-time"), compare, modified=TIME)
    assert found.incremental is not None and found.incremental.value is not None
    assert found.incremental.value["start_param"] == "modified"
    assert found.params == {"modifiedCompare": "greaterOrEqual"}


def test_a_bare_since_is_one_where_the_text_says_of_what() -> None:
    about = "Only rows updated since then"
    changes = since(query("since", about=about), updated_at=TIME).incremental
    assert changes is not None and changes.confidence is Confidence.GUESS


@pytest.mark.parametrize(
    ("parameter", "fields"),
    [
        (query("filter"), {"dateLastModified": TIME}),
        (query("updated_before", format="date-time"), {"updated_at": TIME}),
        (query("created_since", format="date-time"), {"created_at": TIME}),
        (query("updated_since", format="date-time"), {"created_at": TIME}),
        (query("updated_since", type="integer"), {"updated_at": TIME}),
        (query("since", about="Events that begin later", format="date-time"), {"updated_at": TIME}),
        (query("modified", format="date-time"), {"modified": TIME}),
    ],
)
def test_what_is_no_filter_for_changes_is_none(parameter: dict[str, Any], fields: dict[str, Any]) -> None:
    assert since(parameter, **fields).incremental is None


def test_a_list_with_others_below_it_is_read_whole() -> None:
    """Or what has changed below a row that has not would never be asked for."""
    books = get(many(obj(id=TEXT, updated_at=TIME)), query("updated_since", format="date-time"))
    document = openapi(paths={"/books": books, "/books/{id}/pages": get(many())})
    changes = resource(drafted(document), "books").incremental
    assert changes is not None and changes.value is None
    assert "would not be asked for" in changes.evidence
    alone = drafted(document, endpoints=["books"]).resources[0].incremental
    assert alone is not None and alone.value is not None


def test_a_child_is_asked_from_a_place_of_each_parent() -> None:
    pages = get(many(obj(id=TEXT, updated_at=TIME)), query("updated_since", format="date-time"))
    found = resource(drafted(openapi(paths={"/books": get(many()), "/books/{id}/pages": pages})), "pages")
    assert found.sync["cursor_per_parent"].value is True
