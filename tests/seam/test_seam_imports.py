"""Names that dlt does not call public are imported in `dlt_seam` alone, and a test holds each of them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from dlt.sources import rest_api

import homeroom

SOURCES = Path(homeroom.__file__).parent
PUBLIC_MODULES = ("dlt", "dlt.destinations", "dlt.sources.rest_api.typing")
PUBLIC_NAMES = {
    "dlt.extract.DltResource",
    "dlt.extract.DltSource",
    "dlt.sources.rest_api.typing",
    "dlt.sources.helpers.rest_client.auth",
    "dlt.sources.helpers.rest_client.paginators",
    *(f"dlt.sources.rest_api.{name}" for name in vars(rest_api) if not name.startswith("_") and not name.isupper()),
}
PUBLIC_UNDER = ("dlt.sources.helpers.rest_client.auth.", "dlt.sources.helpers.rest_client.paginators.")
FOR_TYPING = "dlt.common.schema."
TYPES_ONLY = {
    "dlt.common.data_types.typing.TDataType",
    "dlt.common.destination.Destination",
    "dlt.common.destination.typing.PreparedTableSchema",
    "dlt.common.json.json",
    "dlt.common.jsonpath",
    "dlt.common.schema.typing.TColumnSchema",
    "dlt.common.schema.typing.TTableSchema",
    "dlt.common.storages.configuration.FileSystemCredentials",
    "dlt.common.storages.load_package.PackageStorage",
    "dlt.common.storages.load_package.ParsedLoadJobFileName",
    "dlt.destinations.sql_client.SqlClientBase",
    "dlt.extract.Incremental",
    "dlt.extract.incremental.IncrementalResourceWrapper",
    "dlt.sources.helpers.rest_client.exceptions.IgnoreResponseException",
    "dlt.pipeline.pipeline.Pipeline",
    "dlt.sources.rest_api.config_setup.AUTH_MAP",
    "dlt.sources.rest_api.config_setup.PAGINATOR_MAP",
}
"""Held through their methods or their content in `test_seam_names`, or annotations and nothing else."""


def imported(file: Path) -> Iterator[tuple[str, bool]]:
    """Each name of dlt that a module imports, in full, and whether only for typing."""
    tree = ast.parse(file.read_text())
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for name in _names(node):
            if name.split(".")[0] == "dlt":
                yield name, node in guarded


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def is_public(name: str, for_typing: bool) -> bool:
    """Whether dlt calls it public, by its documentation."""
    module = name.rpartition(".")[0]
    if name in PUBLIC_NAMES or module in PUBLIC_MODULES or name in PUBLIC_MODULES:
        return True
    return name.startswith(PUBLIC_UNDER) or (for_typing and name.startswith(FOR_TYPING))


MODULES = sorted(SOURCES.rglob("*.py"))
SEAM = [file for file in MODULES if file.parent.name == "dlt_seam"]
OTHERS = [file for file in MODULES if file not in SEAM]


@pytest.mark.parametrize("file", OTHERS, ids=lambda file: str(file.relative_to(SOURCES)))
def test_a_module_outside_of_the_seam_imports_public_names_alone(file: Path) -> None:
    """Whatever else is needed is wrapped in the seam."""
    assert [name for name, typing in imported(file) if not is_public(name, typing)] == []


def test_the_rule_can_be_broken(tmp_path: Path) -> None:
    """Each form of an import is seen."""
    broken = tmp_path / "broken.py"
    broken.write_text(
        "import dlt.extract.pipe\n"
        "def f():\n    from dlt.pipeline import pipeline\n"
        "from dlt.common.schema import Schema\n"
    )
    assert [name for name, typing in imported(broken) if not is_public(name, typing)] == [
        "dlt.extract.pipe",
        "dlt.common.schema.Schema",
        "dlt.pipeline.pipeline",
    ]


def test_every_borrowed_name_is_held() -> None:
    """A new one needs a line in `test_seam_names`."""
    text = (Path(__file__).parent / "test_seam_names.py").read_text()
    borrowed = {name for file in SEAM for name, typing in imported(file) if not is_public(name, typing)}
    places = {name: ":".join(name.rsplit(".", 1)) for name in borrowed - TYPES_ONLY}
    assert [name for name, place in sorted(places.items()) if f'"{place}' not in text] == []
