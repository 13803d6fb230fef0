"""The rows of the sample school: one district in the school year 2025-26, the same for the same seed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import accumulate, pairwise
from random import Random

from homeroom.demo import shapes
from homeroom.demo.shapes import FIRST_ID, Row

DEFAULT_SEED = 20250901

ENTITIES: tuple[str, ...] = tuple(FIRST_ID)

# another name of an entity in every path, as other platforms have it -> the entity
ALIASES: Mapping[str, str] = {"users": "people"}

# child path -> the column of the child that names its parent
PARENTS: Mapping[tuple[str, str], str] = {
    ("schools", "courses"): "school_id",
    ("schools", "people"): "school_id",
    ("courses", "sections"): "course_id",
    ("sections", "enrollments"): "section_id",
    ("sections", "assignments"): "section_id",
    ("assignments", "submissions"): "assignment_id",
}

_FULL = {
    "districts": 1,
    "schools": 14,
    "terms": 3,
    "courses": 420,
    "sections": 1_260,
    "people": 5_200,
    "enrollments": 18_900,
    "assignments": 2_520,
    "submissions": 63_000,
}
_FIXED = {"districts", "terms"}
_LEAST_SCALE = 0.01  # below it a school has fewer students than a section has seats
_MOST_SCALE = 10.0  # above it the ranges of FIRST_ID meet

_LEAST_IN_SECTION = 6


def sizes(scale: float) -> dict[str, int]:
    """Rows of each entity at this scale; one district and three terms at any, and never less than at 0.01."""
    if not 0 < scale <= _MOST_SCALE:
        raise ValueError(f"scale {scale!r} is not allowed; allowed: above 0, at most {_MOST_SCALE:g}")
    used = max(scale, _LEAST_SCALE)
    return {name: full if name in _FIXED else max(1, round(full * used)) for name, full in _FULL.items()}


class Dataset:
    """All rows of one sample school, each entity made when first asked for, in order of id.

    Each entity draws from a random source of its own, so what is asked for first changes nothing.
    """

    def __init__(self, scale: float = 1.0, seed: int = DEFAULT_SEED) -> None:
        """`scale` as for `sizes`; makes no row yet."""
        self.sizes = sizes(scale)
        self.seed = seed

    def rows(self, entity: str) -> list[Row]:
        """The rows of one of `ENTITIES`; the list is the data set's own."""
        if entity not in FIRST_ID:
            raise ValueError(f"entity {entity!r} is unknown; allowed: {', '.join(ENTITIES)}")
        made: list[Row] = getattr(self, entity)
        return made

    def _random(self, purpose: str) -> Random:
        return Random(f"{self.seed}/{purpose}")

    def _ids(self, entity: str) -> range:
        return range(FIRST_ID[entity], FIRST_ID[entity] + self.sizes[entity])

    def _each(self, entity: str, make: Callable[[Random, int], Row]) -> list[Row]:
        rng = self._random(entity)
        return [make(rng, row_id) for row_id in self._ids(entity)]

    @cached_property
    def districts(self) -> list[Row]:
        """The one district."""
        return self._each("districts", shapes.district)

    @cached_property
    def schools(self) -> list[Row]:
        """Schools, all of the one district."""
        return self._each("schools", shapes.school)

    @cached_property
    def terms(self) -> list[Row]:
        """The school year and its two semesters."""
        return [shapes.term(row_id, *facts) for row_id, facts in zip(self._ids("terms"), shapes.TERMS, strict=True)]

    @cached_property
    def courses(self) -> list[Row]:
        """Courses, handed to the schools in turn."""
        rng, schools = self._random("courses"), self.schools
        return [
            shapes.course(rng, row_id, schools[nth % len(schools)]) for nth, row_id in enumerate(self._ids("courses"))
        ]

    @cached_property
    def sections(self) -> list[Row]:
        """Sections of the courses; some have no meeting yet."""
        rng = self._random("sections")
        courses, terms = self.courses, self._ids("terms")
        return [
            shapes.section(rng, row_id, courses[nth % len(courses)], rng.choice(terms))
            for nth, row_id in enumerate(self._ids("sections"))
        ]

    @cached_property
    def people(self) -> list[Row]:
        """Students, teachers and staff, school by school."""
        rng = self._random("people")
        schools = self._ids("schools")
        weights = [rng.uniform(0.7, 1.3) for _ in schools]
        homes = [
            (school, nth)
            for school, count in zip(schools, spread(self.sizes["people"], weights), strict=True)
            for nth in range(count)
        ]
        return [shapes.person(rng, row_id, *home) for row_id, home in zip(self._ids("people"), homes, strict=True)]

    @cached_property
    def enrollments(self) -> list[Row]:
        """Each section's one teacher and its students, all of the section's school."""
        rng = self._random("enrollments")
        teachers = self._people_by_school("teacher")
        students = self._people_by_school("student")
        ids = iter(self._ids("enrollments"))
        weights = [rng.uniform(0.5, 1.5) for _ in self.sections]
        counts = spread(self.sizes["enrollments"], weights, least=_LEAST_IN_SECTION)
        made: list[Row] = []
        for section, count in zip(self.sections, counts, strict=True):
            school = section["school_id"]
            made.append(shapes.enrollment(rng, next(ids), section, rng.choice(teachers[school]), "teacher"))
            for person in rng.sample(students[school], count - 1):
                made.append(shapes.enrollment(rng, next(ids), section, person, "student"))
        return made

    @cached_property
    def assignments(self) -> list[Row]:
        """Assignments, handed to the sections in turn."""
        rng = self._random("assignments")
        sections = self._ids("sections")
        return [
            shapes.assignment(rng, row_id, sections[nth % len(sections)])
            for nth, row_id in enumerate(self._ids("assignments"))
        ]

    @cached_property
    def submissions(self) -> list[Row]:
        """Attempts by students of the assignment's section, up to three or so a student."""
        rng = self._random("submissions")
        students = self._students_by_section()
        weights = [len(students[task["section_id"]]) * rng.uniform(0.7, 1.3) for task in self.assignments]
        ids = iter(self._ids("submissions"))
        made: list[Row] = []
        for task, count in zip(self.assignments, spread(self.sizes["submissions"], weights), strict=True):
            people = students[task["section_id"]]
            turn = rng.sample(people, len(people))
            due = int(datetime.fromisoformat(task["due_at"]).timestamp())
            for nth in range(count):
                attempt, place = divmod(nth, len(turn))
                made.append(shapes.submission(rng, next(ids), task, turn[place], attempt + 1, due))
        return made

    def _people_by_school(self, role: str) -> dict[int, list[int]]:
        return _grouped((person["school_id"], person["id"]) for person in self.people if person["role"] == role)

    def _students_by_section(self) -> dict[int, list[int]]:
        return _grouped((row["section_id"], row["person_id"]) for row in self.enrollments if row["role"] == "student")


def spread(total: int, weights: Sequence[float], least: int = 0) -> list[int]:
    """Whole numbers that sum to `total` exactly, each `least` or more, the rest shared by weight."""
    rest, whole = total - least * len(weights), sum(weights)
    bounds = [0, *(round(rest * part / whole) for part in accumulate(weights))]
    bounds[-1] = rest
    return [least + end - start for start, end in pairwise(bounds)]


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
