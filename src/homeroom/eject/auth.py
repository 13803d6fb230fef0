"""Auth sections of ours as dlt has them, where it has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.eject.literal import Call, Code, as_source, text_source

DLTS = ("bearer", "api_key", "http_basic", "oauth2_client_credentials")
NEAREST: Mapping[str, str] = {
    "oauth2_refresh_token": "dlt has none, and a token that is taken once has to be kept by somebody",
    "service_account": "dlt's nearest is OAuthJWTAuth (pip install PyJWT cryptography), which has no `subject`",
    "login": "dlt has none: log in with requests in a script of your own, and give the session as `client.session`",
}
"""What stands against a script, by the types that dlt has nothing for."""

_PLACE = "sources.rest_api.credentials"
"""Where dlt looks for a credential that a config leaves out."""


_OAUTH1 = """@configspec
class OAuth1(AuthConfigBase):
    # It signs each request for itself (RFC 5849, two-legged).
    client_key: str = None
    client_secret: str = None
    signature_method: str = "HMAC-SHA1"
    realm: str = ""

    def __call__(self, request):
        def quoted(text):
            return urllib.parse.quote(str(text), safe="~")

        oauth = {
            "oauth_consumer_key": self.client_key,
            "oauth_nonce": uuid.uuid4().hex,
            "oauth_timestamp": str(int(time.time())),
            "oauth_signature_method": self.signature_method,
            "oauth_version": "1.0",
        }
        url = urllib.parse.urlsplit(request.url)
        port = "" if url.port in (None, {"http": 80, "https": 443}[url.scheme]) else f":{url.port}"
        pairs = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
            body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
            pairs += urllib.parse.parse_qsl(body, keep_blank_values=True)
        named = sorted((quoted(name), quoted(value)) for name, value in [*pairs, *oauth.items()])
        query = "&".join(f"{name}={value}" for name, value in named)
        where = f"{url.scheme}://{url.hostname}{port}{url.path or '/'}"
        text = "&".join(map(quoted, (request.method, where, query)))
        key = f"{quoted(self.client_secret)}&"
        if self.signature_method == "PLAINTEXT":
            oauth["oauth_signature"] = key
        else:
            kind = self.signature_method.removeprefix("HMAC-").lower()
            digest = hmac.new(key.encode(), text.encode(), kind).digest()
            oauth["oauth_signature"] = base64.b64encode(digest).decode()
        parts = [f'{name}="{quoted(value)}"' for name, value in oauth.items()]
        parts = [f'realm="{self.realm}"', *parts] if self.realm else parts
        request.headers["Authorization"] = f"OAuth {', '.join(parts)}"
        return request"""


@dataclass(frozen=True, slots=True)
class Ejected:
    """An auth section as a script has it. `classes` is source that it needs; `headers` go beside it.

    `auth` is None where the headers say it all. `lost` is what it cannot do, in words.
    """

    auth: Any
    headers: Mapping[str, Any]
    classes: str = ""
    imports: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    """Of the standard library."""
    lost: tuple[str, ...] = ()


def ejected(auth: Any) -> Ejected:
    """The auth section of a config whose placeholders are `Code`; of a type that dlt has, of `oauth2` or `oauth1`."""
    if auth in ("oauth1", "oauth2"):
        auth = {"type": auth}
    if not isinstance(auth, dict):
        return Ejected(auth, {})
    if auth.get("type") == "oauth2":
        return _client_credentials(auth)
    if auth.get("type") == "oauth1":
        return _oauth1(auth)
    if auth.get("type") == "api_key" and auth.get("location") == "cookie" and "api_key" in auth:
        return Ejected(None, {"Cookie": _cookie(auth.get("name", "Authorization"), auth["api_key"])})
    return Ejected(auth, {})


def _cookie(name: str, key: Any) -> Any:
    if isinstance(key, Code):
        return Code(f"{text_source(f'{name}=')} + {key.text}")
    return f"{name}={key}"


def _oauth1(auth: Mapping[str, Any]) -> Ejected:
    keys = {key: auth[key] for key in auth if key != "type"}
    keys |= {key: Code(f'dlt.secrets["{_PLACE}.{key}"]') for key in ("client_key", "client_secret") if key not in keys}
    imports = (
        "from dlt.common.configuration import configspec",
        "from dlt.sources.helpers.rest_client.auth import AuthConfigBase",
    )
    modules = ("base64", "hmac", "time", "urllib.parse", "uuid")
    return Ejected(Call("OAuth1", keys, by_name=True), {}, _OAUTH1, imports, modules=modules)


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
    imports = (
        "from dlt.common.configuration import configspec",
        "from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials",
    )
    return Ejected(
        Call(_class_name(prefix, basic=basic), keys, by_name=True), {}, _class(prefix, basic=basic), imports, lost=lost
    )


def _class_name(prefix: Any, *, basic: bool) -> str:
    """A name for what the class does: a config may have two of them."""
    word = "".join(filter(str.isalnum, prefix)) if isinstance(prefix, str) else "Prefixed"
    return f"{'Basic' if basic else ''}{'' if word == 'Bearer' else word}ClientCredentials"


def _class(prefix: Any, *, basic: bool) -> str:
    """dlt's class with what it cannot be told."""
    how = [*(["asks with id and secret in a Basic header"] if basic else [])]
    how += [*([f"sends the token behind {as_source(prefix)}"] if prefix != "Bearer" else [])]
    told = " and ".join(how)
    lines = ["@configspec", f"class {_class_name(prefix, basic=basic)}(OAuth2ClientCredentials):", f"    # It {told}."]
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
    if isinstance(prefix, str) and prefix.isalnum():
        return f'f"{prefix} {{self.access_token}}"'
    return f'{as_source(prefix)} + " " + self.access_token'
