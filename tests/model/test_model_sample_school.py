"""The mapping of the sample school."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mapped import mapped

PEOPLE = [
    {
        "id": 7,
        "given_name": "Ada",
        "family_name": "Byron",
        "name": "Ada Byron",
        "email": "ada@example.org",
        "role": "administrator",
        "roles": [{"org_id": 1, "role": "administrator"}, {"org_id": 2, "role": "coach"}],
        "is_active": False,
        "updated_at": "2026-01-02T03:04:05Z",
    }
]


def test_a_person_who_is_not_active_is_inactive(tmp_path: Path) -> None:
    found = mapped("sample_school", {"people": PEOPLE}, tmp_path)
    (person,) = found.dicts("person")
    assert (person["state"], person["primary_role"]) == ("inactive", "administrator")


def test_each_role_of_a_person_is_a_row_and_a_coach_is_staff(tmp_path: Path) -> None:
    found = mapped("sample_school", {"people": PEOPLE}, tmp_path)
    assert found.rows("SELECT id, role, org_id, is_primary FROM edu.person_role ORDER BY id") == [
        ("7/administrator/1", "administrator", "1", True),
        ("7/coach/2", "staff", "2", False),
    ]
