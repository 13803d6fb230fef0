"""Writes the bill of materials of a wheel: what an installation of today holds, in CycloneDX 1.6.

    python tools/sbom.py dist/homeroom-0.1.0-py3-none-any.whl [EXTRA...]

One file beside the wheel for Homeroom alone, and one for each extra; without extras in the command, for all of them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from dependencies import extras, project
from environments import Environment, bare_in, run, tools_in
from release_version import written_version

TOOL = "cyclonedx-bom>=7,<8"


def write_bill(installed: Environment, tools: Environment, file: Path) -> None:
    """The bill of one environment; cyclonedx-py validates it against the schema before it is written."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "pyproject.toml"
        root.write_text(_described(), encoding="utf-8")
        words = ("--spec-version", "1.6", "--output-format", "JSON", "--output-reproducible", "--validate")
        about = ("--pyproject", str(root), "--mc-type", "application", "--output-file", str(file))
        run(str(tools.folder / "cyclonedx-py"), "environment", *words, *about, str(installed.python))


def _described() -> str:
    """A pyproject.toml with the version in it; ours names it as dynamic, and the bill would have none."""
    table = project()
    facts = {"name": table["name"], "version": written_version(), "description": table["description"]}
    lines = [f'{key} = """{value}"""' for key, value in facts.items()]
    return "\n".join(["[project]", *lines, f'license = "{table["license"]}"', ""])


def main(arguments: list[str]) -> int:
    """Makes each bill from an empty environment of its own."""
    if not arguments or not Path(arguments[0]).is_file():
        print(f"no wheel {' '.join(arguments[:1])}: build one with make dist, and give its file", file=sys.stderr)
        return 2
    wheel = Path(arguments[0]).resolve()
    for extra in arguments[1:] or ["", *extras(project())]:
        with tempfile.TemporaryDirectory() as folder:
            tools = tools_in(Path(folder) / "tools", TOOL)
            installed = bare_in(Path(folder) / "env", tools)
            installed.install(f"{wheel}[{extra}]" if extra else str(wheel))
            file = wheel.parent / f"homeroom-{written_version()}{'-' if extra else ''}{extra}.cdx.json"
            write_bill(installed, tools, file)
            print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
