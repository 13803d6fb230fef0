"""Where a link of an answer leads, in a form that every reader of URLs takes for the same place; how a URL is told."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?/[\w./~%:@-]*(?:\?[\w./~%:@=&+,-]+)?", re.ASCII)
"""Links that `urljoin` would give back as they are."""
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def joined(url: str, reference: str) -> str:
    """The URL that a link in the answer to `url` leads to.

    Raises ValueError for what is no URL, and for what readers of URLs disagree about: urllib ends a host at `/`, `?`
    or `#`, urllib3 at a backslash too, so that `http://a\\@b/` is a link to b or to a. A link that brings a user name
    and a password of its own is none to follow either, nor one to another scheme than http and https, to which
    `urljoin` joins nothing (`own.org:81/x`). The text holds nothing of the link.
    """
    if _PLAIN.fullmatch(reference):
        return reference
    reference = reference.strip()
    if _CONTROL.search(reference):
        raise ValueError("not a URL: it holds a control character")
    if "\\" in re.split(r"[?#]", reference, maxsplit=1)[0]:
        raise ValueError("not a URL: it holds a backslash")
    try:
        led = urljoin(url, reference)
        scheme, user = urlsplit(led).scheme, _user_of(led)
    except ValueError:
        raise ValueError("not a URL") from None  # its own words quote it
    if scheme not in ("http", "https"):
        raise ValueError("a link to another scheme than http or https")
    if user not in ("", _user_of(url)):
        raise ValueError("a URL with a user name of its own")
    return led


def plain_url(url: str) -> str:
    """A URL without user, password, query and fragment; of one whose host may be read in two ways the path alone."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/…"
    user, _, host = parts.netloc.rpartition("@")
    plain = _HOST.fullmatch(host) and not _CONTROL.search(url) and "\\" not in user
    return f"{parts.scheme}://{host}{parts.path or '/'}" if plain else parts.path or "/"


def is_open(url: str) -> bool:
    """Whether what is sent there can be read on the way: http, and not to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False  # no URL: told elsewhere
    return parts.scheme == "http" and not _is_this_machine(host)


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _user_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[0]
