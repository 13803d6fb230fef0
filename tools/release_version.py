"""Refuses a release whose version the changelog does not tell, or whose files are in no commit.

    python tools/release_version.py

The version itself is written in src/homeroom/_version.py alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+\S*)(?: - (?P<day>\S+))?$", flags=re.MULTILINE)
UNRELEASED = re.compile(r"^## Unreleased\n(?P<text>.*?)(?=^## |\Z)", flags=re.MULTILINE | re.DOTALL)


def written_version(root: Path = ROOT) -> str:
    """What src/homeroom/_version.py says, read without an import of the package."""
    text = (root / "src/homeroom/_version.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, flags=re.MULTILINE)
    return str(version)


def released(changelog: str) -> list[tuple[str, str | None]]:
    """Version and day of each heading that has a version, the topmost first."""
    return [(heading["version"], heading["day"]) for heading in HEADING.finditer(changelog)]


def refusals(version: str, changelog: str, changed: list[str]) -> list[str]:
    """Why this version may not be built as a release; empty if it may. `changed` is what no commit has."""
    found = []
    headings = released(changelog)
    if not headings or headings[0][0] != version:
        top = f"the topmost is {headings[0][0]}" if headings else "none has a version"
        found.append(
            f"CHANGELOG.md has no heading for version {version} above the others ({top}): "
            f"rename ## Unreleased to ## {version} - YYYY-MM-DD, or change src/homeroom/_version.py"
        )
    elif not re.fullmatch(r"\d{4}-\d{2}-\d{2}", headings[0][1] or ""):
        found.append(f"CHANGELOG.md gives version {version} no day: write ## {version} - YYYY-MM-DD")
    unreleased = UNRELEASED.search(changelog)
    if unreleased and unreleased["text"].strip():
        found.append(f"CHANGELOG.md has lines under ## Unreleased: move them under ## {version}")
    if changed:
        found.append(f"files are in no commit: {', '.join(changed[:5])}: commit them, or take them away")
    return found


def changed_files(root: Path = ROOT) -> list[str]:
    """The files that differ from the commit, new ones too; what git ignores is none."""
    status = subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True)
    return [line[3:] for line in status.stdout.splitlines()]


def main() -> int:
    """Prints what stands against a release."""
    version = written_version()
    against = refusals(version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), changed_files())
    for refusal in against:
        print(f"no release: {refusal}", file=sys.stderr)
    if not against:
        print(f"version {version}")
    return 1 if against else 0


if __name__ == "__main__":
    sys.exit(main())
