"""The kinds of personal things, the rule for each, and the words by which a name says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from homeroom.personal.words import NEVER_ALONE, PERSON, UNSURE


class Kind(Enum):
    """A kind of personal thing: what it is called in a sentence, and the rule that fits it.

    Dropped is what nobody joins on: a keyed hash of a name or a remark tells no more than its absence.
    """

    SECRET = ("a password or a key", "drop")
    GOVERNMENT = ("an id given by a government or a bank", "drop")
    BIRTH = ("a birth date or place", "drop")
    DEMOGRAPHIC = ("a demographic fact", "drop")
    NAME = ("a person's name", "drop")
    EMAIL = ("an e-mail address", "mask")
    PHONE = ("a telephone number", "drop")
    ADDRESS = ("where a person lives", "drop")
    PICTURE = ("a picture of a person", "drop")
    DEVICE = ("an IP address or a device", "drop")
    WEB = ("a person's page or account elsewhere", "drop")
    FREE_TEXT = ("free text by or about a person", "drop")
    LOGIN = ("a login", "hash")
    PERSON = ("an id of a person", "hash")
    DATE = ("a date that may be a birth date", "mask")

    def __init__(self, says: str, rule: str) -> None:
        self.says = says
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Personal:
    """Why a column looks personal, and the rule that fits: `drop`, `hash` or `mask`."""

    rule: str
    evidence: str


class Whose(StrEnum):
    """What a column is a property of, as far as the names tell."""

    PERSON = "person"
    ORGANISATION = "organisation"
    RECORD = "record"
    OTHER = "other"


_PEOPLE = "|".join(sorted(PERSON))
_REFERRED = "|".join(sorted(PERSON - UNSURE))
_ID = r"(?:id number|number id|id|uuid|guid|uid|dcid|identifier|number|no|code|key|href|ref)"
_OF_ID = (
    r"(?:unique|external|sis|global|local|state|province|legacy|integration|lms|canvas|moodle|national|official|internal"
    r"|org defined|defined|master|sourced|anonymous|public|remote|oneroster|azure|google|microsoft|clever|saml|sso|ldap"
    r"|system|web|alternate|permanent|secondary|primary|card|badge|reference)"
)
_OF_NAME = (
    r"(?:display|full|short|sort|sortable|public|real|preferred|former|other|formatted|legal|complete|first"
    r"|last)"
)
_DONE_BY = (
    "created|updated|modified|assigned|graded|submitted|approved|deleted|edited|reviewed|recorded|uploaded|invited"
    "|published|owned|taught|marked|reported|referred|entered|evaluated|assessed|enrolled|posted"
)
_LEFT_OVER = r"(?: (?:address|addr|value|primary|secondary|home|work|school|personal|number|no|mobile|id|e))*"
_SWITCH = re.compile(
    r"(?:is|has|can|may|allow|allows|show|hide|require|requires|enable|enabled|use|send|locked|include|max|min|num|total"
    r"|count|default|average|avg|number of|verified|needs?|subscribed|receives?|wants|notify) "
)
"""The first word of a setting or a count about people, which is no property of one."""
_ABOUT = re.compile(
    r"(?:type|status|enabled|verified|confirmed|confirmation|validated|count|visible|visibility|at|time|timestamp"
    r"|expire|expired|indicator|flag|format|order|priority|required|allowed|setting|preference|notification|template"
    r"|policy|mode|length|size|show|domain|exhausted|percentage)$"
)
"""The last word of a thing about the thing: `avatar_state` is no picture."""

_SENSITIVE: tuple[tuple[Kind, str], ...] = (
    (
        Kind.GOVERNMENT,
        r"\b(?:ssn|social security|national id|national identifier|government id|passport|tax id|taxpayer|aadhaar|dni"
        r"|cpf|curp|nir|nino|bsn|pesel|personnummer|iban|bank account|credit card|card (?:number|last)|identity card"
        r"|drivers? licen[cs]e|medicaid|insurance number|sozialversicherungsnummer)\b"
        r"|\bidentification document\b.*\b(?:code|title|name|number|country descriptor)$",
    ),
    (Kind.BIRTH, r"\bbirth\b(?!.*\b(?:verified|visible|format)$)"),
    (
        Kind.DEMOGRAPHIC,
        r"\b(?:gender|sex|race|ethnicity|ethnic|hispanic|latino|pronoun|disability|iep|ell|lep|frl|504"
        r"|(?:free|reduced) (?:and reduced |or reduced |reduced )?(?:price )?(?:lunch|meal)"
        r"|lunch (?:status|program|eligibility)"
        r"|(?:economically |socially )?disadvantaged|low income|household income|homeless|foster|migrant|immigrant"
        r"|immigration|refugee|citizenship|nationality|religion|religious|marital|tribal|gifted|special education"
        r"|(?:home|native|mother|spoken) (?:language|tongue)|sexual orientation|date entered us|demographic"
        r"|english learner|american indian|alaska native|african american|native hawaiian|pacific islander)\b",
    ),
)
"""Whoever's it is, and whatever stands before or behind."""

_ANYONES: tuple[tuple[Kind, str], ...] = (
    (
        Kind.SECRET,
        r"\b(?:password(?: (?:hash|digest|salt))?|(?:secret|security) answer|(?:access|refresh|api|auth|session) token"
        r"|api key|secret key)$",
    ),
    (Kind.EMAIL, rf"\bemail{_LEFT_OVER}(?: (?:{_PEOPLE}))*$"),
    (
        Kind.DEVICE,
        r"(?<!allowed )(?<!server )\b(?:ip|ip addr(?:ess)?|remote addr(?:ess)?|mac address)$"
        r"|\bdevice (?:id|identifier)$",
    ),
    (Kind.LOGIN, r"\busername$|(?<!last )(?<!first )(?<!previous )(?<!current )\blogin(?: id| name)?$|\bscreen name$"),
    (
        Kind.NAME,
        r"\b(?:first|last|given|family|middle|maiden|legal|preferred|sortable|sort|father|mother) name"
        r"(?: (?:first|last|given|family|middle|preferred|prefix|suffix))*$"
        r"|\bname (?:first|last|given|family|middle|maiden|preferred)(?: (?:preferred|name))*$|\bnickname$",
    ),
    (Kind.NAME, rf"\b(?:{_REFERRED})(?: {_OF_NAME})* name$|^name (?:of |de |do |da |del |du )?(?:{_REFERRED})$"),
    (
        Kind.PICTURE,
        r"\b(?:avatar|headshot|portrait|gravatar|(?:profile|user|student) (?:image|picture|photo))\b"
        r"(?!.* state$)",
    ),
    (Kind.WEB, r"\borcid(?: id)?$"),
    (
        Kind.PERSON,
        rf"\b(?:{_REFERRED})(?: {_OF_ID})* {_ID}$|^(?:{_OF_ID} )*{_ID} (?:of |de |do |da |del |du )?(?:{_REFERRED})$"
        rf"|\b(?:{_DONE_BY}) by(?: user)?(?: {_ID})?$",
    ),
    (
        Kind.FREE_TEXT,
        r"\bbio$|\b(?:student|teacher|instructor|grader|reviewer|entry|exit|user|nps|private|parent) "
        r"(?:comment|note|feedback)$",
    ),
)
"""Whoever's it is, where the name ends so."""

_NOT_OF_ORGANISATIONS: tuple[tuple[Kind, str], ...] = (
    (Kind.PHONE, rf"\bphone{_LEFT_OVER}(?: (?:{_PEOPLE}))*$"),
    (
        Kind.ADDRESS,
        r"\b(?:home|mailing|street|residential|billing|shipping|permanent)(?: mailing)? address\b"
        r"|\bbilling info$|\bof residence$",
    ),
)

_OF_A_PERSON: tuple[tuple[Kind, str], ...] = (
    (Kind.LOGIN, r"\buser name$"),
    (
        Kind.NAME,
        rf"^(?:(?:{_PEOPLE}|{_OF_NAME}|name) )*name$|^name (?:display|full|title|other|prefix|suffix|sort)(?: \w+)?$"
        r"|\b(?:(?:personal )?title prefix|generation code suffix|initial|pronunciation)$"
        r"|^name (?:preferred )?display name$|^pronunciation audio\b",
    ),
    (Kind.PHONE, r"\b(?:mobile|fax|sms)(?: number)?$"),
    (
        Kind.ADDRESS,
        r"\b(?:address|street|city|town|postcode|country|county|province|latitude|longitude|location|hometown|residence"
        r"|apartment number)$|\baddress\b.*\b(?:state|number|name|code|building|suite|state descriptor)$"
        r"|\baddress\b.*\b(?:state abbreviation|country) descriptor$|\bname of county$|^(?:location|home) state$",
    ),
    (Kind.PICTURE, r"^(?:\w+ )?(?:picture|photo|image)(?: (?:url|uri|link|path|id|small|large|source))*$"),
    (
        Kind.WEB,
        rf"^(?:(?:{_PEOPLE}|web|public|personal|home|html) )*(?:url|website)$"
        r"|^(?:skype|icq|aim|msn|yahoo|twitter|facebook|linkedin|instagram|github|discord|telegram|whatsapp)"
        r"(?: (?:id|url|handle|name|username|number))?$",
    ),
    (
        Kind.PERSON,
        rf"^(?:(?:{_PEOPLE}|{_OF_ID}|{_ID}) )*{_ID}$|^school uid$|^key value$",
    ),
    (
        Kind.DEMOGRAPHIC,
        r"^(?:age|white|black|asian|caucasian)$|\bresidence status$"
        r"|\b(?:health|medical|allergy|vaccination|income|veteran|military|lunch|visa|height|weight|blood"
        r"|hair color|eye color|primary language)\b",
    ),
    (
        Kind.FREE_TEXT,
        r"\b(?:about|about me|description|interest|note|comment|statement|hobby|signature|headline|tagline|memo|motto)$"
        r"|\bcustom (?:profile )?(?:field|attribute)(?: display)?(?: value)?$|^(?:activity|metadata|field|user info)$",
    ),
)

_OF_A_RECORD = (
    (
        Kind.FREE_TEXT,
        r"\b(?:note|comment|feedback|message|body|answer|response|content|explanation|reflection|transcript)$"
        r"|^(?:\w+ ){0,2}submission$",
    ),
    (Kind.NAME, r"^name (?:display|title)$"),
    (Kind.PICTURE, r"^(?:picture|photo)(?: url)?$"),
    (Kind.PERSON, r"^(?:school )?uid$|^anonymous id$"),
)

_BESIDE = r"^(?:(?:assistant|associate|associated|lead|primary|co|head|vice|former|class) )*"
_BARE = re.compile(rf"{_BESIDE}(?:{'|'.join(sorted(PERSON - UNSURE - NEVER_ALONE))})$")
_BARE_OF_A_PERSON = re.compile(rf"{_BESIDE}(?:{'|'.join(sorted(PERSON - NEVER_ALONE))})$")


def is_about(last: str) -> bool:
    """Whether the words of the last segment are a switch, a count, a type or a time of a thing, and not the thing."""
    return bool(_SWITCH.match(last) or _ABOUT.search(last))


def _compiled(rules: Sequence[tuple[Kind, str]]) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(pattern)) for kind, pattern in rules)


_FIRST = _compiled(_SENSITIVE)
_RULES = {
    Whose.PERSON: _compiled((*_OF_A_PERSON[:1], *_ANYONES, *_NOT_OF_ORGANISATIONS, *_OF_A_PERSON[1:])),
    Whose.ORGANISATION: _compiled(_ANYONES),
    Whose.RECORD: _compiled((*_ANYONES, *_NOT_OF_ORGANISATIONS, *_OF_A_RECORD)),
    Whose.OTHER: _compiled((*_ANYONES, *_NOT_OF_ORGANISATIONS)),
}


def kind_of(words: str, whose: Whose, *, about: bool, is_plural: bool) -> Kind | None:
    """What the words say of a thing of `whose`; `is_plural`: the last of them was, which alone may be a count."""
    for kind, pattern in _FIRST:
        if pattern.search(words):
            return kind
    if about:
        return None
    for kind, pattern in _RULES[whose]:
        if pattern.search(words):
            return kind
    bare = _BARE_OF_A_PERSON if whose is Whose.PERSON else _BARE
    return Kind.PERSON if bare.search(words) and (whose is Whose.PERSON or not is_plural) else None
