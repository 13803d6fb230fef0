"""From security schemes to an auth section: the scheme that fits a program without a person, others behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeroom.draft.described.address import is_unreal, joined, split
from homeroom.draft.described.document import Document, Operation
from homeroom.draft.described.shapes import mapping, sequence, text_of
from homeroom.draft.described.words import words
from homeroom.draft.values import Confidence, Guess, Secret

Auth = Mapping[str, Any]

_BEARER = re.compile(r"\bbearer\b|\bjwt\b", re.IGNORECASE)
_CREDENTIALS = re.compile(r"client[_ -]credentials", re.IGNORECASE)
_TOKEN_URL = re.compile(r"https?://\S*token\b|(?<![\w/])/[\w./-]*token\b", re.IGNORECASE)
_ORIGIN = re.compile(r"\$\{[^}]+\}|https?://[^/]+")
_PLAIN_WORDS = {
    "subdomain",
    "tenant",
    "site",
    "account",
    "organization",
    "organisation",
    "school",
    "district",
    "version",
}
_PLAIN_WORDS |= {"region", "instance", "domain", "institution", "locale", "language", "app", "application"}
_SECRET_WORDS = {"key", "token", "secret", "password", "signature", "authorization"}


@dataclass(frozen=True, slots=True)
class Security:
    """The auth section, headers that go beside it, what both need, and what else is to be said."""

    auth: Guess[Auth | None]
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to sign in. The lower its `rank`, the better it fits a program."""

    rank: int
    auth: Auth
    evidence: str
    confidence: Confidence = Confidence.CERTAIN
    secrets: tuple[Secret, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def security(document: Document, lists: Sequence[Operation], base_url: str, source: str, prefix: str) -> Security:
    """How the lists of a description are signed in to. `prefix` is what variables are called in front."""
    reading = _Reading(document, lists, base_url, source, prefix)
    ways = sorted(reading.ways(), key=lambda way: way.rank)
    headers, secrets = reading.required_headers()
    if not ways:
        evidence = "no security scheme is described, so no key is sent"
        return Security(Guess(None, Confidence.GUESS, evidence), headers, secrets)
    best = ways[0]
    others: list[Auth | None] = []
    others += [way.auth for way in ways[1:] if way.auth != best.auth and way.auth not in others]
    auth: Guess[Auth | None] = Guess(best.auth, best.confidence, best.evidence, tuple(others))
    all_secrets = tuple(dict.fromkeys((*best.secrets, *secrets)))
    return Security(auth, {**headers, **best.headers}, all_secrets, best.notes)


class _Reading:
    def __init__(self, document: Document, lists: Sequence[Operation], base_url: str, source: str, prefix: str) -> None:
        self._document = document
        self._lists = lists
        self._origin = (_ORIGIN.match(base_url) or [""])[0]
        self._source = source
        self._prefix = prefix
        given = document.content.get("securityDefinitions") or mapping(document.content.get("components")).get(
            "securitySchemes"
        )
        self._schemes = {str(name): document.resolved(raw) for name, raw in mapping(given).items()}

    def ways(self) -> Iterator[_Way]:
        """Every way that is described, of those that the lists take."""
        for requirement in self._requirements():
            names = [name for name in requirement if name in self._schemes]
            found = sorted(((self._way(name), name) for name in names), key=lambda each: self._rank(*each))
            if found:
                yield self._with_others(found[0][0], [name for _, name in found[1:]])

    def required_headers(self) -> tuple[dict[str, str], tuple[Secret, ...]]:
        """Headers without which no list answers, but those of requests in general."""
        usual = {"authorization", "accept", "content-type", "user-agent", "if-modified-since"}
        found: Counter[str] = Counter()
        values: dict[str, Any] = {}
        for operation in self._lists:
            for each in operation.parameters:
                if each.place == "header" and each.required and each.name.lower() not in usual:
                    found[each.name] += 1
                    values[each.name] = each.shape.raw.get("default") or next(iter(each.shape.values), None)
        headers, secrets = {}, []
        for name, times in found.items():
            if times < len(self._lists):
                continue
            headers[name] = str(values[name]) if values[name] is not None else f"${{{self._variable(name)}}}"
            if values[name] is None:
                secrets.append(Secret(self._variable(name), f"the header {name}", is_secret=False))
        return headers, tuple(secrets)

    def _requirements(self) -> list[Mapping[str, Any]]:
        """What the lists ask for, the most frequent first; every scheme by itself where nothing is asked for."""
        given = self._document.content.get("security")
        default = tuple(map(mapping, given)) if isinstance(given, list) else ()
        found: dict[tuple[str, ...], Mapping[str, Any]] = {}
        for operation in self._lists:
            for requirement in operation.security if operation.security is not None else default:
                found.setdefault(tuple(sorted(requirement)), requirement)
        found = {names: each for names, each in found.items() if names}
        return list(found.values()) or [{name: []} for name in self._schemes]

    def _rank(self, way: _Way, name: str) -> tuple[int, bool]:
        """Of schemes that are sent together, the one that is the key."""
        return way.rank, _is_plain(words(text_of(self._schemes[name].get("name"))))

    def _with_others(self, way: _Way, names: Sequence[str]) -> _Way:
        """A way whose other schemes go into headers: dlt signs in by one."""
        headers, secrets, notes = dict(way.headers), list(way.secrets), list(way.notes)
        for name in names:
            scheme = self._schemes[name]
            header = text_of(scheme.get("name"))
            if scheme.get("type") != "apiKey" or scheme.get("in") != "header" or not header:
                notes.append(f"The security scheme {name} is to be sent as well; the config has no place for it.")
                continue
            variable, is_plain = self._variable(header), _is_plain(words(header))
            headers[header] = f"${{{variable}}}" if is_plain else f"${{secret:{variable.lower()}}}"
            secrets.append(Secret(variable, f"the header {header}", is_secret=not is_plain))
        return _Way(way.rank, way.auth, way.evidence, way.confidence, tuple(secrets), headers, tuple(notes))

    def _way(self, name: str) -> _Way:
        scheme = self._schemes[name]
        kind, how = text_of(scheme.get("type")).lower(), text_of(scheme.get("scheme")).lower()
        said = f"the security scheme {name}"
        if kind == "apikey":
            return self._api_key(name, scheme, said)
        if kind == "oauth2":
            return self._oauth2(name, scheme, said)
        if "basic" in (kind, how):
            return self._basic(said)
        if (kind, how) == ("http", "bearer"):
            return self._described_bearer(name, scheme, said)
        what = " ".join(filter(None, (kind, how)))
        note = f"{said} is {what or 'of no type'}, which no auth type here does; a bearer token is written instead."
        return self._bearer(6, f"{said} is {what or 'of no type'}", Confidence.GUESS, (note[0].upper() + note[1:],))

    def _api_key(self, name: str, scheme: Mapping[str, Any], said: str) -> _Way:
        header, place = text_of(scheme.get("name")), text_of(scheme.get("in")).lower()
        if header.lower() == "authorization" and _BEARER.search(f"{' '.join(words(name))} {scheme.get('description')}"):
            return self._described_bearer(name, scheme, said)
        variable = f"{self._prefix}_API_KEY"
        auth = {"type": "api_key", "name": header, "api_key": f"${{secret:{variable.lower()}}}", "location": place}
        evidence = f"{said}: a key in the {place} {header}"
        confidence = Confidence.CERTAIN
        if header.lower() == "authorization":
            confidence = Confidence.GUESS
            evidence += "; what stands before the key in it, if anything, is not described"
        return _Way(1, auth, evidence, confidence, (Secret(variable, "the API key"),))

    def _basic(self, said: str) -> _Way:
        user, password = f"{self._prefix}_USERNAME", f"{self._prefix}_PASSWORD"
        auth = {"type": "http_basic", "username": f"${{{user}}}", "password": f"${{secret:{password.lower()}}}"}
        secrets = (Secret(user, "the name to sign in with", is_secret=False), Secret(password, "its password"))
        return _Way(3, auth, f"{said}: HTTP Basic", secrets=secrets)

    def _bearer(self, rank: int, evidence: str, confidence: Confidence, notes: tuple[str, ...] = ()) -> _Way:
        variable = f"{self._prefix}_TOKEN"
        auth = {"type": "bearer", "token": f"${{secret:{variable.lower()}}}"}
        return _Way(rank, auth, evidence, confidence, (Secret(variable, "the access token"),), notes=notes)

    def _described_bearer(self, name: str, scheme: Mapping[str, Any], said: str) -> _Way:
        """A bearer token; where the text says how a program gets one, that instead."""
        text = text_of(scheme.get("description"))
        found = _TOKEN_URL.search(text) if _CREDENTIALS.search(text) else None
        if found:
            evidence = f"{said}: its text says that a token is got for client credentials at {found.group()}"
            return self._client_credentials(found.group().rstrip("."), [], evidence, Confidence.LIKELY)
        is_for_people = "oauth" in words(name) or "oauth" in text.lower() or "o" in words(name)
        return self._bearer(4 if is_for_people else 2, f"{said}: a bearer token", Confidence.CERTAIN)

    def _oauth2(self, name: str, scheme: Mapping[str, Any], said: str) -> _Way:
        flows = mapping(scheme.get("flows"))
        if not flows and scheme.get("flow"):
            flows = {"clientCredentials" if scheme["flow"] == "application" else str(scheme["flow"]): scheme}
        flow = mapping(flows.get("clientCredentials"))
        if flow:
            url, scopes = text_of(flow.get("tokenUrl")), self._scopes(name)
            return self._client_credentials(url, scopes, f"{said}: client credentials", Confidence.CERTAIN)
        kinds = ", ".join(flows) or "no flow"
        note = f"The OAuth 2 flows described ({kinds}) need a person; put a token that was got so into the secret."
        return self._bearer(5, f"{said}: OAuth 2 with {kinds}, so a bearer token", Confidence.LIKELY, (note,))

    def _client_credentials(self, url: str, scopes: Sequence[str], evidence: str, sure: Confidence) -> _Way:
        client, secret = f"{self._prefix}_CLIENT_ID", f"{self._prefix}_CLIENT_SECRET"
        secrets = [Secret(client, "the client's id", is_secret=False), Secret(secret, "the client's secret")]
        address = url if re.match(r"https?://", url) or "{" in url else joined(f"{self._origin}/", url) if url else ""
        if url.startswith("/") and self._origin.startswith("$"):
            address = self._origin + url
        elif not address or is_unreal(address, self._source):
            variable = f"{self._prefix}_TOKEN_URL"
            secrets.insert(0, Secret(variable, "the address that gives tokens", is_secret=False))
            evidence += f"; the described token URL is {url or 'empty'}, so it is yours to give"
            address = f"${{{variable}}}"
        auth: dict[str, Any] = {"type": "oauth2", "access_token_url": address, "client_id": f"${{{client}}}"}
        auth["client_secret"] = f"${{secret:{secret.lower()}}}"
        auth["client_auth"] = "basic"
        if self._wants_basic(url):
            evidence += "; that endpoint is described with HTTP Basic"
        else:
            # RFC 6749 section 2.3.1: servers must take it, and need not take id and secret in the form.
            sure = Confidence.LIKELY
            evidence += "; how it takes id and secret is not described, a Basic header is what the standard asks for"
        if scopes:
            auth["scope"] = list(scopes)
        return _Way(0, auth, evidence, sure, tuple(secrets))

    def _wants_basic(self, url: str) -> bool:
        """Whether the token endpoint is described too, with a scheme that is HTTP Basic."""
        given = self._document.post(split(url).path or url).get("security")
        names = [name for requirement in sequence(given) for name in mapping(requirement)]
        schemes = [self._schemes.get(name, {}) for name in names]
        return any(text_of(s.get("type")) == "basic" or text_of(s.get("scheme")).lower() == "basic" for s in schemes)

    def _scopes(self, name: str) -> list[str]:
        """The scopes that the lists need, by the first requirement of each that names the scheme."""
        given = self._document.content.get("security")
        default = tuple(map(mapping, given)) if isinstance(given, list) else ()
        found: dict[str, None] = {}
        for operation in self._lists:
            asked = operation.security if operation.security is not None else default
            first: object = next((each[name] for each in asked if name in each), [])
            found.update(dict.fromkeys(str(scope) for scope in sequence(first)))
        return list(found)

    def _variable(self, name: str) -> str:
        own = "_".join(words(re.sub(r"^X-(Auth-)?", "", name, flags=re.IGNORECASE))).upper()
        return own if own.startswith(f"{self._prefix}_") else f"{self._prefix}_{own}"


def _is_plain(said: Sequence[str]) -> bool:
    """Whether a header of these words holds no secret, but says whose data is asked for."""
    return bool({*said} & _PLAIN_WORDS) and not {*said} & _SECRET_WORDS
