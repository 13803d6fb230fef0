"""What an answer's headers say of the quota that is left."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.limits.quota_headers import Allowance, allowance_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("headers", "allowance"),
    [
        ({"RateLimit-Limit": "360", "RateLimit-Remaining": "12", "RateLimit-Reset": "47"}, Allowance(12, 47)),
        ({"ratelimit-remaining": " 12 ", "RATELIMIT-RESET": "47"}, Allowance(12, 47)),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "30"}, Allowance(3, 30)),
        ({"X-Rate-Limit-Remaining": "3", "X-Rate-Limit-Reset": "30"}, Allowance(3, 30)),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": str(EPOCH + 30)}, Allowance(3, 30)),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": str((EPOCH + 30) * 1000)}, Allowance(3, 30)),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": str(EPOCH - 5)}, Allowance(0, 0)),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "0.5"}, Allowance(0, 0.5)),
        ({"RateLimit-Remaining": "9"}, Allowance(9)),
        ({"RateLimit-Remaining": "9, 9;w=60", "RateLimit-Reset": "7"}, Allowance(9, 7)),
        ({"RateLimit": '"default";r=50;t=30'}, Allowance(50, 30)),
        ({"RateLimit": '"default"; t=30; r=50'}, Allowance(50, 30)),
        ({"RateLimit": "default;r=50"}, Allowance(50)),
        ({"RateLimit": '"hour";r=900;t=3000, "second";r=2;t=1'}, Allowance(2, 1)),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, Allowance(50, 5)),
        ({"X-Rate-Limit-Remaining": "587.25", "X-Request-Cost": "0.31"}, Allowance(587.25, None, credit=True)),
        ({"X-Rate-Limit-Remaining": "600", "X-Request-Cost": "0.31"}, Allowance(600, None, credit=True)),
        ({"X-Rate-Limit-Remaining": "0.0"}, Allowance(0, None, credit=True)),
        ({"X-Rate-Limit-Remaining": "37.5", "X-Rate-Limit-Reset": "4"}, Allowance(37.5, 4)),
    ],
)
def test_what_is_left_is_read(headers: dict[str, str], allowance: Allowance) -> None:
    assert allowance_of(tuple(headers.items()), NOW) == allowance


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json", "X-Request-Cost": "0.3"},
        {"RateLimit-Reset": "30"},
        {"RateLimit-Limit": "30"},
        {"RateLimit-Policy": "100;w=60"},
        {"RateLimit-Remaining": "unlimited", "RateLimit-Reset": "30"},
        {"RateLimit-Remaining": "-1", "RateLimit-Reset": "30"},
        {"RateLimit-Remaining": "nan"},
        {"RateLimit-Remaining": "1e3"},
        {"RateLimit-Remaining": ""},
        {"RateLimit-Remaining": "٣"},
        {"RateLimit": '"default";q=50;w=30'},
        {"RateLimit": '"default";r=5.5'},
        {"RateLimit": ""},
        {"X-RateLimit-Remaining-Minute": "0"},
        {"X-My-RateLimit-Remaining": "0"},
    ],
)
def test_what_cannot_be_read_is_as_good_as_absent(headers: dict[str, str]) -> None:
    assert allowance_of(tuple(headers.items()), NOW) is None


def test_a_reset_that_cannot_be_read_leaves_what_remains() -> None:
    headers = (("RateLimit-Remaining", "3"), ("RateLimit-Reset", "soon"))
    assert allowance_of(headers, NOW) == Allowance(3)


@given(
    st.dictionaries(st.sampled_from(["RateLimit", "RateLimit-Remaining", "X-RateLimit-Reset"]), st.text(), min_size=1)
)
def test_no_value_of_a_header_is_an_error(headers: dict[str, str]) -> None:
    allowance = allowance_of(tuple(headers.items()), NOW)
    assert allowance is None or allowance.remaining >= 0.0
