"""No value that a rule hides, and no key, is anywhere but in the school and in the config."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from canary_marks import Mint
from canary_school import FAILING, MarkedSchool, rules_of
from canary_search import Findings

ROWS = int(os.environ.get("CANARY_ROWS", "12"))
SEED = os.environ.get("CANARY_SEED", "2026-11")
KINDS = {
    "out": "stdout",
    "err": "stderr",
    "log": "log at DEBUG",
    "exception": "exception",
    "trace": "dlt's trace",
    "report": "report",
    "summary.json": "summary file",
    "history.sqlite": "history",
    "journals": "journal",
    "raw": "raw pages",
    "pipelines": "dlt's working folder",
    "replays": "replay folder",
    "deletes": "deletes",
    "tokens": "tokens",
    "locks": "locks",
    "tmp": "temporary files",
    "dlt": "dlt's own folder",
    "rows.duckdb": "destination",
    "rows.duckdb.wal": "destination",
    "rebuilt.duckdb": "destination",
}
PREVIEW = {**KINDS, "out": "destination, a preview of it"}
STORED = ("destination",)
"""Where a value may be that the rules keep: in the tables, and where they are made or looked at."""


@dataclass
class Canary:
    """A school, its keys, and a folder for each scenario; the program is run in processes of their own."""

    folder: Path
    mint: Mint
    school: MarkedSchool
    environ: dict[str, str]
    findings: Findings
    exits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        script = Path(__file__).with_name("canary_runner.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def config(self, name: str, *resources: dict[str, Any], rules: dict[str, str], **more: Any) -> dict[str, Any]:
        """Write a config beside the scenarios, with its keys as placeholders; it, with them."""
        auth = {"type": "http_basic", "username": "campus", "password": "${CANARY_PASSWORD}"}
        headers = {"X-Api-Key": "${CANARY_KEY}"}
        usual = {"data_selector": "data", "paginator": {"type": "offset", "limit": 5}}
        source = {
            "client": {"base_url": self.school.url, "auth": auth, "headers": headers},
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "endpoint": usual},
            "resources": list(resources),
        }
        sync = {"retry": {"attempts": 2, "first_wait_s": 0.001, "max_wait_s": 0.001}, **more.pop("sync", {})}
        content = {"source": source, "privacy": {"columns": rules}, "sync": sync, **more}
        (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        filled = json.dumps(content)
        for key, value in self.environ.items():
            filled = filled.replace(f"${{{key}}}", json.dumps(value)[1:-1])
        found: dict[str, Any] = json.loads(filled)
        return found

    def run(self, scenario: str, do: str = "cli", *arguments: str, home: str | None = None, **order: Any) -> int:
        """Do something in a folder of its own, or in one that was used before; the exit code."""
        folder = self.folder / "runs" / scenario
        folder.mkdir(parents=True, exist_ok=True)
        more = order.pop("more", {})
        at = folder if home is None else self.folder / "runs" / home
        environ = {
            **self.environ,
            **more,
            "TMPDIR": str(folder / "tmp"),
            "HOMEROOM_HOME": str(at / "home"),
            "DLT_DATA_DIR": str(folder / "dlt"),
        } | ({} if order.pop("quiet", False) else {"RUNTIME__LOG_LEVEL": "DEBUG"})
        order |= {"do": do, "folder": str(folder), "environ": environ, "arguments": list(arguments)}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.exits[f"{scenario}: {do} {' '.join(arguments)[:60]}"] = code = int(self._process.stdout.readline())
        return code

    def cli(self, scenario: str, verb: str, config: str, *arguments: str, **order: Any) -> int:
        """A verb of the program, with the config of that name."""
        return self.run(scenario, "cli", verb, str(self.folder / f"{config}.yaml"), *arguments, **order)

    def database(self, scenario: str) -> str:
        return f"duckdb:///{self.folder / 'runs' / scenario / 'rows.duckdb'}"

    def search(self, scenario: str, kinds: dict[str, str] = KINDS) -> None:
        self.findings.folder(self.folder / "runs" / scenario, kinds, scenario)


def resource(name: str, path: str | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "endpoint": {"path": path or name, **more.pop("endpoint", {})}, **more}


SINGLE = {"endpoint": {"paginator": "single_page"}}


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    mint = Mint(Random(SEED))
    keys = {
        "CANARY_KEY": mint.secret("the key in a header", "sk/+{}&=%"),
        "CANARY_PASSWORD": mint.secret("the password", 'pa:"{}\\?'),
        "HOMEROOM_PRIVACY_KEY": mint.secret("the privacy key", "{}-of-thirty-two-characters-or-more"),
    }
    folder = tmp_path_factory.mktemp("canary")
    with MarkedSchool(mint, tuple(keys.values())[:2], ROWS) as school:
        made = Canary(folder, mint, school, keys, Findings(mint))
        yield made
        made.close()


def succeed(canary: Canary) -> None:
    """Both lanes, twice, then a replay, and what can be asked of a run."""
    grades = resource("grades", "people/{resources.people.uuid}/grades", include_from_parent=["uuid", "email", "name"])
    wholes = [resource("people"), grades, resource("staff")]
    rules = rules_of("people", "staff", "grades") | {"grades._people_name": "drop"}
    canary.config("school", *wholes, rules=rules, sync={"keep_raw": True})
    to = ("--to", canary.database("success"), "--dataset", "d")
    summary = str(canary.folder / "runs" / "success" / "summary.json")
    assert canary.cli("success", "sync", "school", *to, "-v", "--summary-file", summary) == 0
    assert canary.cli("success", "sync", "school", *to, "--json") == 0
    assert canary.cli("success", "sync", "school", *to, "--log-format", "json", "-v") == 0
    rebuilt = f"duckdb:///{canary.folder / 'runs' / 'success' / 'rebuilt.duckdb'}"
    assert canary.run("success", "cli", "replay", "last", "--to", rebuilt, "-v") == 0
    canary.run("success", "cli", "show", "last", "--json")
    canary.run("success", "cli", "runs", "--json")
    canary.cli("success", "schema", "school", "--infer", *to)
    canary.search("success")
    for verb in (("check",), ("check", "--json"), ("plan", "--json"), ("plan", "-v")):
        canary.cli("ahead", verb[0], "school", *verb[1:])
    canary.search("ahead")
    for form in ("table", "csv", "json"):
        assert canary.cli("preview", "preview", "school", "people", "--format", form) == 0
    canary.search("preview", PREVIEW)


def fail(canary: Canary) -> None:
    """Everything that a server can do wrong, as the program and as Python sees it."""
    linked = {"paginator": {"type": "json_link", "next_url_path": "next"}}
    own: dict[str, dict[str, Any]] = {name: dict(SINGLE) for name in FAILING}
    own["linked"] = {"endpoint": linked}
    resources = [resource("pupils"), *(resource(name, **more) for name, more in own.items())]
    resources += [resource("lost", "lost/{resources.pupils.uuid}", **SINGLE)]
    rules = rules_of("pupils", *FAILING) | {"texts.value": "drop"}
    filled = canary.config("failing", *resources, rules=rules)
    to = ("--to", canary.database("failures"), "--dataset", "d")
    assert canary.cli("failures", "sync", "failing", *to, "-v") == 3
    canary.cli("failures", "sync", "failing", *to, "--json", "--log-format", "json")
    canary.run("failures", "cli", "show", "last", "-v")
    canary.search("failures")
    # urllib3 logs the path of each request.
    to = ("--to", canary.database("requests"), "--dataset", "d")
    assert canary.cli("requests", "sync", "failing", *to, "-v", more={"HOMEROOM_TRANSPORT": "requests"}) == 3
    canary.search("requests")
    canary.cli("failures ahead", "check", "failing", "-v")
    canary.cli("failures ahead", "check", "failing", "--json")
    canary.cli("failures ahead", "plan", "failing", "-v")
    for name in ("broken", "linked", "lost", "nullkey"):
        canary.cli("failures ahead", "preview", "failing", name, "-v")
    canary.search("failures ahead")
    for name in (*FAILING, "lost"):
        options = {
            "config": str(canary.folder / "failing.yaml"), "destination": canary.database("raised"), "dataset": "d",
            "select": [name], "fail_fast": True,
        }  # fmt: skip
        canary.run("raised", "sync", options=options)
    canary.search("raised")
    source = {**filled["source"], "resources": [*filled["source"]["resources"][:1], resources[1]]}
    order = {"to": str(canary.folder / "runs" / "pipeline" / "rows.duckdb"), "sync": {"journal": True}}
    privacy = {"columns": rules_of("pupils", "broken")}
    assert canary.run("pipeline", "pipeline", config=source, privacy=privacy, **order) == 1
    source, privacy = {**source, "resources": source["resources"][:1]}, {"columns": rules_of("pupils")}
    assert canary.run("pipeline", "pipeline", config=source, privacy=privacy, **order) == 0
    # What a plain pipeline.run leaves in its folder, as it is stored, is dlt's own affair.
    own = {**KINDS, "dlt": "destination, a plain pipeline's own folder"}
    canary.search("pipeline", own)


def break_off(canary: Canary) -> None:
    """Kills, a disk that is full, a destination that refuses, contracts; and what the next run makes of it."""
    canary.config("plain", resource("pupils"), rules=rules_of("pupils"))
    killed = {**KINDS, "pipelines": "destination, of a run that was killed"}
    for number, point in enumerate(("page entered", "extracted", "about to load", "job committed", "loaded")):
        scenario = f"kill {number}"
        to = ("--to", canary.database(scenario), "--dataset", "d")
        assert canary.cli(scenario, "sync", "plain", *to, point=point) == -9
        canary.search(scenario, killed)
        assert canary.cli(scenario, "sync", "plain", *to) == 0
        canary.search(scenario)
    to = ("--to", canary.database("full"), "--dataset", "d")
    assert canary.cli("full", "sync", "plain", *to, "-v", full=True) != 0
    canary.search("full")
    assert canary.cli("full", "sync", "plain", *to) == 0
    with duckdb.connect(str(canary.folder / "runs" / "full" / "rows.duckdb")) as connection:
        connection.execute("UPDATE d.pupils SET town = NULL; ALTER TABLE d.pupils ALTER town TYPE INTEGER")
    options = {"config": str(canary.folder / "plain.yaml"), "destination": canary.database("full"), "dataset": "d"}
    assert canary.cli("full", "sync", "plain", *to, "-v", quiet=True) == 1
    canary.search("full")
    # The driver says which value it refuses, as it is stored: in the cause of our error, and in dlt's log at DEBUG.
    quoted = dict.fromkeys(("err", "exception", "log"), "destination, its own words")
    assert canary.run("full", "sync", options=options) == 1
    canary.search("full", {**KINDS, **quoted})
    for mode in ("discard_row", "freeze"):
        contract = {"tables": "evolve", "columns": mode, "data_type": mode}
        columns = {"town": {"data_type": "bigint"}, "email": {"data_type": "bigint"}}
        contracted = resource("pupils", schema_contract=contract, columns=columns)
        canary.config(mode, contracted, rules=rules_of("pupils"))
        to = ("--to", canary.database(mode), "--dataset", "d")
        canary.cli(mode, "sync", mode, *to, "-v")
        canary.run(
            mode,
            "sync",
            options={**options, "config": str(canary.folder / f"{mode}.yaml"), "destination": canary.database(mode)},
        )
        canary.search(mode)


def forget(canary: Canary) -> set[str]:
    """One person, who then stays away; the cores of what was kept of the person that are found all the same."""
    canary.config("forget", resource("pupils"), rules=rules_of("pupils"), sync={"keep_raw": True})
    to = ("--to", canary.database("forget"), "--dataset", "d")
    person = canary.school.rows["pupils"][0]
    assert canary.cli("forget", "sync", "forget", *to) == 0
    assert canary.cli("forget", "forget", "forget", "--person", str(person["id"]), "--yes", *to) == 0
    assert canary.cli("forget", "sync", "forget", *to, "-v") == 0
    canary.search("forget")
    after = Findings(canary.mint)
    after.folder(canary.folder / "runs" / "forget", KINDS, "forget")
    town = person["town"].partition(" ")[0]
    held = {mark.core for marks in after.found.values() for mark in marks if mark.fate == "kept"}
    assert len(held) >= ROWS - 1
    return held & {town}


def test_nothing_leaks(canary: Canary, capsys: pytest.CaptureFixture[str]) -> None:
    """All scenarios, then every mark in every kind of place."""
    for scenario in (succeed, fail, break_off):
        scenario(canary)
    assert forget(canary) == set()
    findings = canary.findings
    leaks = findings.leaks({"kept": STORED})
    hidden = [mark for mark in canary.mint.marks.values() if mark.fate != "kept"]
    with capsys.disabled():
        print(f"\n{len(hidden)} values × {len(findings.looked_at)} kinds of place, ", end="")
        print(f"{sum(findings.looked_at.values()) / 1e6:.0f} MB: {len(leaks)} leaks")
        if os.environ.get("CANARY_TELL"):
            print(json.dumps(canary.exits, indent=1), json.dumps(findings.looked_at, indent=1), *leaks[:200], sep="\n")
    kept = {
        mark for mark in canary.mint.marks.values() if mark.fate == "kept" and mark.what.startswith(("people", "staff"))
    }
    assert kept <= findings.found["destination, tables"]
    assert leaks == []
    assert len(hidden) >= 500 and {"history", "journal", "raw pages", "stderr", "log at DEBUG"} <= set(
        findings.looked_at
    )


def test_where_nothing_is_hidden_it_is_found(canary: Canary) -> None:
    """What the search is worth: without rules, pages lie open until they are loaded, and rows as they came."""
    canary.config("open", resource("pupils"), rules={})
    to = ("--to", canary.database("open"), "--dataset", "d")
    assert canary.cli("open", "sync", "open", *to, point="load committed") == -9
    findings = Findings(canary.mint)
    findings.folder(canary.folder / "runs" / "open", KINDS, "open")
    pupils = {mark for mark in canary.mint.marks.values() if mark.what.startswith("pupils.")}
    assert pupils <= findings.found["destination, tables"] | findings.found["destination, _dlt tables"]
    assert pupils <= findings.found["journal"]
    secrets = {mark for mark in canary.mint.marks.values() if mark.fate == "secret"}
    assert not secrets & set().union(*findings.found.values())


WRITINGS: dict[str, Callable[[str], bytes]] = {
    "in clear": str.encode,
    "in capitals": lambda text: text.upper().encode(),
    "in a URL": lambda text: quote(text, safe="").encode(),
    "in JSON": lambda text: json.dumps({"a": text}).encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64, behind a letter": lambda text: base64.b64encode(f"x{text}".encode()),
    "in base64, behind two": lambda text: base64.urlsafe_b64encode(f"xy{text}z".encode()),
    "as hexadecimal digits": lambda text: text.encode().hex().encode(),
    "in UTF-16": lambda text: text.encode("utf-16"),
    "in UTF-16, the other way round": lambda text: text.encode("utf-16-be"),
    "cut after eight letters": lambda text: text[: text.index("cnry") + 8].encode(),
    "as a hash without a key": lambda text: hashlib.sha256(text.encode()).hexdigest().encode(),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("pattern", ["{}", "Žofie {} O'Neill & <b>", 'a"b\\c/{}\td'])
def test_a_mark_is_found_as_it_may_be_written(writing: str, pattern: str) -> None:
    mint = Mint(Random(writing))
    text = mint.text("name", pattern)
    mint.text("another")
    assert [mark.what for mark in mint.found(b"~~" + WRITINGS[writing](text) + b"~~")] == ["name"]


@pytest.mark.parametrize("before", range(8))
def test_numbers_and_moments_are_found_in_eight_bytes(before: int) -> None:
    mint = Mint(Random(before))
    number, moment = mint.number("id"), mint.moment("seen")
    micros = int(datetime.fromisoformat(moment).timestamp() * 1_000_000)
    written = bytes(before) + struct.pack("<qq", number, micros) + b"tail"
    assert {mark.what for mark in mint.found(written)} == {"id", "seen"}
    assert {mark.what for mark in mint.found(bytes(before) + struct.pack("<d", number))} == {"id"}
    assert {mark.what for mark in mint.found(f"{number} {moment}".encode())} == {"id", "seen"}
