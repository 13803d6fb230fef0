"""Runs tests under the lowest version of every package that pyproject.toml allows.

    python tools/lowest.py [WORDS FOR PYTEST...]

The environment .venv-lowest is made anew where the bounds have changed. Packages that Homeroom does not name are
of today.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from dependencies import ROOT, dependencies, lowest_constraints, project
from environments import Environment, tools_in

FOLDER = ROOT / ".venv-lowest"


def environment(folder: Path = FOLDER) -> Environment:
    """The environment with the lowest versions, Homeroom editable in it, and what tests need."""
    lines = "\n".join(lowest_constraints(dependencies(project())))
    made_of = folder / "constraints.txt"
    if made_of.is_file() and made_of.read_text(encoding="utf-8") == lines:
        return Environment(folder / "bin/python", (str(folder / "bin/python"), "-m", "pip"))
    shutil.rmtree(folder, ignore_errors=True)
    made = tools_in(folder)
    constraints = folder / "wanted.txt"
    constraints.write_text(lines, encoding="utf-8")
    made.install("--constraint", str(constraints), "--editable", f"{ROOT}[dev]")
    constraints.rename(made_of)  # only now is the environment whole
    return made


def main(words: list[str]) -> int:
    """Gives pytest's exit code."""
    python = environment().python
    return subprocess.run([python, "-m", "pytest", *(words or ["-q", "-n", "2"])], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
