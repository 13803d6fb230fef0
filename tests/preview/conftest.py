"""The fixtures that plan and preview share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "plan"))

from small_school import elsewhere, school, served, write

__all__ = ["elsewhere", "school", "served", "write"]
