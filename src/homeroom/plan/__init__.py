"""From a config to what is to be read: resources in reading order, and their first requests."""

from homeroom.plan.batches import child_batches
from homeroom.plan.full import refreshing
from homeroom.plan.in_the_open import open_problem
from homeroom.plan.paging import paging_of
from homeroom.plan.parents import parent_values
from homeroom.plan.person import person_of, untold
from homeroom.plan.planner import build_plan
from homeroom.plan.privacy import table_of
from homeroom.plan.requests import child_request, root_request, root_requests
from homeroom.plan.resource import Batch, ResourcePlan, SourcePlan, VersionsPlan, resource_name, spanning

__all__ = [
    "Batch",
    "ResourcePlan",
    "SourcePlan",
    "VersionsPlan",
    "build_plan",
    "child_batches",
    "child_request",
    "open_problem",
    "paging_of",
    "parent_values",
    "person_of",
    "refreshing",
    "resource_name",
    "root_request",
    "root_requests",
    "spanning",
    "table_of",
    "untold",
]
