"""How many histories are drawn, from which seed."""

import os

SEED = os.environ.get("HISTORIES_SEED", "2026-11")
HISTORIES = int(os.environ.get("HISTORIES", "6"))
SHRINKS = os.environ.get("HISTORIES_SHRINK") == "1"
"""Whether a history that went wrong is made smaller, which takes minutes; it is told as it is otherwise."""

IN_A_TEST = 5
"""Histories of one test; workers take turns by tests."""
LEAST_RUNS, MOST_RUNS = 5, 10
