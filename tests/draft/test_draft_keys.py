import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from paper import people

from homeroom.draft.live.keys import find_key
from homeroom.draft.values import Confidence


def test_an_id_that_is_unique_in_many_rows_is_the_key_for_certain() -> None:
    key = find_key(people(50), "users")
    assert (key.value, key.confidence) == (("id",), Confidence.CERTAIN)
    assert key.evidence == "id is unique and never null in 50 rows"


def test_an_id_that_repeats_or_is_null_is_no_key() -> None:
    assert find_key([{"id": 1, "uuid": "a"}, {"id": 1, "uuid": "b"}], "users").value == ("uuid",)
    assert find_key([{"id": None, "uuid": "a"}, {"id": 1, "uuid": "b"}], "users").value == ("uuid",)


def test_the_id_of_the_list_itself_comes_before_those_that_only_happen_to_be_unique() -> None:
    rows = [{"course_id": n + 50, "user_id": n, "position": n} for n in range(20)]
    assert find_key(rows, "users").value == ("user_id",)
    assert find_key(rows, "courses").value == ("course_id",)


def test_two_ids_are_the_key_together_where_none_is_alone() -> None:
    rows = [{"course_id": n // 5, "user_id": n % 5, "role": "x"} for n in range(20)]
    key = find_key(rows, "memberships")
    assert (key.value, key.confidence) == (("course_id", "user_id"), Confidence.LIKELY)


def test_a_number_that_only_happens_to_be_unique_is_no_key() -> None:
    assert find_key([{"position": n, "points": n + 9} for n in range(20)], "grades").value == ()


def test_one_row_or_none_proves_nothing() -> None:
    assert find_key(people(1), "users").confidence is Confidence.GUESS
    assert find_key([], "users").value == ()


def test_a_text_that_happens_to_be_unique_is_offered_and_not_taken() -> None:
    key = find_key([{"name": f"n{n}", "kind": "user"} for n in range(20)], "users")
    assert (key.value, key.confidence, key.others) == ((), Confidence.GUESS, (("name",),))
