"""A server on loopback that answers as a platform is recorded to answer, and the catalogue's config read from it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import yaml

import homeroom
from homeroom.catalog import find_platform
from homeroom.values import Report


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `host` is where the server is: `http://127.0.0.1:PORT`."""

    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Says:
    """One answer."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Asked], Says]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(f"http://127.0.0.1:{server.server_port}", parts.path, query, dict(self.headers.items()), sent)
            says = answer(asked)
            body = json.dumps(says.body).encode()
            self.send_response(says.status)
            for name, value in {"Content-Type": "application/json", **says.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True, slots=True)
class Read:
    """What a sync reported, and the database it left."""

    report: Report
    database: Path
    name: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """A query over the tables that were made."""
        with duckdb.connect(str(self.database), read_only=True) as db:
            db.execute(f"USE {self.name}")
            return db.execute(query).fetchall()


def filled(value: Any, told: Mapping[str, str]) -> Any:
    """A config with texts in the place of others, in its strings alone."""
    if isinstance(value, dict):
        return {key: filled(item, told) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, told) for item in value]
    if isinstance(value, str):
        for placeholder, text in told.items():
            value = value.replace(placeholder, text)
    return value


def read(
    name: str,
    answer: Answer,
    values: Mapping[str, str],
    folder: Path,
    runs: int = 1,
    instead: Mapping[str, str] = MappingProxyType({}),
) -> Read:
    """Sync a platform's config from such a server, which `HOST` in a value names. Paths are the platform's own.

    `instead`: what stands for other texts of the config, such as addresses that no one is asked for.
    """
    platform = find_platform(name)
    told = {f"${{{variable}}}": value for variable, value in values.items()}
    told |= {f"${{secret:{secret.variable.lower()}}}": f"k3y-0f-{name}" for secret in platform.asks.secrets}
    with serving(answer) as host:
        config = filled(filled(platform.config, {**told, **instead}), {"HOST": host})
        client = config["source"]["client"]
        client["base_url"] = host + urlsplit(client["base_url"]).path
        config["sync"] = {**config.get("sync", {}), "retry": {"attempts": 1}} | {"rate": None}
        file = folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(config))
        for _ in range(runs):
            report = homeroom.sync(file, destination=f"duckdb:///{folder}/rows.duckdb", home=folder / "home")
    return Read(report, folder / "rows.duckdb", name)
