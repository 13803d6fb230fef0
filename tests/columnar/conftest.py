"""The helpers beside this file and those of tests/parity."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "parity")]  # importlib mode adds no folder
