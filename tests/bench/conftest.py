"""The modules of bench/ are scripts beside each other: they find each other by their folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "bench"))  # last: their names must not hide others'
