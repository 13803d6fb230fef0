"""How a PostgreSQL server is named, and what is said where it does not let us in. No message has a password in it."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from homeroom.errors import ConfigError, HomeroomError, LoadError
from homeroom.values import Status

from ..columnar.destination_postgres import missing_program, postgres_server
from .pg_campus import PgCampus, ids, listed

if TYPE_CHECKING:
    from pathlib import Path

    from ..columnar.destination_postgres import Server
    from ..sync.list_server import Lists

SECRET = "hunter22-and/more"
QUOTED = "hunter22-and%2Fmore"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server that asks for the password."""
    if missing_program() is not None:
        pytest.skip("no PostgreSQL here")
    with postgres_server(SECRET) as made:
        made.url = made.url.replace(SECRET, QUOTED)
        yield made


@pytest.fixture
def people(campus: PgCampus, lists: Lists) -> PgCampus:
    """A campus with a list of three people."""
    lists.rows["people"] = ids(0, 3)
    return campus.over(lists, listed("people"))


def refused(campus: PgCampus, destination: str, dataset: str = "campus") -> HomeroomError:
    """The error of a sync that must not succeed."""
    with pytest.raises(HomeroomError) as caught:
        campus.sync(destination=destination, dataset=dataset)
    assert "hunter22" not in str(caught.value) and "and/more" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


FORMS = (
    "postgres://{user}@{place}",
    "postgresql://{user}@{place}",
    "postgresql+psycopg2://{user}@{place}",
    "postgres://{user}@{place}?sslmode=prefer",
    "postgres://{user}@{place}?connect_timeout=3&application_name=nightly%20sync",
    "postgres://{user}@{place}?options=-cstatement_timeout%3D60s%20-cwork_mem%3D8MB",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_url_may_have_each_of_these_forms(people: PgCampus, guarded: Server, form: str) -> None:
    user, _, place = guarded.url.partition("://")[2].partition("@")
    report = people.sync(destination=form.format(user=user, place=place), dataset="campus")
    assert (report.status, report.resources["people"].rows_in_table) == (Status.COMPLETE, 3)
    assert report.resources["people"].pages_columnar == 1
    shown = f"{form.partition(':')[0]}://***@{place}"
    assert report.destination == shown


def test_a_password_may_come_from_the_environment(
    people: PgCampus, guarded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = guarded.url.partition("@")[2]
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS__PASSWORD", SECRET)
    report = people.sync(destination=f"postgres://campus@{place}", dataset="campus")
    assert report.status is Status.COMPLETE


def test_by_the_name_of_dlt_all_of_it_comes_from_the_environment(
    people: PgCampus, guarded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", guarded.url)
    report = people.sync(destination="postgres", dataset="campus")
    assert (report.status, report.destination) == (Status.COMPLETE, "postgres")


def test_it_may_stand_in_dlts_secrets(people: PgCampus, guarded: Server, tmp_path: Path) -> None:
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(f'[destination.postgres]\ncredentials = "{guarded.url}"\n')
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

    contexts = Container()[PluggableRunContext]
    before = contexts.context
    contexts.reload(str(tmp_path))
    try:
        assert people.sync(destination="postgres", dataset="campus").status is Status.COMPLETE
    finally:
        (tmp_path / ".dlt" / "secrets.toml").unlink()
        contexts.reload(before)  # by its path it would be another one: every relative file would lie there


def test_a_destination_of_the_config_may_name_a_variable(
    people: PgCampus, guarded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", QUOTED)
    place = guarded.url.partition("@")[2]
    text = people.config.read_text()
    people.config.write_text(f'destination: "postgres://campus:${{WAREHOUSE_PASSWORD}}@{place}"\n{text}')
    report = people.sync(destination=None)
    assert (report.status, report.destination) == (Status.COMPLETE, f"postgres://***@{place}")


def test_a_wrong_password_is_told(people: PgCampus, guarded: Server) -> None:
    error = refused(people, guarded.url.replace(QUOTED, "hunter22"))
    assert 'password authentication failed for user "campus"' in str(error)
    assert (type(error), error.code) == (LoadError, "destination-unreachable")


def test_a_server_that_is_not_there_is_told(people: PgCampus) -> None:
    error = refused(people, "postgres://campus:hunter22@127.0.0.1:1/school")
    assert "Connection refused" in str(error) and error.code == "destination-unreachable"


def test_a_database_that_is_not_there_is_told(people: PgCampus, guarded: Server) -> None:
    error = refused(people, guarded.url.replace("/postgres", "/nosuch"))
    assert 'database "nosuch" does not exist' in str(error) and error.code == "destination-unreachable"


def test_a_user_who_may_not_write_is_told(people: PgCampus) -> None:
    people.alter("CREATE ROLE reader LOGIN PASSWORD 'hunter22'")
    people.alter("REVOKE CREATE ON SCHEMA public FROM public")
    error = refused(people, people.url.replace("campus:campus@", "reader:hunter22@"))
    assert "permission denied for database" in str(error) and error.code == "load-refused"


def test_a_server_without_tls_is_told_where_the_url_wants_it(people: PgCampus, guarded: Server) -> None:
    error = refused(people, f"{guarded.url}?sslmode=require")
    assert "server does not support SSL, but SSL was required" in str(error)


@pytest.mark.parametrize("destination", ["postgres", "postgres://", "postgres://campus@127.0.0.1/school"])
def test_credentials_that_are_not_whole_are_told(people: PgCampus, destination: str) -> None:
    error = refused(people, destination)
    assert "set DESTINATION__POSTGRES__CREDENTIALS to one" in str(error) and error.code == "secret-missing"


WRONG = {
    "postgres://campus:hunter22@127.0.0.1": "names no database",
    "postgres://campus:hunter22@127.0.0.1:54x/school": "has a port that is no number",
    "postgres://campus:hunter22@and/more@127.0.0.1/school": "it is not clear where its password ends",
    "postgres://campus:hunter22?and/more@127.0.0.1/school": "it is not clear where its password ends",
    "postgres://campus:hunter22#and@127.0.0.1/school": "it is not clear where its password ends",
    "postgres:campus:hunter22@127.0.0.1/school": "a URL has :// after its first word",
    "postgers://campus:hunter22@127.0.0.1/school": "did you mean `postgres`?",
}


@pytest.mark.parametrize("destination", WRONG)
def test_a_url_that_is_written_wrong_is_refused_before_a_request(people: PgCampus, destination: str) -> None:
    error = refused(people, destination)
    assert isinstance(error, ConfigError) and WRONG[destination] in str(error)
    assert [each.code for each in error.problems] == ["wrong-destination"]


def test_a_password_with_a_slash_is_never_shown(people: PgCampus) -> None:
    """dlt reads such a URL, though it should be written %2F."""
    error = refused(people, "postgres://campus:hunter22-and/more@127.0.0.1:1/school")
    assert "Connection refused" in str(error)


@pytest.mark.parametrize(
    ("destination", "package", "said"),
    [
        ("postgres://campus:hunter22@127.0.0.1/school", "psycopg2", "pip install 'homeroom[postgres]'"),
        ("postgres", "psycopg2", "pip install 'homeroom[postgres]'"),
        ("redshift://campus:hunter22@127.0.0.1/school", "psycopg2", "pip install 'homeroom[postgres]'"),
        ("mysql://campus:hunter22@127.0.0.1/school", "pymysql", "pip install pymysql"),
        ("mysql+mysqldb://campus:hunter22@127.0.0.1/school", "MySQLdb", "pip install mysqlclient"),
        ("sqlite:///rows.db", "sqlalchemy", "pip install 'dlt[sqlalchemy]'"),
    ],
)
def test_a_driver_that_is_not_installed_is_named(
    people: PgCampus, monkeypatch: pytest.MonkeyPatch, destination: str, package: str, said: str
) -> None:
    without(package, monkeypatch)
    error = refused(people, destination)
    assert isinstance(error, ConfigError) and said in str(error)
    assert f"the Python package {package} is not installed" in str(error)
    assert [each.code for each in error.problems] == ["wrong-environment"]


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it that a package cannot be imported."""
    real = builtins.__import__

    def imported(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if name.partition(".")[0] == package and not level:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(name, globals, locals, fromlist, level)

    of_it = ("dlt.destinations.impl.postgres", "dlt.destinations.impl.redshift", "dlt.destinations.impl.sqlalchemy")
    for name in [*sys.modules]:
        if name.partition(".")[0] == package or (name.startswith(of_it) and not name.endswith(".factory")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", imported)


def test_redshift_is_reached_by_the_driver_of_postgres(people: PgCampus, guarded: Server) -> None:
    """There is no Redshift here: the server refuses a type that Redshift has, so it was asked."""
    error = refused(people, f"redshift{guarded.url.removeprefix('postgresql')}", "in_redshift")
    assert error.code == "load-refused" and "syntax error" in str(error)
