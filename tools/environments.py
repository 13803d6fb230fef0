"""Python environments in folders of their own, filled by pip."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Environment:
    """A venv and the pip that fills it. `python` may be one that has no pip of its own."""

    python: Path
    pip: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the programs lie."""
        return self.python.parent

    def install(self, *words: str) -> None:
        """Runs pip install with these words."""
        run(*self.pip, "install", "--quiet", *words)

    def report(self, requirement: str) -> dict[str, Any]:
        """What pip would install for the requirement into an empty environment; nothing is installed."""
        told = run(*self.pip, "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-", requirement)
        report: dict[str, Any] = json.loads(told)
        return report


def tools_in(folder: Path, *packages: str) -> Environment:
    """An environment with today's pip (an old one does not tell License-Expression) and these packages."""
    run(sys.executable, "-m", "venv", str(folder))
    python = folder / "bin/python"
    made = Environment(python, (str(python), "-m", "pip"))
    made.install("--upgrade", "pip", *packages)
    return made


def bare_in(folder: Path, by: Environment, interpreter: str = sys.executable) -> Environment:
    """An environment without pip, so that it holds only what is asked for; `by` fills it."""
    run(interpreter, "-m", "venv", "--without-pip", str(folder))
    python = folder / "bin/python"
    return Environment(python, (*by.pip, "--python", str(python)))


def run(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Runs a program and gives its stdout; what it said on stderr is in the error if it fails."""
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout
