"""Which journal is gone on with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.events import RunSetAside
from homeroom.journal import Head, Journal, KeptPage
from homeroom.resume import open_journal
from homeroom.values import Answer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STUDENTS = ("students", b"/classes/1/students")


def opened(home: Path, token: str, told: list[Any], load_id: str | None = None) -> Journal:
    """The journal of a run with this token, and this package."""
    run = Head(f"run of {token}", NOON, {"config": "abc"}, load_id)
    return open_journal(
        home, "school", run, [token], within_s=3600.0, anew=False, now=lambda: NOON, hooks=[told.append]
    )


def left_by(home: Path, token: str, load_id: str | None = None) -> None:
    """A run with this token, killed after one page of a list that had ended."""
    journal = opened(home, token, [], load_id)
    answer = Answer(200, "https://a.example/classes/1/students", (), b'{"data": [{"name": "Anna"}]}', read_at=NOON)
    journal.put(lambda: KeptPage(STUDENTS, b"page 1", None, 1, None, None, answer)).result()
    journal.end_chain(STUDENTS)
    journal.close()


def test_a_run_with_the_same_key_is_gone_on_with(tmp_path: Path) -> None:
    left_by(tmp_path, "token-of-school-A")
    told: list[Any] = []
    journal = opened(tmp_path, "token-of-school-A", told)
    assert journal.earlier[STUDENTS].ended and told == []
    journal.close()


@pytest.mark.parametrize("load_id", [None, "1768000000.1"])
def test_pages_of_another_key_are_another_schools(tmp_path: Path, load_id: str | None) -> None:
    """Also where both fill the same package."""
    left_by(tmp_path, "token-of-school-A", load_id)
    told: list[Any] = []
    journal = opened(tmp_path, "token-of-school-B", told, load_id)
    assert journal.earlier == {} and journal.tally.pages == 0
    assert journal.head is not None and journal.head.run_id == "run of token-of-school-B"
    (event,) = told
    assert isinstance(event, RunSetAside) and event.pages == 1 and event.why.startswith("a key or password")
    journal.close()
    again = opened(tmp_path, "token-of-school-B", told)
    assert again.is_of_our_secrets and len(told) == 1
    again.close()


def test_what_another_key_has_landed_is_read_again(tmp_path: Path) -> None:
    left_by(tmp_path, "token-of-school-A")
    journal = opened(tmp_path, "token-of-school-A", [])
    journal.hand_on(["terms"], ["students"])
    journal.close()
    journal = opened(tmp_path, "token-of-school-B", [])
    assert journal.head is not None and journal.head.landed == frozenset()
    journal.close()
