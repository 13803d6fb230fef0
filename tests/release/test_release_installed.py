"""The wheel in an environment where nothing else is, under today's packages and under the lowest."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from builds import Built
from dependencies import dependencies, lowest_constraints, project
from environments import Environment, bare_in, run, tools_in
from packaging.utils import canonicalize_name
from packaging.version import Version
from sbom import TOOL, write_bill

from homeroom import __version__

pytestmark = [pytest.mark.registry, pytest.mark.xdist_group("release")]

CONFIG = """destination: duckdb:///campus.duckdb
source:
  client: {base_url: "https://api.example.com"}
  resources: [courses]
"""


@pytest.fixture(scope="module")
def today(built: Built, pip: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = bare_in(tmp_path_factory.mktemp("today") / "env", pip)
    made.install(str(built.wheel))
    return made


@pytest.fixture(scope="module")
def lowest(built: Built, pip: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("lowest")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lowest_constraints(dependencies(project()))))
    made = bare_in(folder / "env", pip)
    made.install("--constraint", str(constraints), str(built.wheel))
    return made


def homeroom(where: Environment, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, without this tree on its path."""
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "HOMEROOM_HOME")}
    environ = own | {"HOMEROOM_HOME": str(folder / "home")}
    return subprocess.run([where.folder / "homeroom", *words], cwd=folder, env=environ, capture_output=True, text=True)


def installed(where: Environment) -> dict[str, str]:
    listed = json.loads(run(*where.pip, "list", "--format", "json"))
    return {canonicalize_name(each["name"]): each["version"] for each in listed}


def test_the_packages_of_today_fit_each_other(today: Environment) -> None:
    assert "No broken requirements" in run(*today.pip, "check")


def test_the_installed_program_says_its_version(today: Environment, tmp_path: Path) -> None:
    assert homeroom(today, tmp_path, "--version").stdout == f"homeroom {__version__}\n"


def test_the_installed_demo_reads_the_school_and_proves_it(today: Environment, tmp_path: Path) -> None:
    done = homeroom(today, tmp_path, "demo", "--scale", "0.01")
    assert (done.returncode, "of school: complete" in done.stdout) == (0, True), done.stderr
    assert (tmp_path / "homeroom_demo.duckdb").is_file()


def test_the_installed_program_knows_configs_platforms_and_the_schema(today: Environment, tmp_path: Path) -> None:
    (tmp_path / "campus.yaml").write_text(CONFIG)
    assert homeroom(today, tmp_path, "validate", "campus.yaml").returncode == 0
    assert "canvas" in homeroom(today, tmp_path, "catalog", "list").stdout
    assert json.loads(homeroom(today, tmp_path, "schema").stdout)["title"] == "Homeroom config"


@pytest.mark.skipif("HOMEROOM_DIST" not in os.environ, reason="40 seconds; make dist runs it")
def test_the_bill_of_materials_has_what_is_installed(today: Environment, tmp_path: Path) -> None:
    file = tmp_path / "bill.json"
    write_bill(today, tools_in(tmp_path / "tools", TOOL), file)
    bill = json.loads(file.read_text())
    root = bill["metadata"]["component"]
    assert (bill["specVersion"], root["name"], root["version"]) == ("1.6", "homeroom", __version__)
    listed = {canonicalize_name(each["name"]): each["version"] for each in bill["components"]}
    assert listed | {"homeroom": __version__} == installed(today)
    assert [each["name"] for each in bill["components"] if not each.get("licenses")] == []


def test_the_lowest_versions_are_those_of_the_bounds(lowest: Environment) -> None:
    wanted = dict(line.split("==") for line in lowest_constraints([d for d in dependencies(project()) if not d.extra]))
    found = installed(lowest)
    assert {name for name, version in wanted.items() if Version(found[name]) != Version(version)} == set()
    assert "No broken requirements" in run(*lowest.pip, "check")


def test_the_demo_is_complete_under_the_lowest_versions(lowest: Environment, tmp_path: Path) -> None:
    done = homeroom(lowest, tmp_path, "demo", "--scale", "0.01")
    assert (done.returncode, "of school: complete" in done.stdout) == (0, True), done.stderr
