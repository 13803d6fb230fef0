"""Pages on disk from the moment they arrive until the load that holds them is committed: one SQLite file a run.

Paging is stateless: the next request is a function of settings, request and page. So a journal is a store of answers
by request: a run that was killed is read again from its beginning, and what is here is not asked for again. A journal
that is kept for replays (`raw`) holds the trail of its run too: which pages each chain has brought, and how it ended.

No secret is in the file. Those that the caller names are taken out of all that is written and put back on reading;
requests are known by keyed hashes. The rows themselves are in it, compressed: it is for its owner alone (0600).
"""

from homeroom.journal.book import Journal
from homeroom.journal.kept import FOR_REPLAYS, Earlier, Head, KeptPage, Tally, Whose
from homeroom.journal.raw import About, KeptRun, read_about
from homeroom.journal.trail import Passed, Trail

__all__ = [
    "FOR_REPLAYS",
    "About",
    "Earlier",
    "Head",
    "Journal",
    "KeptPage",
    "KeptRun",
    "Passed",
    "Tally",
    "Trail",
    "Whose",
    "read_about",
]
