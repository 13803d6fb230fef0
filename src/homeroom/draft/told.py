"""What a person has told by flags, put into a draft. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeroom.draft.auth_flag import secrets_of
from homeroom.draft.live.auth import Section
from homeroom.draft.values import Confidence, Draft, Guess


def with_rate(draft: Draft, rate: str | None) -> Draft:
    """The draft, never to be read faster."""
    if rate is None:
        return draft
    return replace(draft, sync={**draft.sync, "rate": Guess(rate, Confidence.CERTAIN, "told by --rate")})


def with_auth(draft: Draft, section: Section | None) -> Draft:
    """The draft of a description, with the auth that was told in the place of the described one."""
    before = {secret.variable for secret in secrets_of(draft.auth.value)}
    others = {secret.variable for secret in secrets_of({"url": draft.base_url.value, **draft.headers})}
    kept = tuple(secret for secret in draft.secrets if secret.variable not in before - others)
    auth = Guess(section, Confidence.CERTAIN, "told by --auth")
    return replace(draft, auth=auth, secrets=(*kept, *secrets_of(section)))


def with_secret_name(draft: Draft, name: str) -> Draft:
    """The draft of a description, its key under another name; as it is where it has no key, or several."""
    keys = [secret for secret in draft.secrets if secret.is_secret]
    if len(keys) != 1:
        return draft
    old, new = (f"${{secret:{variable.lower()}}}" for variable in (keys[0].variable, name))
    secrets = tuple(replace(each, variable=name) if each is keys[0] else each for each in draft.secrets)
    auth: Guess[Mapping[str, Any] | None] = replace(
        draft.auth, value=_replaced(draft.auth.value, old, new), others=_replaced(draft.auth.others, old, new)
    )
    return replace(draft, auth=auth, headers=_replaced(draft.headers, old, new), secrets=secrets)


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    return type(value)(_replaced(item, old, new) for item in value) if isinstance(value, list | tuple) else value
