"""Casts make the same tables in both lanes, and those that dlt makes of a column that is declared so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import dlt
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lane_sides import Both, source_of
from parity_tables import compare_tables, read_tables

from homeroom.source.casts import cast_rows, cast_text
from homeroom.values import Cast, FieldCast, ResourceSettings, SyncSettings

TYPES = {"bool": "bool", "whole": "bigint", "real": "double", "at": "timestamp"}
"""Casts that dlt makes too, where the column is declared so."""
OTHERS = {"ms": ("timestamp_ms",), "zero": ("null_if_zero", "timestamp"), "one": ("list",), "in.at": ("timestamp",)}
VALUES = {
    "bool": ["true", "false", "True", "FALSE", True, None, "yes", "perhaps", ""],
    "whole": ["7", "-12", " 3 ", "0", 5, None, "9223372036854775807", "x", "1.5"],
    "real": ["7", "1.5", "-2e3", 0.25, 3, None, "x", ""],
    "at": [0, 1_700_000_000, -5, 1.5, 1_700_000_000.123456, 253402300799, 10**15, None, "2024-01-15T10:00:00Z", "x"],
    "ms": [0, 1_700_000_000_123, 1.5, None, "2024-01-15T10:00:00Z", 10**16],
    "zero": [0, 0.0, "0", 1_700_000_000, None],
    "one": [{"a": 1}, [{"a": 2}, {"a": 3}], [], None, {"a": None}],
    "in": [{"at": 5}, {"at": 1.5, "b": "x"}, {}, None, {"at": None}],
}
FITTING = {name: 2 if name != "at" else 6 for name in VALUES}
DRAWN = {"max_examples": 2, "deadline": None, "phases": [Phase.explicit, Phase.generate]}


@pytest.fixture(scope="module", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No telemetry, and dlt's own folder is ours."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("alone")
        patch.chdir(folder)
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        yield


def fields(casts: dict[str, Sequence[str]]) -> list[FieldCast]:
    return [FieldCast(tuple(path.split(".")), Cast(tuple(kinds))) for path, kinds in casts.items()]


def drawn(random: Random) -> list[dict[str, Any]]:
    """A page: mostly of values that fit, so that it goes as columns, or of any."""
    fits = random.random() < 0.6
    pools = {name: values[: FITTING[name]] if fits else values for name, values in VALUES.items()}
    return [
        {"id": random.randint(0, 99), **{name: random.choice(pool) for name, pool in pools.items()}} for _ in range(5)
    ]


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(suppress_health_check=list(HealthCheck), **DRAWN)
def test_drawn_rows_make_the_tables_of_dlt(seed: int) -> None:
    random = Random(seed)
    pages = {f"r{number}": [drawn(random) for _ in range(3)] for number in range(6)}
    columns = {name: {"data_type": kind} for name, kind in TYPES.items()}
    typed = columns | {"ms": {"data_type": "timestamp"}, "zero": {"data_type": "timestamp"}}
    casts = {name: Cast((kind,)) for name, kind in TYPES.items()} | {n: Cast(kinds) for n, kinds in OTHERS.items()}
    each = ResourceSettings(casts=MappingProxyType(casts))

    def resource(name: str, rows: list[list[dict[str, Any]]]) -> Any:
        copies = json.loads(json.dumps(rows))  # what dlt does not cast by itself
        for page in copies:
            cast_rows(page, fields(OTHERS))
        return dlt.resource(copies, name=name, columns=typed)

    with TemporaryDirectory() as folder:
        both = Both(Path(folder))
        both.theirs.run(
            dlt.source(lambda: [resource(*item) for item in pages.items()], name="rest_api")(),
            loader_file_format="parquet",
        )
        texts = {name: [json.dumps(page) for page in rows] for name, rows in pages.items()}
        ours = source_of(texts, {}, SyncSettings(resources=dict.fromkeys(pages, each)))
        both.ours.run(ours, loader_file_format="parquet")
        assert compare_tables(read_tables(both.theirs), read_tables(both.ours)) == []
        assert sum(line.pages_columnar for line in ours.report.resources.values()) > 0
        assert sum(line.pages_object for line in ours.report.resources.values()) > 0


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(max_examples=50, deadline=None)
def test_text_is_cast_as_decoded_rows_are(seed: int) -> None:
    casts = fields({**{name: (kind,) for name, kind in TYPES.items()}, **OTHERS})
    rows: list[Any] = [*drawn(Random(seed)), 5, None]
    text = cast_text(json.dumps(rows, indent=1).encode(), casts)
    cast_rows(rows, casts)
    assert json.loads(text) == rows
