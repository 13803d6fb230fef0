"""The config's secrets, kept out of what hooks are told and of requests to try by hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from homeroom.events import Event, Hook, ResourceFinished
from homeroom.secrets import MASK, mask_text


def masked_hooks(hooks: tuple[Hook, ...], secrets: Collection[str]) -> tuple[Hook, ...]:
    """The hooks, told of no secret in a note: a key that stands in a path is known to nobody else by its name."""
    return tuple(_masked(hook, secrets) for hook in hooks) if secrets else hooks


def masked_line(line: str, secrets: Collection[str]) -> str:
    """A request to try by hand, with a variable where a secret stood that nobody knew by its name."""
    return mask_text(line, secrets).replace(MASK, "$API_KEY")


def _masked(hook: Hook, secrets: Collection[str]) -> Hook:
    def tell(event: Event) -> None:
        if isinstance(event, ResourceFinished) and event.note:
            event = replace(event, note=mask_text(event.note, secrets))
        hook(event)

    return tell
