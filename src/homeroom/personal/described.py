"""What a description's own words say of a column whose name says nothing."""

from __future__ import annotations

import re

from homeroom.personal.kinds import Kind, Whose
from homeroom.personal.names import Named

_PERSON = (
    r"(?:student|pupil|learner|user|teacher|instructor|person|individual|staff member|employee|guardian|member)\b"
    r"(?!(?:'s|s')? (?:group|role|type|list|account|agent|course|class|section|enrol|attempt|submission|comment"
    r"|session))"
)
_NAMES = r"(?:(?:first|last|middle|full|given|family|legal|preferred|display|sortable|short) )*"
_IDS = r"(?:(?:unique|external|internal|sis|primary|local|state|national|login|sourced) )*"
_SAYS: tuple[tuple[Kind, str], ...] = (
    (
        Kind.GOVERNMENT,
        r"\b(?:social security (?:number|no)|ssn|passport number|national (?:id|identity) (?:number|card)"
        r"|government[- ]issued|tax(?:payer)? id)",
    ),
    (Kind.BIRTH, r"\b(?:date|day|year|place|city|country) of birth\b|\bbirth ?(?:date|day|place)\b|\bwas born\b"),
    (
        Kind.DEMOGRAPHIC,
        rf"\b(?:gender|sex|race|ethnicity|disabilit\w+|religion|nationality|citizenship)\b(?=.{{0,40}}\b{_PERSON})"
        rf"|\b{_PERSON}(?:'s|s')? (?:gender|sex|race|ethnicity|disability|religion|nationality|citizenship)\b"
        r"|\bfree (?:or|and|/) ?reduced[- ](?:price )?(?:lunch|meal)",
    ),
    (Kind.EMAIL, r"^(?:the |an? )?(?:\w+ ){0,3}e-?mail address\b"),
    (Kind.PHONE, r"^(?:the |an? )?(?:\w+ ){0,3}(?:tele)?phone number\b"),
    (Kind.ADDRESS, rf"\b(?:home|residential|mailing|postal|street) address\b(?=.{{0,40}}\b{_PERSON})"),
    (
        Kind.NAME,
        rf"^(?:the |an? )?{_NAMES}names? (?:of|given to) (?:the |an? |this )?{_PERSON}"
        rf"|^(?:the |an? )?{_PERSON}(?:'s|s') {_NAMES}name\b",
    ),
    (
        Kind.PERSON,
        rf"^(?:the |an? )?(?:\w+ ){{0,4}}(?:id|identifier|number|code|key)\b (?:of|for|assigned to) "
        rf"(?:the |an? |this )?{_PERSON}"
        rf"|^(?:the |an? )?{_PERSON}(?:'s|s')? {_IDS}(?:id|identifier|number)\b",
    ),
    (Kind.LOGIN, r"^(?:the |an? )?(?:\w+ ){0,2}(?:login|user ?name|sign-in name)(?: (?:id|name|of|for)\b|[.,]|$)"),
    (Kind.FREE_TEXT, r"\b(?:personally identifiable|personal data|personal information|\bpii\b)"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SAYS)
_ABOUT_IT = re.compile(
    r"^(?:whether|if|true|false|indicates|number of|count of|when|the (?:type|status|time) )", re.IGNORECASE
)
_MOST = 200  # characters; what comes after is notes, examples and tables of allowed values


def by_description(text: str, named: Named) -> Kind | None:
    """The kind that the first sentence says; None for a switch, a count, and what an organisation has."""
    first = re.split(r"(?<=[.!?])\s|\n", text.strip()[:_MOST], maxsplit=1)[0]
    if not first or _ABOUT_IT.match(first) or named.is_about:
        return None
    for kind, pattern in _COMPILED:
        if pattern.search(first) and not (named.whose is Whose.ORGANISATION and kind in (Kind.PHONE, Kind.ADDRESS)):
            return kind
    return None
