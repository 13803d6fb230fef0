"""How many rows each platform has, and how many its tables have: `python tests/standins/counts.py [PLATFORM]…`.

The stand-ins by default; `kolibri` and `jupyterhub` start the real programs (a minute each, once they are installed).
Exits 1 where a number differs, or a resource is not complete.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import moodle_server
import oneroster_server
import reads
from moodle_server import Moodle
from oneroster_server import OneRoster
from reads import Read

HERE = Path(__file__).parent

Platform = tuple[Mapping[str, str], Mapping[str, int]]
"""What `homeroom init` is told, and the platform's own counts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One resource. `there` None: the platform does not say."""

    platform: str
    resource: str
    there: int | None
    here: int
    status: str
    proof: str

    @property
    def agrees(self) -> bool:
        return self.there == self.here and self.status == "complete"


@contextmanager
def moodle(_: Path) -> Iterator[Platform]:
    os.environ["MOODLE_TOKEN"] = moodle_server.TOKEN
    with Moodle() as site:
        yield site.values, site.counts()


@contextmanager
def oneroster_1_2(_: Path) -> Iterator[Platform]:
    os.environ["ONEROSTER_CLIENT_SECRET"] = oneroster_server.SECRET
    with OneRoster() as service:
        yield service.values, service.counts()


@contextmanager
def oneroster_1_1(_: Path) -> Iterator[Platform]:
    os.environ["ONEROSTER_SECRET"] = oneroster_server.SECRET
    with OneRoster("1.1") as service:
        yield service.values, service.counts()


@contextmanager
def jupyterhub(folder: Path) -> Iterator[Platform]:
    """2,000 users in 40 groups, as the script of tests/real starts it."""
    ports = dict(zip(("PORT", "HUBPORT", "PROXYPORT"), map(str, random.sample(range(20_000, 30_000), 3)), strict=True))
    settings = {"TOKEN": "r1ght-t0ken-0f-the-service-5e1f", **ports}
    os.environ["JUPYTERHUB_TOKEN"] = settings["TOKEN"]
    with started("jupyterhub", folder, settings):
        yield {"JUPYTERHUB_URL": f"http://127.0.0.1:{ports['PORT']}"}, {"users": 2000, "groups": 40}


@contextmanager
def kolibri(folder: Path) -> Iterator[Platform]:
    """The script's school. Its counts are asked of it by its admin, in one answer a list."""
    from asking import ask

    port, zips = random.sample(range(20_000, 30_000), 2)
    settings = {"PASSWORD": "r1ght-passw0rd-5e1f", "PORT": str(port), "ZIP": str(zips)}
    os.environ["KOLIBRI_PASSWORD"] = settings["PASSWORD"]
    url = f"http://127.0.0.1:{port}"
    with started("kolibri", folder, settings) as words:
        login = f'{{"username": "superuser", "password": "{settings["PASSWORD"]}", "facility": "{words}"}}'
        said = ask(f"{url}/api/auth/session/", {"Content-Type": "application/json"}, login)
        cookie = {"Cookie": next(v for k, v in said.pairs if k == "Set-Cookie" and "kolibri=" in v).partition(";")[0]}
        lists = {name: path for name, path in reads.paths("kolibri").items() if name != "quiz_results"}
        counts = {name: len(ask(f"{url}/api/{path}", cookie).json) for name, path in lists.items()}
        classes = [
            ask(f"{url}/coach/api/classsummary/{each['id']}/", cookie).json
            for each in ask(f"{url}/api/auth/classroom/", cookie).json
        ]
        counts["quiz_results"] = sum(len(each["exam_learner_status"]) for each in classes)
        yield {"KOLIBRI_URL": url, "KOLIBRI_FACILITY": words, "KOLIBRI_USER": "superuser"}, counts


@contextmanager
def started(name: str, folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """A real program of tests/real; the last line that its script says."""
    packages = Path(tempfile.gettempdir()) / f"real-{name}"
    own = {"WORK": str(packages), "STATE": str(folder / "server"), "PYTHON": sys.executable, "OWNER": str(os.getpid())}
    env = os.environ | own | dict(settings)
    script = ["bash", str(HERE.parent / "real" / f"{name}.sh")]
    try:
        with (folder / "words").open("w") as words:
            subprocess.run([*script, "start"], env=env, stdout=words, stdin=subprocess.DEVNULL, check=True, timeout=600)
        yield (folder / "words").read_text().splitlines()[-1]
    finally:
        subprocess.run([*script, "stop"], env=env, stdin=subprocess.DEVNULL, check=False, timeout=60)


PLATFORMS: dict[str, Callable[[Path], object]] = {
    each.__name__: each for each in (moodle, oneroster_1_2, oneroster_1_1, kolibri, jupyterhub)
}


def lines_of(name: str) -> list[Line]:
    """Start the platform, read it with the catalogue's config, and count on both sides."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ |= {"DLT_DATA_DIR": str(folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
        with PLATFORMS[name](folder) as (values, counts):  # type: ignore[attr-defined]
            read = reads.sync(reads.filled(name, values, folder), folder)
            return compared(name, read, counts)


def compared(platform: str, read: Read, counts: Mapping[str, int]) -> list[Line]:
    """What was read beside what the platform says."""
    here = read.in_tables
    return [
        Line(platform, resource, counts.get(resource), here[resource], str(line.status), str(line.proof or ""))
        for resource, line in read.report.resources.items()
    ]


def table_of(lines: list[Line]) -> str:
    """The lines as Markdown."""
    head = (
        "| platform | resource | rows in the platform | rows in the table | status | proof |\n|---|---|---|---|---|---|"
    )
    rows = [
        f"| {each.platform} | {each.resource} | {'' if each.there is None else f'{each.there:,}'} | {each.here:,} "
        f"| {each.status} | {each.proof} |"
        for each in lines
    ]
    return "\n".join([head, *rows])


if __name__ == "__main__":
    found = [line for name in sys.argv[1:] or ["moodle", "oneroster_1_2", "oneroster_1_1"] for line in lines_of(name)]
    print(table_of(found))
    sys.exit(0 if all(line.agrees for line in found) else 1)
