"""`oauth1`: each request signed for itself, without a token (RFC 5849, two-legged): Schoology, OneRoster 1.1.

The library does the signing. What is ours: it is given the query in one spelling, because it refuses URLs that servers
take, and its debug lines, which quote queries, are left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from oauthlib.common import Request
from oauthlib.oauth1 import SIGNATURE_PLAINTEXT, Client
from oauthlib.oauth1.rfc5849 import parameters, signature
from requests import PreparedRequest

from homeroom.auth_types.spoken import secret_texts
from homeroom.dlt_seam.auth_types import NEEDED, Refusal, TSecretStrValue, configspec

_FORM = "application/x-www-form-urlencoded"


@configspec
class OAuth1(AuthConfigBase):
    """Signs with a client's key and secret. Each call has its own nonce and time; nothing is asked for."""

    client_key: str = NEEDED
    client_secret: TSecretStrValue = NEEDED
    signature_method: Literal["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"] = "HMAC-SHA1"
    realm: str | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """As requests calls an auth."""
        return self.put_on(request)

    def put_on(self, request: PreparedRequest) -> PreparedRequest:
        """The request signed as it stands, its query included; it must not change any more."""
        client = _QuietClient(
            self.client_key,
            client_secret=self.client_secret,
            signature_method=self.signature_method,
            realm=self.realm,
        )
        body, method = _form_of(request), str(request.method)
        headers = {"Content-Type": _FORM} if body is not None else {}
        _, signed, _ = client.sign(_respelled(str(request.url)), method, body, headers)
        request.headers["Authorization"] = signed["Authorization"]
        return request

    def held_secrets(self) -> frozenset[str]:
        """The secret. A signature is of no use to anybody else."""
        return secret_texts([self.client_secret])

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """Nothing: types say it all."""
        return ()


class _QuietClient(Client):  # type: ignore[misc]
    """The library's client, without its debug lines of what it signs."""

    def get_oauth_signature(self, request: Request) -> str:
        """The signature of a request whose protocol parameters are known."""
        if self.signature_method == SIGNATURE_PLAINTEXT:
            return str(super().get_oauth_signature(request))
        headers = parameters.prepare_headers(request.oauth_params, request.headers)
        text = base_string(request.http_method, request.uri, request.body, headers)
        return str(self.SIGNATURE_METHODS[self.signature_method](text, self))


def base_string(method: str, url: str, body: Any, headers: Mapping[str, str]) -> str:
    """What is signed (RFC 5849 section 3.4.1): of the method, the URL, and all parameters but the signature."""
    query = urlsplit(url).query
    params = signature.collect_parameters(uri_query=query, body=body or [], headers=headers)
    normal = signature.normalize_parameters(params)
    return str(signature.signature_base_string(method, signature.base_string_uri(url), normal))


def _respelled(url: str) -> str:
    """The URL with its query encoded anew: what is signed are the names and values, however they are spelled."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return urlunsplit(parts._replace(query=urlencode(pairs, quote_via=quote), fragment=""))


def _form_of(request: PreparedRequest) -> str | None:
    """The body where its fields are part of what is signed (section 3.4.1.3.1); None for any other."""
    kind = str(request.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    body = request.body
    if kind != _FORM or not body or str(request.method).upper() in ("GET", "HEAD"):
        return None
    return body.decode() if isinstance(body, bytes) else str(body)
