"""How much may be asked of one host at a time, and how fast."""

from homeroom.limits.gate import HostGate, Ticket

__all__ = ["HostGate", "Ticket"]
