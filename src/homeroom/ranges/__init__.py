"""The plan of a read with random access."""

from homeroom.ranges.plan import RangePlan
from homeroom.ranges.stretch import Bounds, Kind, Stretch

__all__ = ["Bounds", "Kind", "RangePlan", "Stretch"]
