"""The docs tell the same story as the code."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from homeroom.cli.app import app
from homeroom.config import load_config
from homeroom.errors import HomeroomError
from homeroom.values import Proof, Status

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")}


def commands() -> dict[str, list[str]]:
    """Each verb that is shown, with its long flags."""
    group: Any = typer.main.get_command(app)  # Typer has its own copy of click

    return {
        name: [flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")]
        for name, command in group.commands.items()
        if not command.hidden
    }


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("verb", commands())
def test_the_readme_names_every_verb(verb: str) -> None:
    assert f"homeroom {verb}" in README


@pytest.mark.parametrize("flag", [f for f in commands()["sync"] if f not in ("--quiet", "--verbose")])
def test_the_readme_names_every_flag_of_sync(flag: str) -> None:
    assert flag in README


def test_every_verb_and_flag_of_the_readme_exists() -> None:
    known = {flag for flags in commands().values() for flag in flags}
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) - {"--from"}
    assert written <= known
    assert set(re.findall(r"`?homeroom ([a-z]+)", README)) - {"import", "contributors"} <= set(commands())


@pytest.mark.parametrize("page", ["README.md", "config.md"])
def test_the_configs_in_the_docs_are_right(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = README if page == "README.md" else PAGES[page]
    configs = [block for block in blocks(text, "yaml") if "client:" in block]
    assert configs
    for number, block in enumerate(configs):
        file = tmp_path / f"config{number}.yaml"
        file.write_text(block, encoding="utf-8")
        assert load_config(str(file), environ={"API_KEY": "secret"}).source["resources"]


def test_the_ten_line_config_has_ten_lines() -> None:
    (config,) = (block for block in blocks(README, "yaml") if "destination" in block)
    assert len([line for line in config.splitlines() if not line.startswith("#")]) <= 10
    assert yaml.safe_load(config)["source"]["resources"][0]["name"] == "courses"


def test_the_python_in_the_readme_compiles() -> None:
    for block in blocks(README, "python"):
        compile(block, "README.md", "exec")


def test_the_guarantees_name_every_status_and_proof() -> None:
    missing = [word for word in (*Status, *Proof) if f"`{word}`" not in PAGES["guarantees.md"]]
    assert missing == []


def test_the_error_tree_in_the_docstring_names_every_error_class() -> None:
    import homeroom.errors

    documented = set(re.findall(r"[A-Z]\w+Error", homeroom.errors.__doc__ or ""))
    existing = {kind.__name__ for kind in vars(homeroom.errors).values() if isinstance(kind, type)}
    assert {name for name in existing if name.endswith("Error")} == documented
    assert all(issubclass(getattr(homeroom.errors, name), HomeroomError) for name in documented)


def test_the_module_names_in_the_architecture_exist() -> None:
    rows = re.findall(
        r"^\| (?:front|whole|stages|parts|base) \| ([^|]+) \|", PAGES["architecture.md"], flags=re.MULTILINE
    )
    names = {name for row in rows for name in re.findall(r"`(\w+)/?`", row)}
    source = ROOT / "src" / "homeroom"
    missing = [name for name in names if not ((source / f"{name}.py").exists() or (source / name).is_dir())]
    assert len(rows) == 5
    assert missing == []
