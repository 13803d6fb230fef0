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
    return next((name for name in PROGRAMS if shutil.which(name) is None), None)


@contextmanager
def postgres() -> Iterator[str]:
    """A server that has just been made; its URL. It is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="homeroom-pg-"))  # not in pytest's folder, where nobody else may look
    user = _server_user()
    if user is not None:
        shutil.chown(folder, user)
    try:
        _run(user, "initdb", "-D", f"{folder}/data", "-U", "campus", "-A", "trust", "-E", "UTF8", "--no-sync")
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} {HASTY}"
        _run(user, "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://campus:campus@127.0.0.1:{port}/postgres"
        finally:
            _run(user, "pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(user: str | None, program: str, *arguments: str) -> None:
    found = str(shutil.which(program))
    subprocess.run([found, *arguments], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)


def _server_user() -> str | None:
    """Whom to run the server as; None for whoever runs the tests. It refuses to be root."""
    return None if os.geteuid() else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
