"""Whether a column looks personal: a guess by its name, a sample of its values, and what describes it."""

from homeroom.personal.kinds import Kind, Personal
from homeroom.personal.looking import look
from homeroom.personal.names import by_name

__all__ = ["Kind", "Personal", "by_name", "look"]
