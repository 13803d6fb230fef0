"""The declaration of the neutral model, and what is refused of one that does not fit together."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, get_args

import pytest
import yaml

from homeroom.catalog.model import PersonalClass
from homeroom.model import neutral_model
from homeroom.model.declaration import CheckKind, Severity, Type, read_model

TEXT = files("homeroom.model").joinpath("edu.yaml").read_text(encoding="utf-8")
TABLES = (
    "org academic_session course section person person_role person_demographics enrollment section_group group_member "
    "assignment_category assignment submission grade attendance activity"
)


def declared() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)
    return found


def test_the_model_has_the_tables_that_were_agreed_on() -> None:
    assert list(neutral_model().entities) == TABLES.split()


def test_demographics_alone_are_made_on_demand() -> None:
    assert [e.name for e in neutral_model().entities.values() if e.optional] == ["person_demographics"]


def test_every_table_is_keyed_by_source_and_id() -> None:
    for entity in neutral_model().entities.values():
        assert [*entity.columns][:2] == ["source", "id"]
        assert entity.columns["source"].required
        assert entity.columns["id"].required


def test_types_and_classes_are_known_ones() -> None:
    for entity in neutral_model().entities.values():
        for column in entity.columns.values():
            assert column.type in get_args(Type), f"{entity.name}.{column.name}"
            assert column.personal in get_args(PersonalClass), f"{entity.name}.{column.name}"


def test_what_names_a_person_is_classed_so() -> None:
    for entity in neutral_model().entities.values():
        for column in entity.columns.values():
            if column.name == "person_id":
                assert column.personal == "direct", entity.name


def test_each_kind_of_check_has_a_severity() -> None:
    severities = neutral_model().severities
    assert set(severities) == set(get_args(CheckKind))
    assert set(severities.values()) <= set(get_args(Severity))


def test_a_reference_by_another_column_covers_all_of_its_values() -> None:
    grade = neutral_model().entities["grade"]
    assert [r.when[1] for r in grade.columns["scope_id"].references if r.when] == list(
        grade.columns["scope"].allowed or ()
    )


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ({"type": "text", "enum": "colour"}, "column x: there is no enum colour"),
        ({"type": "text", "references": "house"}, "org.x: there is no entity house"),
        (
            {"type": "text", "references_by": {"column": "shade", "entities": {"a": "org"}}},
            "org.x: there is no column shade",
        ),
    ],
)
def test_a_column_that_fits_nothing_is_refused(column: dict[str, Any], why: str) -> None:
    model = declared()
    model["entities"]["org"]["columns"]["x"] = column
    with pytest.raises(ValueError, match=f"^{why}$"):
        read_model(model)


def test_an_entity_may_not_declare_what_all_have() -> None:
    model = declared()
    model["entities"]["org"]["columns"]["extra"] = {"type": "json"}
    with pytest.raises(ValueError, match="org declares a column that every table has"):
        read_model(model)
