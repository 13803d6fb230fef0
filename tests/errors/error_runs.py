"""Runs a case through the command line, and makes what it printed the same on every machine."""

from __future__ import annotations

import re
import shlex
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import dlt
import duckdb
import pytest
from error_cases import CONFIG, Answer, Case
from filelock import FileLock
from typer.testing import CliRunner

from homeroom.cli.app import app

KEY = "k3y-0f-the-sch00l"
MARKER = "M4rkedR0w"
"""Stands in every row that a case is given; so does it in bodies that are no rows."""


class Answers:
    """A server on loopback that answers what it was told to, whatever the key."""

    def __init__(self) -> None:
        self.canned: Mapping[str, Answer] = {}
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                offset = parse_qs(parts.query).get("offset", ["0"])[0]
                canned = answers.canned.get(parts.path, Answer('{"message": "no such path"}', 404))
                body = (canned.body if offset == "0" else canned.beyond).encode()
                self.send_response(canned.status)
                self.send_header("Content-Type", canned.kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in canned.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Places:
    """Where cases send their requests."""

    school: str
    answers: Answers
    closed: str

    def url_of(self, case: Case) -> str:
        """The base_url of a case's config."""
        match case.server:
            case "answers":
                return self.answers.url
            case "closed":
                return self.closed
            case "tls":
                return self.school.replace("http:", "https:")
            case _:
                return self.school


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and how it ended. `lines` are the problems, the same on every machine."""

    code: int
    stdout: str
    stderr: str
    lines: tuple[str, ...]
    crash: str
    """The class of an error that was not caught."""
    validated: tuple[int, tuple[str, ...]]
    """What `homeroom validate` says of the same file, where the case has one."""

    @property
    def codes(self) -> tuple[str, ...]:
        """What the lines end in, in brackets."""
        return tuple(found[1] for line in self.lines for found in re.finditer(r" \[([a-z-]+)\](?=;|$)", line))

    @property
    def printed(self) -> str:
        """Both streams."""
        return self.stdout + self.stderr


def config_of(case: Case) -> str:
    """The config of a case: the common one with the case's own lines in their places."""
    lines = CONFIG.splitlines()
    for number, text in case.lines.items():
        lines[number - 1] = text
    return "\n".join(lines) + "\n"


def run_case(case: Case, places: Places, folder: Path) -> Outcome:
    """Run a case in the working folder, which is `folder` and empty."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in case.environment.items():
            patch.setenv(name, value)
        return _run_case(case, places, folder)


def _run_case(case: Case, places: Places, folder: Path) -> Outcome:
    for name, text in {"campus.yaml": config_of(case), **case.files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("URL", places.url_of(case)).replace("MARKER", MARKER))
    with ExitStack() as stack:
        if case.before is not None:
            places.answers.canned = _marked(case.before)
            assert _invoke("sync", "campus.yaml")[0] == 0
        for pattern, text in case.later.items():
            for file in list(folder.glob(pattern)):
                file.write_text(text.replace("URL", places.url_of(case)))
                if not text:
                    file.unlink()
        if case.alter:
            with duckdb.connect("rows.duckdb") as connection:
                connection.execute(case.alter)
        if case.held:
            # What another run holds while it lasts. Its file is found by letting a run make it.
            (lock,) = (folder / "home" / "locks").iterdir()
            stack.enter_context(FileLock(lock))
        places.answers.canned = _marked(case.answers)
        code, stdout, stderr, crash = _invoke(*shlex.split(case.command))
    validated = (0, ())
    if case.offline:
        code_of_validate, _, said, _ = _invoke("validate", case.file)
        validated = (code_of_validate, _problems(_same_everywhere(said, folder)))
    lines = _problems(_same_everywhere(stderr, folder)) or _notes(_same_everywhere(stdout, folder))
    return Outcome(code, stdout, stderr, lines, crash, validated)


def _marked(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    return {
        path: replace(each, body=each.body.replace("MARKER", MARKER), beyond=each.beyond.replace("MARKER", MARKER))
        for path, each in answers.items()
    }


def _invoke(*arguments: str) -> tuple[int, str, str, str]:
    result = CliRunner().invoke(app, list(arguments), prog_name="homeroom")
    crash = "" if isinstance(result.exception, SystemExit | None) else type(result.exception).__name__
    return result.exit_code, result.stdout, result.stderr, crash


def _problems(stderr: str) -> tuple[str, ...]:
    """The lines that begin with `error: `, or Typer's own."""
    return tuple(line for line in stderr.splitlines() if line.lower().startswith("error: "))


def _notes(stdout: str) -> tuple[str, ...]:
    """Of a report: what is said of single resources."""
    return tuple(line for line in stdout.splitlines() if re.match(r"\w+: ", line))


def _same_everywhere(text: str, folder: Path) -> str:
    everywhere = str(Path(dlt.current.run_context().global_dir))
    text = text.replace(everywhere, "~/.dlt").replace(str(folder), "/FOLDER")
    text = re.sub(r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:PORT", text)
    text = text.replace("RECORD_LAYER_FAILURE", "WRONG_VERSION_NUMBER")  # OpenSSL 3.2 and later
    text = re.sub(r"(No such option: --\w+).*", r"\1", text)  # what follows differs from Typer to Typer
    text = re.sub(r"\d+ pages? (?:is|are) kept:", "N pages are kept:", text)  # what came before the end is chance
    return re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "RUN", text)
