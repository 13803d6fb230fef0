"""What lies in the wheel and in the sdist, and what does not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from builds import Built, wheel_of_sdist

ROOT = Path(__file__).parent.parent.parent
SOURCES = ROOT / "src"


def git_files(*flags: str) -> set[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is no clone")
    listed = subprocess.run(["git", "ls-files", "-z", *flags], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_wheel_has_every_file_of_the_package_and_no_other(built: Built) -> None:
    package = {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*") if path.is_file()}
    ours = {name for name in package if "__pycache__" not in name}
    assert {name for name in built.in_wheel() if ".dist-info/" not in name} == ours


@pytest.mark.parametrize(
    "name",
    ["py.typed", "config/config.schema.json", "platforms/canvas.yaml", "model/edu.yaml", "model/canvas/person.sql"],
)
def test_the_wheel_has_what_is_no_python(built: Built, name: str) -> None:
    assert f"homeroom/{name}" in built.in_wheel()


def test_the_wheel_has_the_licence(built: Built) -> None:
    assert [name for name in built.in_wheel() if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_sdist_has_every_file_of_the_repository_but_those_of_ci(built: Built) -> None:
    assert git_files() - built.in_sdist() <= {".ci/run"}


def test_the_sdist_has_nothing_that_git_ignores(built: Built) -> None:
    assert built.in_sdist() <= git_files("--cached", "--others", "--exclude-standard") | {"PKG-INFO"}


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_tree(built: Built, tmp_path: Path) -> None:
    assert wheel_of_sdist(built.sdist, tmp_path).read_bytes() == built.wheel.read_bytes()


def test_every_link_of_the_readme_on_an_index_leads_somewhere(built: Built) -> None:
    text = built.metadata().get_payload()
    assert isinstance(text, str)
    links = re.findall(r"\]\(([^)\s]+)", text)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_a_link_to_a_file_is_words_on_an_index(built: Built) -> None:
    text = built.metadata().get_payload()
    assert isinstance(text, str)
    assert "[docs/guarantees.md](docs/guarantees.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/guarantees.md says what each status and proof is worth" in text
    assert built.metadata()["Description-Content-Type"] == "text/markdown"
