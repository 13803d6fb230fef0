"""`response_actions`: which answers they are for, and what is done with those."""

from typing import Any

import pytest
from requests import Response

from homeroom.actions import IgnoredAnswer, ResponseAction, act_on, concerned, read_action


def response(status: int = 200, text: str = "{}") -> Response:
    made = Response()
    made.status_code, made._content, made.encoding = status, text.encode(), "utf-8"
    return made


def ignored(action: Any, status: int = 200, text: str = "{}") -> bool:
    """Whether the answer is ignored by this one action."""
    try:
        act_on([read_action(action)], response(status, text))
    except IgnoredAnswer:
        return True
    return False


def test_a_status_alone_is_for_every_answer_of_that_status() -> None:
    action = {"status_code": 404, "action": "ignore"}
    assert ignored(action, 404, "anything") and not ignored(action, 403, "404")


def test_a_content_alone_is_for_every_answer_that_holds_it() -> None:
    action = {"content": "not enrolled", "action": "ignore"}
    assert ignored(action, 200, "you are not enrolled here") and not ignored(action, 404, "enrolled")


def test_status_and_content_both_have_to_fit() -> None:
    action = {"status_code": 404, "content": "gone", "action": "ignore"}
    assert [ignored(action, *answer) for answer in ((404, "gone"), (404, "no"), (200, "gone"))] == [True, False, False]


def test_a_status_as_text_counts() -> None:
    assert ignored({"status_code": "404", "action": "ignore"}, 404)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"status_code": 404, "action": "skip"}, "unknown action 'skip'"),
        ({"status_code": 404}, "unknown action None"),
        ({"status_code": 404, "action": []}, "unknown action \\[\\]"),
        ({"action": "ignore"}, "needs a status_code or a content"),
        ({"status_code": "4xx", "action": "ignore"}, "status_code must be a number, got '4xx'"),
    ],
)
def test_what_could_never_act_is_refused(action: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_action(action)


def test_a_callable_alone_is_called_for_every_answer() -> None:
    seen: list[int] = []
    action = read_action(lambda answer: seen.append(answer.status_code))
    for status in (200, 404):
        act_on([action], response(status))
    assert seen == [200, 404] and not action.is_conditional


def test_callables_are_called_in_their_order_on_one_response() -> None:
    seen: list[Any] = []
    listed = [lambda answer: seen.append((1, answer)), lambda answer: seen.append((2, answer))]
    actions = [
        read_action({"status_code": 200, "action": listed}),
        read_action(lambda answer: seen.append((3, answer))),
    ]
    answer = response()
    act_on(actions, answer)
    assert seen == [(1, answer), (2, answer), (3, answer)]


def test_an_action_sees_what_those_before_it_made_of_the_answer() -> None:
    def mend(answer: Response) -> None:
        answer.status_code = 200

    actions = [read_action(mend), read_action({"status_code": 404, "action": "ignore"})]
    act_on(actions, response(404))


def test_nothing_is_done_after_an_answer_is_ignored() -> None:
    seen: list[Any] = []
    with pytest.raises(IgnoredAnswer, match="an answer 404 was ignored"):
        act_on([read_action({"status_code": 404, "action": "ignore"}), read_action(seen.append)], response(404))
    assert seen == []


def test_what_a_hook_raises_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        act_on([ResponseAction(hooks=(lambda _: 1 / 0,))], response())


def test_an_answer_concerns_an_action_only_where_that_names_it() -> None:
    named, unnamed = read_action({"status_code": 503, "action": "ignore"}), read_action(print)
    assert concerned([unnamed, named], response(503))
    assert not concerned([unnamed, named], response(502)) and not concerned([unnamed], response(503))
