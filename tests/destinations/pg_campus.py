"""The campus of tests/sync, synced into a PostgreSQL database instead of a DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import yaml

from homeroom.demo import School

from ..sync.conftest import Campus

if TYPE_CHECKING:
    from ..sync.list_server import Lists

Row = dict[str, Any]


class PgCampus(Campus):
    """One config over one school and one database; everything local stays in `folder`."""

    def __init__(self, folder: Path, school: School, url: str) -> None:
        super().__init__(folder, school)
        self.url = url

    @contextmanager
    def connected(self, **options: Any) -> Iterator[Any]:
        """A connection of somebody else's; what it does counts at once."""
        connection = psycopg2.connect(self.url, options="-c search_path=campus -c TimeZone=UTC", **options)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in the dataset."""
        with self.connected() as connection:
            return rows_of(connection, sql)

    def alter(self, statement: str) -> None:
        """Change something behind dlt's back."""
        with self.connected() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def tables(self) -> set[str]:
        """The tables of the dataset without dlt's own."""
        found = self.column("SELECT table_name FROM information_schema.tables WHERE table_schema = 'campus'")
        return {name for name in found if not name.startswith("_dlt")}

    def over(self, lists: Lists, *resources: Row, sync: Any = None, **sections: Any) -> PgCampus:
        """With a config that reads plain lists."""
        text = self.configure(*resources, sync=sync or {"retry": {"attempts": 1}}, **sections).read_text()
        config = yaml.safe_load(text)
        config["source"]["client"] = {"base_url": lists.url}
        self.config.write_text(yaml.safe_dump(config, sort_keys=False))
        return self


def rows_of(connection: Any, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def listed(name: str, **more: Any) -> Row:
    """A resource that reads a plain list."""
    return {"name": name, "endpoint": {"path": f"/{name}"}, **more}


def ids(first: int, last: int, **more: Any) -> list[Row]:
    """Rows with the ids from `first` to before `last`."""
    return [{"id": number, **more} for number in range(first, last)]
