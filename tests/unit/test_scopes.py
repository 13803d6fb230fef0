"""Which parents a child was read for to a proved end."""

from __future__ import annotations

from homeroom.source.scopes import Scopes
from homeroom.values import Status

ONE, TWO = ("1",), ("2",)


def read(*chains: tuple[int, tuple[str, ...] | None]) -> Scopes:
    scopes = Scopes()
    scopes.begin("seats", chains)
    return scopes


def test_a_parent_counts_when_its_chain_came_to_a_proved_end() -> None:
    scopes = read((1, ONE), (2, TWO), (3, ("3",)))
    scopes.ended("seats", 1, Status.COMPLETE)
    scopes.ended("seats", 2, Status.UNPROVED)
    assert scopes.parents("seats") == {ONE}


def test_a_parent_that_was_read_twice_needs_both_reads() -> None:
    scopes = read((1, ONE))
    scopes.ended("seats", 1, Status.COMPLETE)
    scopes.begin("seats", [(2, ONE)])
    assert scopes.parents("seats") == set()
    scopes.ended("seats", 2, Status.COMPLETE)
    assert scopes.parents("seats") == {ONE}


def test_of_a_chain_that_was_read_again_the_last_end_counts() -> None:
    scopes = read((1, ONE))
    scopes.ended("seats", 1, Status.COMPLETE)
    scopes.ended("seats", 1, Status.UNPROVED)
    assert scopes.parents("seats") == set()


def test_a_parent_whose_field_is_no_text_and_a_read_that_was_forgotten_prove_nothing() -> None:
    scopes = read((1, None))
    scopes.ended("seats", 1, Status.COMPLETE)
    assert scopes.parents("seats") == set()
    scopes.begin("seats", [(2, ONE)])
    scopes.ended("seats", 2, Status.COMPLETE)
    scopes.forget("seats")
    assert scopes.parents("seats") == set() == scopes.parents("nobody")
