"""After each kind of failure the key is found nowhere: not in what was printed, logged, raised or written."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import dlt
import pytest
import yaml
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))  # the helpers beside this file; importlib mode adds no folder

from key_search import FORMS, Logs, files_with_key, holds_key, texts_of
from leak_server import CASES, HOLDINGS, KEY, REFUSED_TOKENS, SYNC, TOKEN, Holding, Leaky, config_of

from homeroom.cli.app import app
from homeroom.source import rest_api_source

ALL = {**HOLDINGS, **{f"oauth2, {name}": held for name, held in REFUSED_TOKENS.items()}}
KEPT = ("fine", "401", "404", "500", "html", "error-object", "redirect-away", "cursor-echo", "mid-401", "dns", "tls")
FATES = {name.replace("-", "_") for name in CASES}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Leaky, Leaky]]:
    """One for all, and one that throttles."""
    with Leaky() as leaky, Leaky() as busy:
        yield leaky, busy


@pytest.fixture(autouse=True)
def told_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """dlt logs whatever it can."""
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("RUNTIME__HTTP_SHOW_ERROR_BODY", "true")
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")


def written(config: Any, folder: Path) -> Path:
    """A config file that holds `${THE_KEY}` where the config holds the key."""
    text = yaml.safe_dump({"name": "campus", "source": config, "sync": SYNC}, width=10_000)
    file = folder / "campus.yaml"
    file.write_text(text.replace(KEY, "${THE_KEY}"))
    assert "${THE_KEY}" in file.read_text()
    return file


def test_the_search_finds_a_key_however_it_stands(tmp_path: Path) -> None:
    """Else the tests below would prove nothing."""
    from base64 import b64encode
    from gzip import compress
    from urllib.parse import quote_plus
    from zlib import compress as deflate

    plain = f"campus:{KEY}".encode()
    forms = [plain, quote_plus(KEY).encode(), b64encode(plain), b64encode(b"x" + plain), b64encode(b"xy" + plain)]
    forms += [compress(plain), b64encode(deflate(plain * 9)), KEY.encode("utf-16-le"), json.dumps(KEY).encode()]
    for number, form in enumerate(forms):
        (tmp_path / f"{number}.bin").write_bytes(b"...." + form + b"...." if form[:2] != b"\x1f\x8b" else form)
    (tmp_path / "none.bin").write_bytes(b"campus:***")
    assert len(files_with_key(tmp_path)) == len(forms)
    assert all(len(form) > 9 for form in FORMS)


@pytest.mark.parametrize("name", ALL)
def test_a_sync_leaves_the_key_nowhere(
    name: str, servers: tuple[Leaky, Leaky], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """One run in which every resource fails in its own way, and what is shown of it later."""
    leaky, busy = servers
    leaky.asked.clear()
    for variable, value in {
        "THE_KEY": KEY,
        "HOMEROOM_HOME": f"{tmp_path}/home",
        "DLT_DATA_DIR": f"{tmp_path}/dlt",
    }.items():
        monkeypatch.setenv(variable, value)
    file = written(config_of(leaky, busy, ALL[name]), tmp_path)
    sync = ["sync", str(file), "--to", f"duckdb:///{tmp_path}/rows.duckdb", "--summary-file", f"{tmp_path}/sum.json"]
    commands = ([*sync, "--json", "-v"], ["show", "last"], ["show", "last", "--json"], ["runs", "--json"])
    with Logs() as logs:
        results = [CliRunner().invoke(app, command) for command in commands]
    printed = {
        " ".join(command[-2:]): r.output + texts_of(r.exception) for command, r in zip(commands, results, strict=True)
    }
    assert any(map(holds_key, leaky.asked)), "the key was never sent: nothing is shown"
    assert {line["resource"][2:] for line in _failed(results[0].stdout)} == FATES - (
        {"fine"} if name in HOLDINGS else set()
    )
    found = [place for place, text in printed.items() if holds_key(text)]
    found += ["logs"] * holds_key(logs.text) + ["stdout and stderr"] * holds_key("".join(capfd.readouterr()))
    assert found + files_with_key(tmp_path) == []


def _failed(printed: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in printed.splitlines()]
    return [line for line in lines if line["event"] == "resource" and line["status"] in ("failed", "incomplete")]


def test_a_sync_in_a_process_of_its_own_leaves_the_key_nowhere(servers: tuple[Leaky, Leaky], tmp_path: Path) -> None:
    """The key stands in the config itself, and the run cannot load: its end is an error, told with a traceback."""
    config = config_of(*servers, HOLDINGS["http_basic"], ("fine", "401", "dns", "link-echo"))
    file = tmp_path / "kept" / "campus.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump({"source": config, "sync": SYNC}))
    work = tmp_path / "work"
    work.mkdir()
    environ = os.environ | {"HOMEROOM_HOME": f"{work}/home", "DLT_DATA_DIR": f"{work}/dlt", "PYTHONWARNINGS": "always"}
    (work / "broken.duckdb").write_text("no database")
    ends = []
    for database in ("rows", "broken"):
        command = ["sync", str(file), "--to", f"duckdb:///{work}/{database}.duckdb", "--dataset", "campus", "-v"]
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-m", "homeroom", *command],
            capture_output=True,
            cwd=work,
            env=environ,
            timeout=60,
        )
        ends.append(done.returncode)
        assert not holds_key(done.stdout) and not holds_key(done.stderr)
    (work / "broken.duckdb").unlink()
    assert ends == [3, 1] and b"Traceback" in done.stderr
    assert files_with_key(work) == []


@pytest.mark.parametrize("name", ALL)
def test_a_source_without_a_pipeline_raises_and_logs_the_key_nowhere(name: str, servers: tuple[Leaky, Leaky]) -> None:
    found = []
    with Logs() as logs:
        for case, error, said in _iterated(servers, ALL[name]):
            found += [case] * (holds_key(texts_of(error)) or holds_key(said))
    assert found == [] and not holds_key(logs.text)


@pytest.mark.parametrize("name", ["api_key in a header", "api_key in the query", "http_basic", "oauth2", "params"])
def test_the_other_wire_raises_and_logs_the_key_nowhere(
    name: str, servers: tuple[Leaky, Leaky], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over requests. Only urllib3's own lines at DEBUG are left out: they are URLs, as with requests anywhere."""
    monkeypatch.setenv("HOMEROOM_TRANSPORT", "requests")
    with Logs(without="urllib3") as logs:
        found = [case for case, error, said in _iterated(servers, ALL[name]) if holds_key(texts_of(error) + said)]
    assert found == [] and not holds_key(logs.text)


def _iterated(servers: tuple[Leaky, Leaky], held: Holding) -> Iterator[tuple[str, Exception | None, str]]:
    """Each case read by itself: its error, and what the report says."""
    for case in CASES:
        source = rest_api_source(deepcopy(config_of(*servers, held, (case,))), sync=SYNC)  # type: ignore[arg-type]
        try:
            rows = list(source)
        except Exception as error:
            yield case, error, repr(source.report)
        else:
            assert case == "fine" or rows == []
            yield case, None, repr(source.report) + repr(source) + repr(source.resources)


@pytest.mark.parametrize("name", ["api_key in the query, as Moodle names it", "http_basic"])
def test_a_pipeline_keeps_the_key_nowhere(
    name: str, servers: tuple[Leaky, Leaky], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """Its trace, which dlt pickles and people load into a table, its state, its packages."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    found: list[str] = []
    with Logs() as logs:
        for case in KEPT:
            destination = dlt.destinations.duckdb(str(tmp_path / "rows.duckdb"))
            pipeline = dlt.pipeline(
                "plain", destination=destination, dataset_name="campus", pipelines_dir=str(tmp_path / "p")
            )
            config = config_of(*servers, HOLDINGS[name], (case,))
            try:
                pipeline.run(rest_api_source(config, sync=SYNC), loader_file_format="parquet")  # type: ignore[arg-type]
            except Exception as error:
                found += [case] * holds_key(texts_of(error))
            trace = pipeline.last_trace
            found += [f"{case}: trace"] * holds_key(f"{trace.asdict()} {trace.asstr(verbosity=2)}" if trace else "")
    gc.collect()
    assert found == [] and not holds_key(logs.text) and not holds_key("".join(capfd.readouterr()))
    assert files_with_key(tmp_path) == []


def test_the_token_was_granted_and_used(servers: tuple[Leaky, Leaky]) -> None:
    """Or nothing was shown of it."""
    servers[0].asked.clear()
    list(rest_api_source(config_of(*servers, HOLDINGS["oauth2"], ("fine",)), sync=SYNC))  # type: ignore[arg-type]
    assert any(f"Bearer {TOKEN}" in each for each in servers[0].asked)
