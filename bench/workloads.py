"""What the whole job is measured on, and the server that gives it: pages from memory, over loopback.

    python bench/workloads.py NAME SCALE

Makes all pages, prints its port and the rows that each table must have in the end as JSON, and serves until its
standard input is closed:

    /rows?offset=&limit=    the workload
    /warm?offset=&limit=    its first rows, one short page
    /empty                  an empty list
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from lean_server import Connection, Site

Row = dict[str, object]

TABLE = "rows"
MEMORY_LIMIT = "128MB"
"""DuckDB's, for every kind, in the two workloads whose peak memory is compared."""

_WARM_ROWS = 5
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_WORDS = (
    "please hand in the essay on “Nathan der Weise” by Friday; late work loses ten points a day. ",
    "The lab is in room B-204 (not B-240)\n\nBring goggles, a notebook and the signed form. ",
    'As the textbook says on page 112: "show each step", so a bare number earns nothing. ',
    "Сегодня читаем главу 7, zu Hause bitte Aufgabe 3–5, et relisez le poème à voix haute.\n",
    "Group work counts for 40% of the grade, the talk for 25 %, and taking part for the rest. ",
    "第三课的生词请抄写五遍，下周听写。\tSee the shared folder for the recordings. ",
)


@dataclass(frozen=True, slots=True)
class Workload:
    """Rows of one resource, and with which kinds it is measured.

    `memory_limit` is DuckDB's, None for its default; `again`: a second run reads the same rows into the same tables.
    """

    name: str
    words: str
    rows: int
    page_rows: int
    row: Callable[[int], Row]
    kinds: frozenset[str] | None = None
    memory_limit: str | None = None
    again: bool = False

    def pages(self, scale: float) -> int:
        """Full pages at this scale, never none."""
        return max(1, round(self.rows * scale / self.page_rows))


def person(number: int) -> Row:
    """20 flat columns, an object, a list of one object."""
    stamp = _stamp(number)
    return {
        "id": number,
        "uuid": f"{number:08x}-0000-4000-8000-{number * 7919 % 2**48:012x}",
        "first_name": f"First{number % 997}",
        "last_name": f"Læst{number % 1009}",
        "email": f"p{number}@school{number % 101}.example",
        "phone": None if number % 3 else f"+1 555 {number % 10000:04}",
        "birth_date": f"{1950 + number % 60}-0{number % 9 + 1}-1{number % 9}",
        "created_at": stamp,
        "updated_at": stamp,
        "is_active": number % 5 != 0,
        "is_staff": number % 11 == 0,
        "credits": number % 180,
        "grade_average": number % 4000 / 1000,
        "balance": number % 9973 / 100,
        "school_id": number % 101,
        "year": 2020 + number % 6,
        "status": ("enrolled", "left", "waiting")[number % 3],
        "language": ("en", "de", "zh", None)[number % 4],
        "notes": "Bring a notebook and something to write with. " * (number % 4),
        "score": number % 1000,
        "address": {"street": f"{number % 300} Elm Street", "city": "Exampletown", "zip": f"{number % 99999:05}"},
        "roles": [{"org_id": number % 101, "role": "student", "since": stamp}],
    }


def wide(number: int) -> Row:
    """60 flat columns: a dozen of each of five types."""
    row: Row = {"id": number}
    for column in range(12):
        value = number * (column + 7919)
        row[f"count_{column}"] = value % 100_003
        row[f"share_{column}"] = value % 9973 / 97
        row[f"label_{column}"] = f"option {value % 1013} of {column}"
        row[f"is_{column}"] = value % 3 == 0
        if column < 11:
            row[f"at_{column}"] = _stamp(value)
    return row


def course(number: int) -> Row:
    """A list in a list: one to three sections, each with one to three meetings."""
    sections = [
        {
            "name": f"Section {place}",
            "room": f"B-{(number + place) % 300:03}",
            "seats": (number * 7 + place) % 40,
            "meetings": [
                {"day": _DAYS[(number + hour) % 5], "starts_at": f"{8 + hour}:15", "hour": hour}
                for hour in range((number // 3 + place) % 3 + 1)
            ],
        }
        for place in range(number % 3 + 1)
    ]
    return {
        "id": number,
        "title": f"Course {number} in subject {number % 89}",
        "subject": {"code": f"S{number % 89}", "name": f"Subject {number % 89}"},
        "credits": number % 12,
        "weight": number % 400 / 100,
        "is_open": number % 4 != 0,
        "created_at": _stamp(number),
        "sections": sections,
    }


def post(number: int) -> Row:
    """A text of 2 to 6 kB in many scripts, with quotes and line breaks, as forums and assignments have them."""
    body = "".join(_WORDS[number * step % 6] for step in range(1, 24 + number % 48))
    return {
        "id": number,
        "author_id": number % 4999,
        "posted_at": _stamp(number),
        "title": f"Post {number}: {body[:40].strip()}",
        "body": f"{body}\n-- {number}",
    }


def mark(number: int) -> Row:
    """6 flat columns."""
    return {
        "id": number,
        "person_id": number % 9973,
        "course_id": number % 997,
        "points": number % 200 / 2,
        "status": ("graded", "late", "missing")[number % 3],
        "graded_at": _stamp(number),
    }


def _stamp(number: int) -> str:
    return f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:30:00Z"


_LARGE = frozenset(("ours", "sync", "floor"))
WORKLOADS = {
    each.name: each
    for each in (
        Workload("main", "20 columns, an object, a list", 200_000, 100, person, memory_limit=MEMORY_LIMIT, again=True),
        Workload("flat", "60 flat columns", 50_000, 100, wide),
        Workload("nested", "a list in a list: three tables", 30_000, 100, course),
        Workload("text", "texts of 2 to 6 kB", 40_000, 100, post),
        Workload("small", "10,000 pages of 10 rows", 100_000, 10, mark),
        Workload("million", "main, five times as many", 1_000_000, 100, person, _LARGE, MEMORY_LIMIT),
    )
}


def table_rows(row: Row, table: str = TABLE) -> Iterator[str]:
    """The table of every row that one object becomes, as dlt names them."""
    yield table
    for field, value in row.items():
        for each in value if isinstance(value, list) else ():
            yield from table_rows(each, f"{table}__{field}")


class Pages(Site):
    """All answers, ready to be sent, and in `tables` how many rows were put into them."""

    def __init__(self, workload: Workload, scale: float) -> None:
        self._size = workload.page_rows
        count = workload.pages(scale)
        total = count * self._size
        self.tables: Counter[str] = Counter()
        self._pages = [
            _page(self._counted(workload.row(n) for n in range(page * self._size, (page + 1) * self._size)), total)
            for page in range(count)
        ]
        few = min(_WARM_ROWS, self._size - 1)
        self._warm = _page((workload.row(number) for number in range(few)), few)
        self._after = _page((), total)
        self._empty = _page((), 0)

    def answer(self, target: str) -> tuple[bytes, float]:
        """The whole answer; never late. 400 to a question that is not for a whole page of this workload."""
        path, _, query = target.partition("?")
        asked = {name: int(values[0]) for name, values in parse_qs(query).items()}
        place, odd = divmod(asked.get("offset", 0), self._size)
        if odd or asked.get("limit", self._size) != self._size:
            return _framed(b"{}", "400 Bad Request"), 0.0
        if path == "/rows":
            return self._pages[place] if place < len(self._pages) else self._after, 0.0
        return self._warm if path == "/warm" and not place else self._empty, 0.0

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.tables.update(table_rows(row))
            yield row


def _page(rows: Iterator[Row] | tuple[()], total: int) -> bytes:
    return _framed(json.dumps({"data": list(rows), "total": total}, ensure_ascii=False).encode())


def _framed(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(workload: Workload, scale: float) -> None:
    """Serve on a free port of 127.0.0.1 until standard input ends."""
    loop = asyncio.get_running_loop()
    site = Pages(workload, scale)
    server = await loop.create_server(lambda: Connection(site, loop), "127.0.0.1", 0, backlog=256)
    print(json.dumps({"port": server.sockets[0].getsockname()[1], "tables": site.tables}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(WORKLOADS[sys.argv[1]], float(sys.argv[2])))
