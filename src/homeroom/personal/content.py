"""What the values of a sample look like: which personal thing, and how many of them. No value leaves this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from homeroom.personal.kinds import Kind, Whose

_YES_OR_NO = ("true", "false", "True", "False", "yes", "no")
_LONGEST = 200  # characters; a longer text is no e-mail address, number or street
_FIRST_LOOK = 16  # values; a pattern that fits a half of all fits some of these
_LEAST_DATES = 5
_LEAST_YEARS = 8  # between the oldest and the youngest: a school year's worth of dates is no list of birth dates


@dataclass(frozen=True, slots=True)
class Found:
    """So many of so many values that are not null look like `kind`; `looks` says it in words."""

    kind: Kind
    looks: str
    matching: int
    of: int

    @property
    def says(self) -> str:
        """The part of a sentence that holds no value."""
        if self.of == 1:
            return f"the one value is of the form of {self.looks}"
        count = "all" if self.matching == self.of else f"{self.matching:,} of"
        return f"{count} {self.of:,} values look like {self.looks}"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`share` of the texts must fit. `shape` is cheap; what has it is then looked at by `holds`."""

    kind: Kind
    looks: str
    shape: re.Pattern[str]
    share: float
    holds: Callable[[str], bool] = lambda text: True
    of: frozenset[Whose] = frozenset(Whose)

    def fits(self, text: str) -> bool:
        return self.shape.fullmatch(text) is not None and self.holds(text)


def by_content(values: Sequence[object], whose: Whose) -> Found | None:
    """What most of the values look like; None where they look like nothing personal. Lists and objects do not count."""
    known = [value for value in values if value is not None and value != ""]
    texts = [value for value in known if isinstance(value, str)]
    if not texts or len(texts) < len(known) / 2:
        return None
    short = [text for text in texts if len(text) <= _LONGEST]
    first = short[:: max(1, len(short) // _FIRST_LOOK)]
    for pattern in _PATTERNS:
        if whose in pattern.of and any(map(pattern.fits, first)):
            matching = sum(map(pattern.fits, short))
            if matching >= pattern.share * len(known):
                return Found(pattern.kind, pattern.looks, matching, len(known))
    return _birth_dates(short, len(known)) if whose is Whose.PERSON else None


def are_switches(values: Sequence[object]) -> bool:
    """Whether there are values and each says yes or no."""
    known = [value for value in values if value is not None and value != ""]
    return bool(known) and all(
        isinstance(value, bool) or value in ("true", "false", "True", "False") for value in known
    )


def are_numbers(values: Sequence[object]) -> bool:
    """Whether there are values and each is a number."""
    known = [value for value in values if value is not None and value != ""]
    return bool(known) and all(isinstance(value, int | float) for value in known)


def are_spaced(values: Sequence[object]) -> bool:
    """Whether a half of the texts is of several words, as names of people are and logins are not."""
    texts = [value for value in values if isinstance(value, str) and value]
    return bool(texts) and sum(" " in text.strip() for text in texts) * 2 >= len(texts)


def _birth_dates(texts: Sequence[str], of: int) -> Found | None:
    """Days without a time, over more years than a platform's own dates, none of them of late."""
    days = [text for text in texts if _DAY.fullmatch(text)]
    if len(days) < _LEAST_DATES or len(days) < 0.9 * of:
        return None
    years = sorted(int(day[:4]) for day in days)
    is_lifelike = years[0] >= 1900 and years[-1] - years[0] >= _LEAST_YEARS and years[len(years) // 2] < 2015
    return Found(Kind.DATE, "dates of many years, as birth dates are", len(days), of) if is_lifelike else None


# --- forms that can be checked -------------------------------------------------------------------------------------


def _digits(text: str) -> list[int]:
    return [int(letter) for letter in text if letter.isdigit()]


def _is_ssn(text: str) -> bool:
    """Areas 000, 666 and 9xx, group 00 and serial 0000 are never given."""
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _is_dni(text: str) -> bool:
    """Spain: the letter is the number modulo 23; of a foreigner's the first letter stands for a digit."""
    number = str("XYZ".find(text[0])) + text[1:-1] if text[0] in "XYZ" else text[:-1]
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number.strip("-")) % 23] == text[-1]


def _is_cpf(text: str) -> bool:
    """Brazil: two check digits."""
    digits = _digits(text)
    return len(set(digits)) > 1 and all(
        sum(digit * weight for digit, weight in zip(digits, range(end + 1, 1, -1), strict=False)) * 10 % 11 % 10
        == digits[end]
        for end in (9, 10)
    )


def _is_nir(text: str) -> bool:
    """France: the last two digits are 97 less the rest of the others."""
    plain = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return 97 - int(plain[:-2]) % 97 == int(plain[-2:])


def _is_iban(text: str) -> bool:
    """The rest by 97 is 1, letters counting from 10."""
    plain = text.replace(" ", "")
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def _is_sin(text: str) -> bool:
    """Canada: Luhn."""
    doubled = [digit if nth % 2 == 0 else sum(divmod(digit * 2, 10)) for nth, digit in enumerate(_digits(text))]
    return sum(doubled) % 10 == 0


def _is_dialled(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15


_DAY = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_NOT_OF_ORGANISATIONS = frozenset(Whose) - {Whose.ORGANISATION}
_PEOPLES = frozenset({Whose.PERSON, Whose.RECORD})
_STREET = (
    r"street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|terrace|circle|highway|hwy"
)
_STREET_BEFORE = r"rue|avenue|boulevard|place|chemin|calle|avenida|plaza|paseo|rua|travessa|praça|via|piazza|viale"

_PATTERNS = (
    _Pattern(Kind.EMAIL, "e-mail addresses", re.compile(r"[^@\s<>,;:/]+@(?:[^@\s.<>,;:/]+\.)+[^\W\d_]{2,}"), 0.5),
    _Pattern(Kind.GOVERNMENT, "social security numbers", re.compile(r"\d{3}-\d{2}-\d{4}"), 0.9, _is_ssn),
    _Pattern(
        Kind.GOVERNMENT, "Spanish identity numbers", re.compile(r"(?:\d{8}|[XYZ]\d{7})-?[A-Z]", re.ASCII), 0.9, _is_dni
    ),
    _Pattern(
        Kind.GOVERNMENT, "Brazilian tax numbers", re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", re.ASCII), 0.9, _is_cpf
    ),
    _Pattern(
        Kind.GOVERNMENT,
        "French social security numbers",
        re.compile(r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", re.ASCII),
        0.9,
        _is_nir,
    ),
    _Pattern(
        Kind.GOVERNMENT,
        "British national insurance numbers",
        re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", re.ASCII),
        0.9,
    ),
    _Pattern(
        Kind.GOVERNMENT, "Canadian insurance numbers", re.compile(r"\d{3}[ -]\d{3}[ -]\d{3}", re.ASCII), 0.9, _is_sin
    ),
    _Pattern(
        Kind.GOVERNMENT,
        "bank accounts (IBAN)",
        re.compile(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?", re.ASCII),
        0.9,
        _is_iban,
    ),
    _Pattern(Kind.DEVICE, "IP addresses", re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII), 0.9),
    _Pattern(
        Kind.DEVICE,
        "IP addresses",
        re.compile(
            r"(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=.*::)(?=.*[0-9a-f]:)[0-9a-f:]{4,39}", re.IGNORECASE | re.ASCII
        ),
        0.9,
    ),
    _Pattern(
        Kind.PHONE,
        "telephone numbers",
        re.compile(
            r"(?:\+|00)\d[\d ().\-/]{5,20}\d|\(\d{2,5}\) ?\d[\d .\-/]{4,12}\d"
            r"|\d{3}[. ]\d{3}[. ]\d{4}|(?:1-)?\d{3}-\d{3}-\d{4}",
            re.ASCII,
        ),
        0.6,
        _is_dialled,
        _NOT_OF_ORGANISATIONS,
    ),
    _Pattern(
        Kind.PICTURE,
        "addresses of pictures of people",
        re.compile(
            r"https?://\S*(?:avatar|gravatar|userpic|headshot|profile[-_/]?(?:image|pic|photo))\S*", re.IGNORECASE
        ),
        0.5,
    ),
    _Pattern(
        Kind.PICTURE,
        "addresses of pictures",
        re.compile(r"https?://\S+\.(?:jpe?g|png|gif|webp)(?:\?\S*)?", re.IGNORECASE),
        0.8,
        of=frozenset({Whose.PERSON}),
    ),
    _Pattern(
        Kind.ADDRESS,
        "postal addresses",
        re.compile(
            rf"\d{{1,6}}[A-Za-z]?,? .{{1,60}}\b(?:{_STREET})\b.{{0,80}}|(?:{_STREET_BEFORE})\b.{{1,60}}\d.{{0,60}}"
            r"|.{2,40}(?:straße|strasse|str\.|gasse|weg|platz|allee) ?\d{1,4}\b.{0,60}",
            re.IGNORECASE,
        ),
        0.5,
        of=_PEOPLES,
    ),
)
"""In the order in which they are tried; the first that enough of the values fit is it."""
