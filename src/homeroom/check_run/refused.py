"""What an error in place of the first page says of a resource. Pure."""

from __future__ import annotations

from dataclasses import replace

from homeroom.check_run.findings import Aspect, Finding, Line, Outcome, finding, untested
from homeroom.check_run.grants import Grants
from homeroom.codes import tagged
from homeroom.errors import AuthError, DataError, HomeroomError

_ELSEWHERE: Line = (Outcome.OK, "accepted elsewhere")
_NOT_READ = "nothing was read"
_LOGIN = "a login page looks like this, so check client.auth too"


def judge_error(resource: str, error: HomeroomError, grants: Grants, *, key_works: bool = False) -> list[Finding]:
    """A finding for each aspect where no page came.

    `key_works`: it was accepted elsewhere, so that a 401 is about rights (Canvas answers so).
    """
    told = words(resource, error)
    said: dict[Aspect, Line]
    match error:
        case AuthError(status=403):
            said = {
                Aspect.AUTH: _ELSEWHERE
                if key_works
                else (Outcome.UNTESTED, "a 403 may be about the key too, see rights"),
                Aspect.RIGHTS: (Outcome.FAILED, grants.joined(told, grants.to_grant)),
            }
        case AuthError(status=401) if key_works:
            more = "it was accepted elsewhere, so it may lack a right here"
            said = {
                Aspect.AUTH: _ELSEWHERE,
                Aspect.RIGHTS: (Outcome.FAILED, grants.joined(f"{told}; {more}", grants.to_grant)),
            }
        case AuthError():
            said = {Aspect.AUTH: (Outcome.FAILED, grants.joined(told, grants.key))}
        case DataError(about="rows"):
            said = {**_answered(), Aspect.ENVELOPE: (Outcome.FAILED, told)}
        case DataError(about="error"):
            said = {
                Aspect.AUTH: _ELSEWHERE if key_works else (Outcome.UNTESTED, "the answer is an error, see rights"),
                Aspect.PATH: (Outcome.OK, "answers"),
                Aspect.RIGHTS: (Outcome.FAILED, grants.joined(told, grants.to_grant)),
            }
        case DataError() if " HTML " in told:
            said = {Aspect.PATH: (Outcome.FAILED, f"{told}; {_LOGIN}")}
        case _:
            said = {Aspect.PATH: (Outcome.FAILED, told)}
    found = [
        finding(resource, aspect, said[aspect]) if aspect in said else untested(resource, [aspect], _NOT_READ)[0]
        for aspect in Aspect
    ]
    return [coded(each, error) if each.verdict is Outcome.FAILED else each for each in found]


def coded(found: Finding, error: HomeroomError) -> Finding:
    """The finding with the error's code."""
    return replace(found, text=tagged(found.text, error.code), code=error.code)


def _answered() -> dict[Aspect, Line]:
    return {Aspect.AUTH: (Outcome.OK, "accepted"), Aspect.PATH: (Outcome.OK, "answers")}


def words(resource: str, error: HomeroomError) -> str:
    """What an error says, without the resource, which stands beside it."""
    return str(error).removeprefix(f"resource {resource}, ")
