"""The same school in both databases; `make parity-postgres` compares the whole of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from homeroom.demo import School

from .parity import both, differences

if TYPE_CHECKING:
    from ..columnar.destination_postgres import Server


def test_a_school_is_the_same_in_duckdb_and_in_postgres(server: Server, tmp_path: Path) -> None:
    """Tables, columns, types, rows and their parents, of the tables and of the views of the model."""
    with School(scale=0.01) as school:
        left, right = both(tmp_path, school, server.database("parity"))
    assert differences(left, right) == []
    assert len(left) > 30 and left["edu.person"].rows.total() == left["school.people"].rows.total()
