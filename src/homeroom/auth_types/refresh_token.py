"""`oauth2_refresh_token`: a token for what a person once allowed the app to do (RFC 6749 section 6).

Brightspace and others answer with a new refresh token and take the old one never again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.auth_types.client_credentials import ADVICE, ClientAuth, client_call
from homeroom.auth_types.endpoint import ask
from homeroom.auth_types.kept_tokens import KeptToken, kept_token
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
from homeroom.history import home_folder

_ADVICE = {
    **ADVICE,
    "": "check client_id, client_secret and refresh_token",
    "invalid_grant": "the refresh token has run out, was taken back, or was used elsewhere: allow the app again, and "
    "set refresh_token to the one that it is given then",
}


@configspec
class RefreshToken(TokenAuth):
    """Asks for tokens with `refresh_token`, or with the one that the server has since put in its place.

    `client_secret` is None for an app without one. The rest is that of `ClientCredentials`.
    """

    access_token_url: str = NEEDED
    client_id: TSecretStrValue = NEEDED
    refresh_token: TSecretStrValue = NEEDED
    client_secret: TSecretStrValue | None = None
    client_auth: ClientAuth = "body"
    scope: str | list[str] | None = None
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
        """A token. A new refresh token is on the disk before it is returned."""
        with kept_token(home_folder(), self.access_token_url, self.client_id, self.refresh_token) as kept:
            kept.make_ready()
            return self._granted(kept, kept.newest)

    def _granted(self, kept: KeptToken, using: str) -> Granted:
        wanted = {"grant_type": "refresh_token", "refresh_token": using, "scope": spaced(self.scope)}
        form = {key: value for key, value in wanted.items() if value} | (self.access_token_request_data or {})
        call = client_call(self, form, self.held_secrets() | {using}, _ADVICE)
        granted, answer = granted_by(call, ask(call), self.hand.now())
        successor = answer.get("refresh_token")
        if isinstance(successor, str) and successor and successor != using:
            kept.keep(successor)
        return granted

    def held_secrets(self) -> frozenset[str]:
        """The client's secret, the configured refresh token, what else is sent, and the token in hand."""
        own = [self.client_secret, self.refresh_token, self.access_token_request_data or {}, self.access_token]
        return secret_texts(own)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """A URL that is none, seconds below 0, Basic without a secret."""
        yield from url_refusals(config, "access_token_url")
        yield from seconds_refusals(config, "refresh_margin_s", 0)
