"""The register of a run: what arrived, how each chain ended, and what that proves.

Pure bookkeeping. Pages and ends are entered by the thread that dlt pulls in; requests and retries by the
fetch thread, which alone touches those counters.
"""

from homeroom.ledger.book import Ledger
from homeroom.ledger.resource import ResourceLedger
from homeroom.ledger.verdicts import ChainCount, Verdict, has_moved, judge_chain, worst

__all__ = ["ChainCount", "Ledger", "ResourceLedger", "Verdict", "has_moved", "judge_chain", "worst"]
