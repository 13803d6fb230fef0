"""What a sync would ask for, told before it runs (`homeroom plan`): one page of each resource. Nothing is written."""

from homeroom.plan_run.count import Count
from homeroom.plan_run.model import HostPlanned, PlanReport, ResourcePlanned
from homeroom.plan_run.quota import Quota
from homeroom.plan_run.timing import Spell
from homeroom.plan_run.whole import plan, plan_config

__all__ = ["Count", "HostPlanned", "PlanReport", "Quota", "ResourcePlanned", "Spell", "plan", "plan_config"]
