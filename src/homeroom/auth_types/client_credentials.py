"""`oauth2`: a token for a client and its secret (RFC 6749 section 4.4).

dlt's own `oauth2_client_credentials` sends both in the body alone, and says `Bearer` whatever the platform wants.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from homeroom.auth_types.endpoint import Call, ask
from homeroom.auth_types.spoken import secret_texts
from homeroom.auth_types.token import (
    DEFAULT_MARGIN_S,
    Granted,
    TokenAuth,
    granted_by,
    seconds_refusals,
    spaced,
    url_refusals,
)
from homeroom.dlt_seam.auth_types import NEEDED, Refusal, TSecretStrValue, configspec

ClientAuth = Literal["basic", "body"]
ADVICE = {
    "": "check client_id and client_secret",
    "invalid_client": "check client_id and client_secret, and client_auth, which is how they are sent (basic or body)",
    "invalid_scope": "check `scope`, and the scopes that the app was given",
    "unauthorized_client": "the app may not ask for a token in this way: have it allowed there",
    "unsupported_grant_type": "this endpoint gives no tokens in this way: check its URL and the auth type",
}
"""What to try, by the `error` of RFC 6749 section 5.2."""


@configspec
class ClientCredentials(TokenAuth):
    """Asks for a token with `client_id` and `client_secret`, in a Basic header or in the form.

    `access_token_request_data` goes into the form as it is (Open edX: `token_type: jwt`).
    """

    access_token_url: str = NEEDED
    client_id: TSecretStrValue = NEEDED
    client_secret: TSecretStrValue = NEEDED
    client_auth: ClientAuth = "body"
    scope: str | list[str] | None = None
    audience: str | None = None
    token_prefix: str = "Bearer"
    access_token_request_data: dict[str, Any] | None = None
    refresh_margin_s: int = DEFAULT_MARGIN_S

    @property
    def margin_s(self) -> float:
        """How long before its end a token is renewed."""
        return self.refresh_margin_s

    @property
    def prefix(self) -> str:
        """The word before the token."""
        return self.token_prefix

    def grant(self) -> Granted:
        """A token for the client."""
        wanted = {"grant_type": "client_credentials", "scope": spaced(self.scope), "audience": self.audience}
        form = {key: value for key, value in wanted.items() if value} | (self.access_token_request_data or {})
        call = client_call(self, form, self.held_secrets(), ADVICE)
        return granted_by(call, ask(call), self.hand.now())[0]

    def held_secrets(self) -> frozenset[str]:
        """The client's secret, what else is sent, and the token in hand."""
        return secret_texts([self.client_secret, self.access_token_request_data or {}, self.access_token])

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """A URL that is none, seconds below 0."""
        yield from url_refusals(config, "access_token_url")
        yield from seconds_refusals(config, "refresh_margin_s", 0)


def client_call(auth: Any, form: Mapping[str, Any], secrets: frozenset[str], advice: Mapping[str, str]) -> Call:
    """A form sent to the token endpoint in a client's name, which is said as `client_auth` wants it."""
    in_form = {"client_id": auth.client_id, "client_secret": auth.client_secret} if auth.client_auth == "body" else {}
    return Call(
        what="the token endpoint",
        url=auth.access_token_url,
        url_key="access_token_url",
        secrets=secrets,
        advice=advice,
        data={**{key: value for key, value in in_form.items() if value}, **form},
        basic=(auth.client_id, auth.client_secret or "") if auth.client_auth == "basic" else None,
    )
