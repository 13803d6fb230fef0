"""From what is asked for a resource to the chain that fetch reads."""

from __future__ import annotations

from homeroom.fetch import Chain
from homeroom.plan import ResourcePlan, paging_of
from homeroom.source.asking import Ask


def chain_of(plan: ResourcePlan, ask: Ask, number: int, json_depth: int) -> Chain:
    """The chain of an ask; `number` tells it from the others of its resource, `json_depth` is that of the limits."""
    return Chain(
        resource=plan.name,
        number=number,
        request=ask.request,
        paging=plan.paging,
        selector=plan.selector,
        auth=plan.auth,
        guess=paging_of,
        total_header=plan.total_header,
        actions=plan.actions,
        total=plan.total,
        errors=plan.errors,
        json_depth=json_depth,
        taken_as_ended=plan.parent is not None or ask.is_over,
        may_be_empty=plan.parent is not None or plan.incremental is not None,
        key=key_fields(plan),
    )


def key_fields(plan: ResourcePlan) -> tuple[str, ...]:
    """The fields of the primary key, where the config names them."""
    key = plan.hints.get("primary_key") or ()
    names = (key,) if isinstance(key, str) else key
    return tuple(names) if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names) else ()
