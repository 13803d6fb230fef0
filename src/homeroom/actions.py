"""`response_actions`: what the config wants done with certain answers.

dlt's meaning, with two silences broken: a status code written as text counts, and an action that would never
act is refused. An unknown word did nothing in dlt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from requests import Response

ResponseHook = Callable[[Response], Any]


class IgnoredAnswer(Exception):  # noqa: N818 - no error: the config asked for it
    """An answer that the config says to ignore: its chain ends there. The text is safe to print."""


@dataclass(frozen=True, slots=True)
class ResponseAction:
    """One action. `status` and `content` (a part of the body) both have to fit where both are given.

    With neither it fits every answer. `hooks` are called in order and may change the response in place.
    """

    status: int | None = None
    content: str | None = None
    ignore: bool = False
    hooks: tuple[ResponseHook, ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether it names the answers that it is for."""
        return self.status is not None or self.content is not None

    def fits(self, response: Response) -> bool:
        """Whether the response is one that it is for."""
        if self.status is not None and response.status_code != self.status:
            return False
        return self.content is None or self.content in response.text


def read_action(action: Any) -> ResponseAction:
    """An entry of `response_actions`: a callable, or a dict with `action` and a condition.

    Raises ValueError for what could never act.
    """
    if callable(action):
        return ResponseAction(hooks=(action,))
    status, content, act = action.get("status_code"), action.get("content"), action.get("action")
    if status is not None and not str(status).isdecimal():
        raise ValueError(f"status_code must be a number, got {status!r}")
    hooks = tuple(act) if isinstance(act, list | tuple) else (act,) if callable(act) else ()
    if act != "ignore" and not hooks:
        raise ValueError(f"unknown action {act!r}; allowed: 'ignore', a callable, a list of callables")
    if act == "ignore" and status is None and content is None:
        raise ValueError("'ignore' needs a status_code or a content to tell which answers; it would end every read")
    return ResponseAction(int(status) if status is not None else None, content, act == "ignore", hooks)


def concerned(actions: Sequence[ResponseAction], response: Response) -> bool:
    """Whether an action names this very answer, so that it is no failure to be repeated before the action was heard."""
    return any(action.is_conditional and action.fits(response) for action in actions)


def act_on(actions: Sequence[ResponseAction], response: Response) -> None:
    """Run every action that fits, in order; hooks may change the response.

    Raises `IgnoredAnswer`, and whatever a hook raises.
    """
    for action in actions:
        if action.fits(response):
            for hook in action.hooks:
                hook(response)
            if action.ignore:
                raise IgnoredAnswer(f"an answer {response.status_code} was ignored by response_actions")
