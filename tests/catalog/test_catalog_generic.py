"""The config for any API reads the sample school, total or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import homeroom as package
from homeroom.demo import Dials, School
from homeroom.values import Proof, Status

if TYPE_CHECKING:
    from conftest import Homeroom

KEY = "k3y-0f-the-sch00l"


@pytest.mark.parametrize(("dials", "proof"), [(Dials(), Proof.COUNT), (Dials(total="absent"), Proof.CONTINUITY)])
def test_what_init_generic_writes_reads_every_row(
    homeroom: Homeroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dials: Dials, proof: Proof
) -> None:
    with School(scale=0.1, api_key=KEY, dials=dials) as school:
        monkeypatch.setenv("GENERIC_API_KEY", KEY)
        told = homeroom("init", "generic", "--base-url", school.url, "--set", "GENERIC_PATH=v1/people")
        assert told.exit_code == 0, told.stderr
        report = package.sync("generic.yaml", home=tmp_path / "home")
    items = report.resources["items"]
    assert (items.status, items.proof) == (Status.COMPLETE, proof)
    assert items.rows_in_table == items.rows_distinct == 520
