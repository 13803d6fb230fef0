"""Reading mappings: what they give, what they read, and what is no mapping."""

from __future__ import annotations

import pytest

from homeroom.model import EntityMapping, mapped_platforms, mappings_of, neutral_model
from homeroom.model.mapping import read_mapping

PERSON = neutral_model().entities["person"]


def person(sql: str) -> EntityMapping:
    return read_mapping("x", PERSON, sql)


@pytest.mark.parametrize("platform", mapped_platforms())
def test_each_file_of_a_platform_is_a_mapping(platform: str) -> None:
    assert mappings_of(platform)


def test_a_mapping_gives_the_columns_of_its_first_branch() -> None:
    found = person("SELECT u.id, u.mail AS email FROM users AS u UNION ALL SELECT g.id, NULL FROM guests AS g")
    assert found.gives == {"id", "email"}


def test_a_mapping_reads_columns_by_table_wherever_they_stand() -> None:
    found = person(
        "SELECT u.id, (SELECT max(r.role) FROM users__roles AS r WHERE r._dlt_parent_id = u._dlt_id) AS primary_role "
        "FROM users AS u WHERE u.kind = 'person'"
    )
    assert found.reads == {"users": {"id", "_dlt_id", "kind"}, "users__roles": {"role", "_dlt_parent_id"}}


def test_what_a_query_names_itself_is_no_table_of_the_platform() -> None:
    found = person("WITH grown AS (SELECT u.id FROM users AS u) SELECT grown.id FROM grown")
    assert found.reads == {"users": {"id"}}


def test_a_mapping_is_made_of_the_tables_it_begins_with_not_of_those_it_joins() -> None:
    found = person(
        "WITH g AS (SELECT u.id FROM users AS u) SELECT g.id FROM g LEFT JOIN roles AS r ON r.id = g.id "
        "UNION ALL SELECT v.id FROM guests AS v"
    )
    assert found.begins_with == {"users", "guests"}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT u.id, u.shoe FROM users AS u", "person has no column shoe"),
        ("SELECT u.mail AS email FROM users AS u", "gives id, and not source"),
        ("SELECT u.id, u.s AS source FROM users AS u", "gives id, and not source"),
        ("SELECT id FROM users AS u", "the column id is of no alias"),
        ("SELECT u.id FROM users AS u WHERE EXISTS (SELECT 1 FROM roles AS u)", "the alias u is of two tables"),
        ("DELETE FROM users", "is no select"),
        ("SELECT u.id FROM", "x/person.sql: "),
    ],
)
def test_what_is_no_mapping_is_refused(sql: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        person(sql)
