"""Installs a wheel under each Python that the classifiers name, and lets it say its version and show the demo.

python tools/pythons.py dist/homeroom-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dependencies import project
from environments import bare_in, run, tools_in


def named() -> list[str]:
    """The versions of Python in the classifiers, such as 3.11."""
    ends = [
        str(classifier).rpartition(" :: ")[2] for classifier in project()["classifiers"] if "Python ::" in classifier
    ]
    return [end for end in ends if end.startswith("3.")]


def answers(interpreter: str) -> bool:
    """Whether a Python of this name is there and starts; pyenv has names for Pythons that do not."""
    found = shutil.which(interpreter)
    return found is not None and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0


def try_under(interpreter: str, wheel: Path) -> str:
    """Raises if anything goes wrong; gives what `homeroom --version` says."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        pip = tools_in(folder / "pip")
        installed = bare_in(folder / "env", pip, interpreter)
        installed.install(str(wheel))
        run(*installed.pip, "check")
        program = str(installed.folder / "homeroom")
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        run(program, "demo", "--scale", "0.01", cwd=folder, env=own | {"HOMEROOM_HOME": str(folder / "home")})
        return run(program, "--version", env=own).strip()


def main(arguments: list[str]) -> int:
    """Says of each Python what came of it; fails where one that is there does not work."""
    if not arguments or not Path(arguments[0]).is_file():
        print(f"no wheel {' '.join(arguments[:1])}: build one with make dist, and give its file", file=sys.stderr)
        return 2
    failed = False
    for version in named():
        if not answers(f"python{version}"):
            print(f"python{version}\tis not there, not tried")
            continue
        try:
            print(f"python{version}\t{try_under(f'python{version}', Path(arguments[0]).resolve())}", flush=True)
        except RuntimeError as error:
            failed = True
            print(f"python{version}\tfails: {error}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
