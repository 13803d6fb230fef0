"""The rows of the sample school: deterministic, whole, and as odd as life."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import orjson
import pytest

from homeroom.demo.data import ENTITIES, PARENTS, Dataset, sizes, spread

SMALL = Dataset(0.02)
BROAD = Dataset(0.1)  # large enough for the rare words to be drawn
POINTERS = (
    ("schools", "district_id", "districts"),
    ("courses", "school_id", "schools"),
    ("sections", "course_id", "courses"),
    ("sections", "term_id", "terms"),
    ("sections", "school_id", "schools"),
    ("people", "school_id", "schools"),
    ("enrollments", "section_id", "sections"),
    ("enrollments", "person_id", "people"),
    ("assignments", "section_id", "sections"),
    ("submissions", "assignment_id", "assignments"),
    ("submissions", "person_id", "people"),
)


def fingerprint(dataset: Dataset, order: Iterable[str] = ENTITIES) -> str:
    """A hash of all rows, made in this order and read in one order."""
    for entity in order:
        dataset.rows(entity)
    return hashlib.sha256(orjson.dumps([dataset.rows(entity) for entity in ENTITIES])).hexdigest()


def texts(value: object) -> Iterator[str]:
    """Every text inside the value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.fixture(scope="module")
def characters() -> set[str]:
    """Every character that occurs."""
    return {char for entity in ENTITIES for text in texts(BROAD.rows(entity)) for char in text}


def test_two_data_sets_of_one_seed_are_equal() -> None:
    """Nothing but the seed decides."""
    assert fingerprint(Dataset(0.02)) == fingerprint(Dataset(0.02))


def test_the_order_of_making_changes_nothing() -> None:
    """Each entity has a random source of its own."""
    assert fingerprint(Dataset(0.02), reversed(ENTITIES)) == fingerprint(Dataset(0.02))


def test_rows_are_the_same_in_every_release() -> None:
    """A changed hash means changed data: benchmarks can no longer be compared; say so in the changelog."""
    assert fingerprint(SMALL).startswith("cbc603829e1871b2")


def test_another_seed_makes_other_rows() -> None:
    """The seed is used."""
    assert Dataset(0.02, seed=1).people != SMALL.people


def test_the_default_sizes_are_as_promised() -> None:
    """The numbers stand in the documentation."""
    assert list(sizes(1.0).values()) == [1, 14, 3, 420, 1_260, 5_200, 18_900, 2_520, 63_000]


@pytest.mark.parametrize("entity", ENTITIES)
def test_an_entity_has_as_many_rows_as_its_size(entity: str) -> None:
    """The size is exact at any scale."""
    assert len(SMALL.rows(entity)) == SMALL.sizes[entity]


@pytest.mark.parametrize("entity", ["people", "enrollments", "assignments", "submissions"])
def test_the_smallest_school_still_has_more_than_two_pages_of_ten(entity: str) -> None:
    """So a test at the smallest scale still pages."""
    assert len(Dataset(0.001).rows(entity)) > 20


@pytest.mark.parametrize("scale", [0, -1, 10.5, float("nan")])
def test_a_scale_that_cannot_be_is_refused(scale: float) -> None:
    """The message names the value."""
    with pytest.raises(ValueError, match=f"scale {scale!r} is not allowed"):
        sizes(scale)


@pytest.mark.parametrize("entity", ENTITIES)
def test_ids_are_whole_and_rise(entity: str) -> None:
    """Order of id is the order of every page."""
    ids = [row["id"] for row in SMALL.rows(entity)]
    assert ids == sorted(set(ids)) and {type(row_id) for row_id in ids} == {int}


@pytest.mark.parametrize(("entity", "column", "target"), POINTERS)
def test_every_pointer_finds_its_row(entity: str, column: str, target: str) -> None:
    """Referential integrity."""
    there = {row["id"] for row in SMALL.rows(target)}
    assert {row[column] for row in SMALL.rows(entity)} <= there


@pytest.mark.parametrize(("pair", "column"), PARENTS.items())
def test_every_child_path_has_a_column_to_go_by(pair: tuple[str, str], column: str) -> None:
    """A wrong column would give empty lists in silence."""
    assert all(isinstance(row[column], int) for row in SMALL.rows(pair[1]))


def test_submissions_come_only_from_students_of_the_section() -> None:
    """A join over enrollments loses none."""
    section = {row["id"]: row["section_id"] for row in SMALL.assignments}
    enrolled = {(row["section_id"], row["person_id"]) for row in SMALL.enrollments if row["role"] == "student"}
    assert {(section[row["assignment_id"]], row["person_id"]) for row in SMALL.submissions} <= enrolled


def test_an_attempt_of_a_person_at_an_assignment_is_one_row() -> None:
    """The natural key of submissions is unique."""
    keys = Counter((row["assignment_id"], row["person_id"], row["attempt"]) for row in SMALL.submissions)
    assert max(keys.values()) == 1


def test_every_section_has_one_teacher() -> None:
    """And the other enrollments are students."""
    teachers = Counter(row["section_id"] for row in SMALL.enrollments if row["role"] == "teacher")
    assert set(teachers.values()) == {1} and len(teachers) == len(SMALL.sections)


def test_people_are_enrolled_in_sections_of_their_own_school() -> None:
    """Across schools a section would be odd."""
    dataset = Dataset(0.2)
    home = {row["id"]: row["school_id"] for row in dataset.people}
    school = {row["id"]: row["school_id"] for row in dataset.sections}
    assert all(home[row["person_id"]] == school[row["section_id"]] for row in dataset.enrollments)


@pytest.mark.parametrize(
    "script",
    ["CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI"],
)
def test_a_script_occurs(script: str, characters: set[str]) -> None:
    """Every one of these has broken somebody's loader."""
    assert any(unicodedata.name(char, "").startswith(script) for char in characters)


def test_latin_with_diacritics_occurs(characters: set[str]) -> None:
    """Also composed ones beyond Latin-1."""
    assert {"ř", "Å", "ł", "İ", "ễ"} <= characters


def test_emoji_and_characters_beyond_sixteen_bits_occur(characters: set[str]) -> None:
    """Joined and flagged ones too."""
    assert {"🤖", "\u200d", "🇪", "𠮷"} <= characters


@pytest.mark.parametrize(
    ("entity", "column"),
    [("courses", "description"), ("people", "email"), ("enrollments", "ends_on"), ("submissions", "score")],
)
def test_an_optional_column_is_both_null_and_filled(entity: str, column: str) -> None:
    """Neither all nor none."""
    empty = [row[column] is None for row in BROAD.rows(entity)]
    assert any(empty) and not all(empty)


def test_submissions_are_narrow() -> None:
    """63,000 of them are loaded in the demo."""
    kinds = {type(value) for row in SMALL.submissions for value in row.values()}
    assert len(SMALL.submissions[0]) == 9 and kinds == {int, float, str, type(None)}


def test_people_and_sections_carry_lists_of_objects() -> None:
    """They become child tables; some lists are empty."""
    assert set(SMALL.people[0]["roles"][0]) == {"org_id", "role"}
    meetings = [row["meetings"] for row in SMALL.sections]
    assert [] in meetings and {"weekday", "room"} in [set(day) for days in meetings for day in days]


def test_courses_carry_lists_of_texts_and_nested_objects() -> None:
    """Grades keep their leading zero."""
    assert all(len(grade) == 2 for row in SMALL.courses for grade in row["grades"])
    assert SMALL.courses[0]["subject"]["area"]["name"]


def test_timestamps_end_in_z_or_in_an_offset() -> None:
    """Both occur in one column, and all can be read."""
    stamps = [row["updated_at"] for row in SMALL.people]
    assert {stamp.endswith("Z") for stamp in stamps} == {True, False}
    assert all(datetime.fromisoformat(stamp).tzinfo for stamp in stamps)


def test_dates_are_dates_alone() -> None:
    """No time of day slips in."""
    days = [row["birth_date"] for row in SMALL.people] + [row["starts_on"] for row in SMALL.terms]
    assert all(date.fromisoformat(day).isoformat() == day for day in days)


def test_scores_are_decimals_as_text() -> None:
    """Two places always, so a number column would show."""
    scores = [row["score"] for row in SMALL.submissions if row["score"] is not None]
    assert all(score[-3] == "." and 0 < float(score) < 100 for score in scores)


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_column_mixes_whole_numbers_and_fractions(entity: str) -> None:
    """A fraction column never holds 2.0, which a careless encoder writes as 2."""
    for row in SMALL.rows(entity):
        assert not any(isinstance(value, float) and value.is_integer() for value in row.values())


def test_email_addresses_can_belong_to_nobody() -> None:
    """RFC 2606 keeps .example free."""
    assert all(row["email"] is None or row["email"].endswith(".example") for row in SMALL.people)


def test_spread_sums_exactly_and_gives_each_the_least() -> None:
    """Rounding loses nothing."""
    shares = spread(1000, [0.3, 7.7, 1.1, 2.9], least=6)
    assert sum(shares) == 1000 and min(shares) >= 6


def test_an_unknown_entity_is_named() -> None:
    """With what there is."""
    with pytest.raises(ValueError, match="entity 'pupils' is unknown; allowed: districts"):
        SMALL.rows("pupils")
