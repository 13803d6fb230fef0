"""Auth types of our own, made known to dlt: to what makes them of a config, and to what checks a config.

dlt's `register_auth` does the first alone. Its check would then refuse every key of such a type, because the
configs that may stand under `auth` are a fixed union. So that union is widened, as dlt itself widens the literal of
the types' names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, Protocol, Required

from dlt.common.configuration.specs import configspec
from dlt.common.typing import TSecretStrValue
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.rest_api import typing as rest
from dlt.sources.rest_api.config_setup import register_auth
from typing_extensions import TypedDict

__all__ = ["NEEDED", "OWN_CLASSES", "OWN_CONFIGS", "Refusal", "TSecretStrValue", "configspec", "register"]

NEEDED: Any = None
"""The default of a field that must be given: dlt looks for it in its own places where a config leaves it out."""


class Refusal(NamedTuple):
    """What is wrong with an auth section beyond the types of its values; `key` is None for the section itself.

    `value` is the raw value, `...` for none to show.
    """

    key: str | None
    message: str
    value: Any = ...
    allowed: str | None = None
    hint: str | None = None


class OwnType(Protocol):
    """What a class of ours has beside what dlt asks for."""

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterable[Refusal]:
        """What is wrong with a config whose keys and types are right. Nothing is looked up."""
        ...


OWN_CONFIGS: dict[str, Any] = {}
"""The TypedDict of each of our types, by its name in a config."""
OWN_CLASSES: dict[str, type[OwnType]] = {}


def register(name: str, cls: type[Any]) -> None:
    """Let `type: NAME` under `auth` make a `cls`, in dlt's `rest_api` too. A second time does nothing."""
    if name in OWN_CONFIGS:
        return
    register_auth(name, cls)
    OWN_CLASSES[name] = cls
    OWN_CONFIGS[name] = _config_of(name, cls)
    rest.AuthConfig = rest.AuthConfig | OWN_CONFIGS[name]
    for holder in (rest.ClientConfig, rest.Endpoint):
        holder.__annotations__["auth"] = rest.AuthConfig | None


def _config_of(name: str, cls: type[AuthConfigBase]) -> Any:
    keys: dict[str, Any] = {"type": Required[Literal[name]]}
    keys |= cls.get_resolvable_fields()
    return TypedDict(f"{cls.__name__}Config", keys, total=False)  # type: ignore[operator]
