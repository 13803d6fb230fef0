"""A small sample school, read only and shared, and one that a test may open for itself."""

from collections.abc import Callable, Iterator

import pytest
import requests

from homeroom.demo import Dials, School

SCALE = 0.02


class Client:
    """Asks one school, with its key unless told otherwise; nothing is retried."""

    def __init__(self, school: School) -> None:
        """Connections are opened at the first request."""
        self.school = school
        self._session = requests.Session()

    def get(self, path: str, dials: str | None = None, **query: object) -> requests.Response:
        """The answer to GET, with the key in a header."""
        headers = {"X-Api-Key": self.school.api_key} | ({"X-School-Dials": dials} if dials else {})
        return self.bare(path, headers=headers, params=query)

    def post(self, path: str, dials: str | None = None, **options: object) -> requests.Response:
        """The answer to POST, with the key in a header; the body is `json` or `data`, as in requests."""
        headers = {"X-Api-Key": self.school.api_key} | ({"X-School-Dials": dials} if dials else {})
        return self.bare_post(path, headers=headers, **options)

    def bare_post(self, path: str, **options: object) -> requests.Response:
        """The answer to POST without a key."""
        return self._session.post(self.school.url + path, timeout=10, **options)

    def bare(self, path: str, **options: object) -> requests.Response:
        """The answer to GET without a key."""
        return self._session.get(self.school.url + path, timeout=10, **options)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()


@pytest.fixture(scope="session")
def school() -> Iterator[School]:
    """Not to be changed."""
    with School(scale=SCALE) as opened:
        yield opened


@pytest.fixture
def client(school: School) -> Iterator[Client]:
    """A client of the shared school."""
    asking = Client(school)
    yield asking
    asking.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Client]]:
    """Opens a school of the test's own with these dials and gives a client of it."""
    clients: list[Client] = []

    def open_school(**dials: object) -> Client:
        own = School(scale=SCALE, dials=Dials(**dials))
        own.start()
        clients.append(Client(own))
        return clients[-1]

    yield open_school
    for asking in clients:
        asking.close()
        asking.school.stop()
