"""Pages on this machine: those of an unfinished run, and those that are kept for replays."""

from __future__ import annotations

from pathlib import Path

from homeroom import resume
from homeroom.errors import HomeroomError
from homeroom.folders import unwritable


def drop_pages(home: Path, journal_key: str, name: str, target: str, *, dry: bool) -> list[Path]:
    """Remove all pages of a config and target, whosever they are: the files that went.

    Pages are an API's answers, compressed and mostly sealed: none is rewritten. The next run asks again for those of an
    unfinished one; a kept run can be replayed no more.
    """
    journal = resume.journal_path(home, journal_key)
    found = [path for path in (journal, journal.with_suffix(".aside.sqlite")) if path.exists()]
    found += [path for path in sorted((home / "raw").glob("*.sqlite")) if _is_of(path, name, target)]
    for path in found if not dry else ():
        try:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(f"the pages {path}", error.strerror or type(error).__name__) from None
    return found


def _is_of(path: Path, name: str, target: str) -> bool:
    """Whether kept pages are of this config and target; so are those that cannot be read."""
    from homeroom.journal import read_about

    try:
        about = read_about(path)
    except (ValueError, HomeroomError):
        return True
    return (about.name, about.target) == (name, target)
