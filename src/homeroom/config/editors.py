"""What makes editors complete, check and explain the keys of a config: the JSON Schema beside it, and a first line.

The schema lies beside the config, under a name that begins with a dot, and the line names it by that: so it works
without a network, on every machine that has both files, and a repository can hold them. It comes as it was written when
Homeroom was built (`config.schema.json`; a test holds it to `config_schema`): to make it takes dlt, two seconds.
"""

from __future__ import annotations

from pathlib import Path

from homeroom.errors import ConfigError, DiskError, Problem

SCHEMA_FILE = ".homeroom.schema.json"
_SHIPPED = Path(__file__).with_name("config.schema.json")
_OURS = '"title": "Homeroom config"'
_HEAD = 400
"""In so many characters the title stands."""


def schema_text() -> str:
    """The JSON Schema of a config file, ending in a newline."""
    return _SHIPPED.read_text(encoding="utf-8")


def editor_line(config: Path) -> str:
    """The first line of a config by which an editor finds the schema beside it, without its newline.

    Of YAML what yaml-language-server reads (VS Code, Neovim, Zed), of TOML what Taplo reads; empty for JSON, which has
    no comments.
    """
    match config.suffix.lower():
        case ".yaml" | ".yml":
            return f"# yaml-language-server: $schema={SCHEMA_FILE}"
        case ".toml":
            return f"#:schema ./{SCHEMA_FILE}"
        case _:
            return ""


def write_schema_beside(config: Path) -> Path:
    """Put the schema beside a config, in the place of an older one; where it is.

    Raises `ConfigError` where another file has its name, `DiskError` where it cannot be written.
    """
    file = config.parent / SCHEMA_FILE
    write_schema(file)
    return file


def write_schema(file: Path, *, place: str = "") -> None:
    """Write the schema, in the place of an older one alone; errors as of `write_schema_beside`. `place` is for them."""
    if file.is_dir() or not file.parent.is_dir():
        message = "this is a folder" if file.is_dir() else "there is no such folder"
        raise _wrong(place, message, file if file.is_dir() else file.parent)
    try:
        if file.exists() and _OURS not in file.read_text(encoding="utf-8", errors="replace")[:_HEAD]:
            raise _wrong(place, "it is there already, and is no schema of ours", file)
        file.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise DiskError(f"{file} cannot be written ({error.strerror}); name another file by -o") from None


def _wrong(place: str, message: str, file: Path) -> ConfigError:
    return ConfigError(
        [Problem(place, message, str(file), hint="name another file: homeroom schema -o FILE", code="wrong-flag")]
    )
