"""What hatchling makes of a tree, without a network and without an environment of its own."""

from __future__ import annotations

import email
import email.message
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Built:
    """The two files of a release."""

    wheel: Path
    sdist: Path

    @classmethod
    def of(cls, folder: Path) -> Built:
        (wheel,) = folder.glob("*.whl")
        (sdist,) = folder.glob("*.tar.gz")
        return cls(wheel, sdist)

    def in_wheel(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return {name for name in archive.namelist() if not name.endswith("/")}

    def in_sdist(self) -> set[str]:
        """Without the folder that everything lies in."""
        with tarfile.open(self.sdist) as archive:
            return {str(PurePosixPath(*PurePosixPath(m.name).parts[1:])) for m in archive.getmembers() if m.isfile()}

    def metadata(self) -> email.message.Message:
        (name,) = (name for name in self.in_wheel() if name.endswith(".dist-info/METADATA"))
        with zipfile.ZipFile(self.wheel) as archive:
            return email.message_from_bytes(archive.read(name))


def build(tree: Path, into: Path) -> Built:
    """Builds both with the hatchling of this Python."""
    _hatchling(tree, "build", "-d", str(into))
    return Built.of(into)


def wheel_of_sdist(sdist: Path, into: Path) -> Path:
    """Unpacks an sdist and builds a wheel of what lies there."""
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    (tree,) = into.iterdir()
    _hatchling(tree, "build", "-t", "wheel", "-d", str(into / "dist"))
    (wheel,) = (into / "dist").glob("*.whl")
    return wheel


def _hatchling(tree: Path, *words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "hatchling", *words], cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
