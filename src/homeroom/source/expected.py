"""Lists that always have rows for whoever may see them: too few are a right that is missing."""

from __future__ import annotations

from homeroom.errors import AuthError
from homeroom.fetch.chain import safe_place
from homeroom.plan.resource import setting_place
from homeroom.values import Request, SyncSettings


def refuse_too_few(resource: str, first: Request, rows: int, settings: SyncSettings) -> None:
    """Raise `AuthError` where a whole list has fewer rows than `at_least` says: as good as a 403."""
    own = settings.resources.get(resource)
    if own is None or rows >= own.at_least:
        return
    needed = settings.needs_of(resource)
    came = "no row" if rows == 0 else "1 row" if rows == 1 else f"{rows} rows"
    raise AuthError(
        f"resource {resource}, {safe_place(first)}: {came} came, where {setting_place(resource, 'at_least')} says "
        f"{own.at_least} or more; the key may not see the others{f'; needed: {needed}' if needed else ''}",
        resource=resource,
        status=403,
        code="right-missing",
    )
