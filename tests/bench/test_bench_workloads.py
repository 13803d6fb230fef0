import json
from collections import Counter

import pytest
from workloads import TABLE, WORKLOADS, Pages, Workload, table_rows


def body(pages: Pages, target: str) -> tuple[str, dict[str, object]]:
    """Status and body of the answer."""
    head, _, text = pages.answer(target)[0].partition(b"\r\n\r\n")
    assert f"Content-Length: {len(text)}" in head.decode()
    return head.decode().split(" ", 2)[1], json.loads(text)


def rows_of(answer: dict[str, object]) -> list[dict[str, object]]:
    rows = answer["data"]
    assert isinstance(rows, list)
    return rows


def read_whole(pages: Pages, size: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while rows := rows_of(body(pages, f"/rows?offset={len(found)}&limit={size}")[1]):
        found += rows
    return found


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda each: each.name)
def test_the_pages_hold_the_rows_that_the_tables_must_have(workload: Workload) -> None:
    pages = Pages(workload, 3 * workload.page_rows / workload.rows)
    rows = read_whole(pages, workload.page_rows)
    assert pages.tables[TABLE] == len(rows) == 3 * workload.page_rows
    assert len({row["id"] for row in rows}) == len(rows)
    assert pages.tables == Counter(table for row in rows for table in table_rows(row))


def test_a_list_in_a_list_makes_three_tables() -> None:
    assert set(Pages(WORKLOADS["nested"], 0.0).tables) == {"rows", "rows__sections", "rows__sections__meetings"}


@pytest.mark.parametrize("query", ["offset=50&limit=100", "offset=0&limit=50"])
def test_a_question_for_part_of_a_page_is_refused(query: str) -> None:
    assert body(Pages(WORKLOADS["main"], 0.0), f"/rows?{query}")[0] == "400"


def test_the_warm_list_has_rows_of_the_workload_and_ends_on_its_first_page() -> None:
    pages = Pages(WORKLOADS["small"], 0.0)
    rows = rows_of(body(pages, "/warm?offset=0&limit=10")[1])
    assert 0 < len(rows) < 10
    assert rows == rows_of(body(pages, "/rows?offset=0&limit=10")[1])[: len(rows)]
    assert rows_of(body(pages, "/warm?offset=10&limit=10")[1]) == []


def test_the_empty_list_is_empty() -> None:
    assert body(Pages(WORKLOADS["small"], 0.0), "/empty?offset=0&limit=10") == ("200", {"data": [], "total": 0})
