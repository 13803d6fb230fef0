"""The session through which dlt's OAuth classes ask for their tokens."""

from __future__ import annotations

from typing import Any

import requests
from dlt.sources.helpers.requests import Session, client

_ANY_URL = "https://any.host"


def ask_once(auth: Any) -> None:
    """Have an auth object ask for its token once, where dlt would ask again and again.

    dlt gives it its own session that repeats: then a wrong key costs five calls, and a token endpoint that is
    down a minute. A session that the config has given stays. What has no session is left alone.
    """
    session = getattr(auth, "session", None)
    if isinstance(session, Session) and _is_dlts_own(session):
        auth.session = Session(timeout=session.timeout)


def _is_dlts_own(session: requests.Session) -> bool:
    """Whether it is one of dlt's default client. It has one for each thread, all over the same adapter."""
    return session.get_adapter(_ANY_URL) is client.session.get_adapter(_ANY_URL)
