"""What one row of each entity of the sample school looks like."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from typing import Any

from homeroom.demo.names import DESCRIPTIONS, SCHOOL_NAMES, SUBJECTS, TASKS, TONGUES

Row = dict[str, Any]

# Ranges do not meet, so a join over the wrong column finds nothing instead of something.
FIRST_ID: Mapping[str, int] = {
    "districts": 1,
    "schools": 101,
    "terms": 11,
    "courses": 1_001,
    "sections": 20_001,
    "people": 100_001,
    "enrollments": 1_000_001,
    "assignments": 400_001,
    "submissions": 5_000_001,
}
_YEAR_STARTS = datetime(2025, 8, 18, 6, tzinfo=UTC)
_YEAR_SECONDS = 300 * 24 * 3600
_ZONES = (
    timezone(timedelta(hours=2)),
    timezone(timedelta(hours=5, minutes=30)),
    timezone(timedelta(hours=-7)),
)
_GRADES = tuple(f"{grade:02d}" for grade in range(1, 13))


def _utc(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(rng: Random) -> int:
    return int(_YEAR_STARTS.timestamp()) + int(rng.random() * _YEAR_SECONDS)


def _stamp(rng: Random) -> str:
    """A moment of the school year: six in seven end in Z, the others in an offset."""
    second = _moment(rng)
    if rng.random() < 6 / 7:
        return _utc(second)
    return datetime.fromtimestamp(second, rng.choice(_ZONES)).isoformat()


def _day(rng: Random, first: date, last: date) -> str:
    return (first + timedelta(days=int(rng.random() * ((last - first).days + 1)))).isoformat()


def _address(rng: Random, city: str) -> Row:
    return {"street": f"{rng.randint(1, 240)} Mill Lane", "city": city, "postcode": _postcode(rng)}


def _postcode(rng: Random) -> str:
    return f"{rng.randint(100, 99999):05d}"  # leading zeros: a number column would lose them


def district(rng: Random, row_id: int) -> Row:
    """Stands above the schools; one."""
    return {
        "id": row_id,
        "name": "Lindgrove & Żabia Wólka United District 🏫",
        "description": "An invented district in which every script is at home.",
        "timezone": "Europe/Prague",
        "contact_email": "office@lindgrove.example",
        "address": _address(rng, "Lindgrove"),
        "updated_at": _stamp(rng),
    }


def school(rng: Random, row_id: int) -> Row:
    """Primary and secondary in turn, with the grades it teaches."""
    nth = row_id - FIRST_ID["schools"]
    turn, place = divmod(nth, len(SCHOOL_NAMES))
    tongue = rng.choice(TONGUES)
    young = nth % 2 == 0
    return {
        "id": row_id,
        "district_id": FIRST_ID["districts"],
        "name": SCHOOL_NAMES[place] + (f" {turn + 1}" if turn else ""),
        "description": rng.choice(DESCRIPTIONS),
        "kind": "primary" if young else "secondary",
        "grades": list(_GRADES[:6] if young else _GRADES[6:]),
        "phone": None if rng.random() < 0.4 else f"+00 555 {rng.randint(0, 9999):04d}",
        "address": _address(rng, rng.choice(tongue.cities)),
        "opened_on": _day(rng, date(1887, 1, 1), date(2019, 12, 31)),
        "updated_at": _stamp(rng),
    }


# name, kind, first day, last day, id of the term it is part of
TERMS: tuple[tuple[str, str, str, str, int | None], ...] = (
    ("School year 2025-26", "school_year", "2025-08-25", "2026-06-19", None),
    ("Podzimní semestr 🍂", "semester", "2025-08-25", "2026-01-23", FIRST_ID["terms"]),
    ("Spring semester 🌱", "semester", "2026-01-26", "2026-06-19", FIRST_ID["terms"]),
)


def term(row_id: int, name: str, kind: str, starts: str, ends: str, parent: int | None) -> Row:
    """The facts of one of `TERMS`."""
    return {
        "id": row_id,
        "parent_id": parent,
        "name": name,
        "description": None if parent else "All of it.",
        "kind": kind,
        "starts_on": starts,
        "ends_on": ends,
        "updated_at": "2025-06-30T12:00:00+02:00" if parent else "2025-06-30T10:00:00Z",
    }


def course(rng: Random, row_id: int, school: Row) -> Row:
    """One subject of the school, for one to three of its grades."""
    nth = int(rng.random() * len(SUBJECTS))
    code, subject, area, titles = SUBJECTS[nth]
    first = rng.randint(0, len(school["grades"]) - 1)
    return {
        "id": row_id,
        "school_id": school["id"],
        "code": f"{code}-{row_id}",
        "name": rng.choice(titles),
        "description": rng.choice(DESCRIPTIONS),
        "subject": {"id": nth + 1, "code": code, "name": subject, "area": {"name": area}},
        "grades": school["grades"][first : first + rng.randint(1, 3)],
        "credits": rng.choice((0.5, 1.5, 2.5)),  # never whole: one column, one type
        "is_open": rng.random() < 0.8,
        "created_at": _day(rng, date(2019, 1, 1), date(2025, 6, 30)) + "T07:30:00Z",
        "updated_at": _stamp(rng),
    }


def section(rng: Random, row_id: int, course: Row, term_id: int) -> Row:
    """One class of the course; no meeting, or up to three."""
    return {
        "id": row_id,
        "course_id": course["id"],
        "term_id": term_id,
        "school_id": course["school_id"],
        "name": f"{course['name']} · {rng.choice('ABCDΩЖ')}{rng.randint(1, 9)}",
        "description": rng.choice(DESCRIPTIONS),
        "capacity": rng.randint(22, 34),
        "meetings": [_meeting(rng, day) for day in sorted(rng.sample(range(1, 6), rng.randint(0, 3)))],
        "updated_at": _stamp(rng),
    }


def _meeting(rng: Random, weekday: int) -> Row:
    return {"weekday": weekday, "room": f"{rng.choice('ABC')}{rng.randint(1, 40):03d}"}


def _role(nth: int) -> str:
    if nth % 12 == 0:
        return "teacher"
    return "administrator" if nth % 37 == 1 else "student"


def person(rng: Random, row_id: int, school_id: int, nth: int) -> Row:
    """The `nth` of the school decides the role; some of the staff has a second one in the district."""
    tongue = rng.choice(TONGUES)
    given, family, role = rng.choice(tongue.given), rng.choice(tongue.family), _role(nth)
    roles = [{"org_id": school_id, "role": role}]
    if role != "student" and rng.random() < 0.3:
        roles.append({"org_id": FIRST_ID["districts"], "role": "coach"})
    born = (date(2008, 1, 1), date(2019, 8, 31)) if role == "student" else (date(1961, 1, 1), date(2001, 12, 31))
    return {
        "id": row_id,
        "school_id": school_id,
        "name": tongue.full_name(given, family),
        "given_name": given,
        "family_name": family,
        "description": rng.choice(DESCRIPTIONS) if role != "student" else None,
        "email": None if rng.random() < 0.1 else f"p{row_id}@school{school_id}.example",
        "role": role,
        "birth_date": _day(rng, *born),
        "profile": {
            "city": rng.choice(tongue.cities),
            "postcode": _postcode(rng),
            "locale": tongue.locale,
        },
        "roles": roles,
        "is_active": rng.random() < 0.97,
        "updated_at": _stamp(rng),
    }


def enrollment(rng: Random, row_id: int, section: Row, person_id: int, role: str) -> Row:
    """One in sixteen or so has ended."""
    ended = rng.random() < 0.06
    return {
        "id": row_id,
        "section_id": section["id"],
        "person_id": person_id,
        "role": role,
        "status": "ended" if ended else "active",
        "starts_on": _day(rng, date(2025, 8, 25), date(2025, 9, 30)),
        "ends_on": _day(rng, date(2025, 10, 1), date(2026, 5, 31)) if ended else None,
        "updated_at": _utc(_moment(rng)),
    }


def assignment(rng: Random, row_id: int, section_id: int) -> Row:
    """Due at the end of a day, local time."""
    due = datetime.fromtimestamp(_moment(rng), _ZONES[0]).replace(hour=23, minute=59, second=0)
    return {
        "id": row_id,
        "section_id": section_id,
        "name": f"{rng.choice(TASKS)} {rng.randint(1, 12)}",
        "description": rng.choice(DESCRIPTIONS),
        "points_possible": rng.choice((10, 20, 50, 100)),
        "weight": rng.choice((0.05, 0.1, 0.25)),
        "due_at": due.isoformat(),
        "updated_at": _utc(_moment(rng)),
    }


def submission(rng: Random, row_id: int, task: Row, person_id: int, attempt: int, due: int) -> Row:
    """Flat and narrow: the demo loads 63,000 of them. One in six is not graded yet."""
    draw = rng.random()
    submitted = due - int((draw * 6 - 1) * 24 * 3600)
    possible = task["points_possible"]
    graded = rng.random() > 1 / 6
    points = int(draw * possible) + 0.25 + 0.5 * (row_id % 2)  # never whole
    return {
        "id": row_id,
        "assignment_id": task["id"],
        "person_id": person_id,
        "attempt": attempt,
        "status": "graded" if graded else "late" if submitted > due else "submitted",
        "score": f"{100 * points / possible:.2f}" if graded else None,
        "points": points if graded else None,
        "submitted_at": _utc(submitted),
        "updated_at": _utc(submitted + int(rng.random() * 5 * 24 * 3600)),
    }
