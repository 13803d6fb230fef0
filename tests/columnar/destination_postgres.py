"""A PostgreSQL server of the tests' own, in a temporary folder, on a free port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("initdb", "pg_ctl")
HASTY = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=32MB -c max_connections=40"


def missing_program() -> str | None:
    """The first program of the server that is not on this machine; None where all are."""
    return next((name for name in PROGRAMS if program(name) is None), None)


def program(name: str) -> str | None:
    """Where a program of the server is; Debian keeps them out of PATH, in a folder of their version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: found.parent.name.zfill(4))
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, reversed(debian))))


class Server:
    """A server that can be stopped and started again; `url` is of its database `postgres`."""

    def __init__(self, folder: Path, *, port: int, password: str = "") -> None:
        self.folder = folder
        self._port = port
        self._user = _server_user()
        self._auth = "scram-sha-256" if password else "trust"
        self._password = password
        self.url = f"postgresql://campus:{password or 'campus'}@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """Make its folder ready to start in."""
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        given = self.folder / "password"
        given.write_text(self._password or "campus")
        given.chmod(0o644)
        self._run(
            "initdb",
            *("-D", f"{self.folder}/data", "-U", "campus", "-A", self._auth, f"--pwfile={given}"),
            *("-E", "UTF8", "--no-sync"),
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self.folder} {HASTY}"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash does: every connection is cut, what was committed is found again at the next start."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "immediate", "stop")

    def database(self, name: str, *, like: str = "template1") -> str:
        """Make a database, in the place of one of that name, as a copy of another; its URL."""
        import psycopg2

        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        connection.close()
        return f"{self.url.rpartition('/')[0]}/{name}"

    def _run(self, name: str, *arguments: str) -> None:
        found = str(program(name))
        subprocess.run([found, *arguments], check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def postgres_server(password: str = "") -> Iterator[Server]:
    """A server that has just been made and started; with a password it asks for that. Removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="homeroom-pg-"))  # not in pytest's folder, where nobody else may look
    server = Server(folder, port=_free_port(), password=password)
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server that lets everybody in."""
    with postgres_server() as server:
        yield server.url


def _server_user() -> str | None:
    """Whom to run the server as; None for whoever runs the tests. It refuses to be root."""
    return None if os.geteuid() else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
