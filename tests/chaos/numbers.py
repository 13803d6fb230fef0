"""How many cases are drawn, from which seed."""

import os

SEED = os.environ.get("CHAOS_SEED", "2026-11")
KILLS = int(os.environ.get("CHAOS_KILLS", "24"))
DRIFTS = int(os.environ.get("CHAOS_DRIFTS", "12"))
