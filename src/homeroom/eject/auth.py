"""Auth sections of ours as dlt has them, where it has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.eject.literal import Code, as_source, text_source

DLTS = ("bearer", "api_key", "http_basic", "oauth2_client_credentials")
NEAREST: Mapping[str, str] = {
    "oauth1": "dlt has none: pip install requests-oauthlib, and give its OAuth1 as `auth` in a script of your own",
    "oauth2_refresh_token": "dlt has none, and a token that is taken once has to be kept by somebody",
    "service_account": "dlt's nearest is OAuthJWTAuth (pip install PyJWT cryptography), which has no `subject`",
    "login": "dlt has none: log in with requests in a script of your own, and give the session as `client.session`",
}
"""What stands against a script, by the types that dlt has nothing for."""

_CLASS = "ClientCredentials"
_PLACE = "sources.rest_api.credentials"
"""Where dlt looks for a credential that a config leaves out."""


@dataclass(frozen=True, slots=True)
class Ejected:
    """An auth section as a script has it. `classes` is source that it needs; `headers` go beside it.

    `auth` is None where the headers say it all. `lost` is what it cannot do, in words.
    """

    auth: Any
    headers: Mapping[str, Any]
    classes: str = ""
    imports: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def ejected(auth: Any) -> Ejected:
    """The auth section of a config whose placeholders are `Code`; of a type that dlt has, or of `oauth2`."""
    if not isinstance(auth, dict):
        return Ejected(auth, {})
    if auth.get("type") == "oauth2":
        return _client_credentials(auth)
    if auth.get("type") == "api_key" and auth.get("location") == "cookie" and "api_key" in auth:
        return Ejected(None, {"Cookie": _cookie(auth.get("name", "Authorization"), auth["api_key"])})
    return Ejected(auth, {})


def _cookie(name: str, key: Any) -> Any:
    if isinstance(key, Code):
        return Code(f"{text_source(f'{name}=')} + {key.text}")
    return f"{name}={key}"


def _client_credentials(auth: Mapping[str, Any]) -> Ejected:
    scope = auth.get("scope")
    form = {"scope": " ".join(scope) if isinstance(scope, list) else scope, "audience": auth.get("audience")}
    form = {key: each for key, each in form.items() if each} | dict(auth.get("access_token_request_data") or {})
    kept = {key: auth[key] for key in ("access_token_url", "client_id", "client_secret") if key in auth}
    keys = kept | ({"access_token_request_data": form} if form else {})
    lost = ("a token is not renewed before its end, nor after a 401, only once it has ended",)
    prefix, basic = auth.get("token_prefix", "Bearer"), auth.get("client_auth") == "basic"
    if prefix == "Bearer" and not basic:
        return Ejected({"type": "oauth2_client_credentials", **keys}, {}, lost=lost)
    missing = [key for key in ("access_token_url", "client_id", "client_secret") if key not in keys]
    # Of a class that is given as it is dlt looks nothing up.
    keys |= {key: Code(f'dlt.secrets["{_PLACE}.{key}"]') for key in missing}
    given = ", ".join(f"{key}={as_source(each, 12)}" for key, each in keys.items())
    imports = (
        "from dlt.common.configuration import configspec",
        "from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials",
    )
    return Ejected(Code(f"{_CLASS}({given})"), {}, _class(prefix, basic=basic), imports, lost)


def _class(prefix: Any, *, basic: bool) -> str:
    """dlt's class with what it cannot be told."""
    how = [*(["asks with id and secret in a Basic header"] if basic else [])]
    how += [*([f"sends the token behind {as_source(prefix)}"] if prefix != "Bearer" else [])]
    told = " and ".join(how)
    lines = ["@configspec", f"class {_CLASS}(OAuth2ClientCredentials):", f"    # It {told}."]
    if basic:
        lines += [
            "    def build_access_token_request(self):",
            '        form = {"grant_type": "client_credentials", **self.access_token_request_data}',
            '        return {"auth": (self.client_id, self.client_secret), "data": form}',
        ]
    if prefix != "Bearer":
        lines += [
            *([""] if basic else []),
            "    def __call__(self, request):",
            "        request = super().__call__(request)",
            f'        request.headers["Authorization"] = {_prefixed(prefix)}',
            "        return request",
        ]
    return "\n".join(lines)


def _prefixed(prefix: Any) -> str:
    if prefix == "":
        return "self.access_token"
    return f'{as_source(prefix)} + " " + self.access_token'
