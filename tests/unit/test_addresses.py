"""A destination's URL: never its password, and as dlt's destination takes it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from homeroom import addresses
from homeroom.errors import ConfigError

SHOWN = {
    "duckdb:///a/b.duckdb": "duckdb:///a/b.duckdb",
    "duckdb:////data/x@2024.duckdb": "duckdb:////data/x@2024.duckdb",
    "sqlite:///rows.db?timeout=1": "sqlite:///rows.db",
    "bigquery": "bigquery",
    "postgres://me:hunter22@db.example.com/edu": "postgres://***@db.example.com/edu",
    "postgres://me:hunter22@db.example.com:5433/edu?sslmode=require": "postgres://***@db.example.com:5433/edu",
    "postgres://me:hunter22@[::1]:5433/edu": "postgres://***@[::1]:5433/edu",
    "postgres://db.example.com/edu?password=hunter22": "postgres://db.example.com/edu",
    "postgres://me:hunter/22@db.example.com/edu": "postgres://***@db.example.com/edu",
    "postgres://me:12/hunter22@db.example.com/edu#x": "postgres://***@db.example.com/edu",
    "postgres:me:hunter22@db.example.com/edu?x=1": "***@db.example.com/edu",
}


@pytest.mark.parametrize("reference", SHOWN)
def test_a_url_is_shown_without_user_password_and_query(reference: str) -> None:
    assert addresses.shown(reference, "--to") == SHOWN[reference]


@pytest.mark.parametrize(
    "reference",
    [
        "postgres://me:hunter?22@db.example.com/edu",
        "postgres://me:hunter#22@db.example.com/edu",
        "postgres://me:hunter@22@db.example.com/edu",
        "postgres://me:12?hunter22@db.example.com/edu",
        "postgres://me:hunter22@db.example.com/edu?application_name=a@b",
        "postgres://me:hunter22@[db/edu",
    ],
)
def test_a_url_whose_password_may_end_in_two_places_is_refused_unshown(reference: str) -> None:
    with pytest.raises(ConfigError) as caught:
        addresses.shown(reference, "--to")
    assert "22" not in str(caught.value).replace("%2", "") and "hunter" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_url_of_postgres_is_as_libpq_takes_it_with_a_lock_timeout(scheme: str) -> None:
    url = addresses.native("postgres", f"{scheme}://me:a%2Fb@db:5433/edu?sslmode=require", "", "--to")
    assert url == "postgresql://me:a%2Fb@db:5433/edu?sslmode=require&options=-clock_timeout%3D60s"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("-cwork_mem%3D8MB", ["-cwork_mem=8MB\t-clock_timeout=60s"]),
        ("-cwork_mem%3D8MB%20-cjit%3Doff", ["-cwork_mem=8MB\t-cjit=off\t-clock_timeout=60s"]),
        ("-clock_timeout%3D5min", ["-clock_timeout=5min"]),
        ("-csearch_path%3Da%5C%20b", ["-csearch_path=a\\ b\t-clock_timeout=60s"]),
    ],
)
def test_options_of_the_users_stay_and_have_no_space_between_them(given: str, made: list[str]) -> None:
    """SQLAlchemy writes a space as +, which libpq reads as a plus."""
    url = addresses.native("postgres", f"postgres://me:x@db/edu?options={given}", "", "--to")
    assert parse_qs(urlsplit(url).query)["options"] == made


@pytest.mark.parametrize(
    ("kind", "reference", "made"),
    [
        ("redshift", "redshift://me:x@db/edu", "postgresql://me:x@db/edu"),
        ("sqlalchemy", "mysql://me:x@db/edu", "mysql+pymysql://me:x@db/edu"),
        ("sqlalchemy", "mysql+mysqldb://me:x@db/edu", "mysql+mysqldb://me:x@db/edu"),
        ("sqlalchemy", "sqlite:///rows.db", "sqlite:///rows.db"),
        ("duckdb", "duckdb:///rows.duckdb", "duckdb:///rows.duckdb"),
        ("postgres", "postgres://", "postgresql://"),
    ],
)
def test_other_urls_are_as_their_driver_takes_them(kind: str, reference: str, made: str) -> None:
    assert addresses.native(kind, reference, reference, "--to") == made


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("postgres://***@db", "names no database; got 'postgres://***@db'; write postgres://USER:PASSWORD@db/DATABASE"),
        ("postgres://db/", "names no database; got 'postgres://db/'; write postgres://db/DATABASE"),
        ("postgres://***@db:54x/edu", "has a port that is no number; got 'postgres://***@db:54x/edu'"),
    ],
)
def test_what_a_url_of_postgres_lacks_is_said(shown: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        addresses.native("postgres", shown.replace("***", "me:x"), shown, "--to")
    assert said in str(caught.value)
