"""The words for every way in which the wire fails: the same for each transport, and never a query or a header."""

from __future__ import annotations

import os

from homeroom.fetch.protocol import TransportError

_WAITS = {
    "connect_s": "could not be reached in {} s",
    "silence_s": "sent nothing for {} s",
    "answer_s": "had not sent its whole answer after {} s",
}
_TRUST = "; if its certificates are to be trusted, name their file in REQUESTS_CA_BUNDLE"
_UNPACKERS = {"br": "Brotli", "zstd": "backports.zstd"}


def unresolved(name: str) -> TransportError:
    """The host's name has no address."""
    return TransportError("DNS", f"the name {name} cannot be resolved")


def insecure(host: str, error: BaseException) -> TransportError:
    """TLS could not be agreed on; `error` is OpenSSL's, or wraps it."""
    cause = str(getattr(error, "verify_message", "") or getattr(error, "reason", "") or type(error).__name__)
    # OpenSSL's names for an answer that is no TLS at all, before and after 3.2.
    plain = any(word in cause.upper() for word in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"))
    words = (
        f"{host} does not speak TLS on this port ({cause}): is it http:// ?" if plain else f"{host}: {cause}{_TRUST}"
    )
    return TransportError("TLS", words, transient=False)


def no_url(host: str) -> TransportError:
    """What was to be asked for is no URL."""
    return TransportError("URL", f"{host}: not a valid URL; check client.base_url and endpoint.path", transient=False)


def timed_out(host: str, limit: str, seconds: float, whose: str = "") -> TransportError:
    """Out of time; `limit` is the key of `sync.limits`, `whose` says where else the time comes from."""
    words = _WAITS[limit].format(f"{seconds:g}")
    return TransportError("timeout", f"{host} {words} ({whose or f'sync.limits.{limit}: {seconds:g}'})")


def cut_off(host: str) -> TransportError:
    """The body ended before its end, or what was packed cannot be unpacked."""
    return TransportError("cut off", f"{host} ended the body early")


def disconnected(host: str, error: BaseException) -> TransportError:
    """No connection, or one that broke before the answer."""
    return TransportError("connection", f"{host}: {cause_of(error)}")


def cause_of(error: BaseException) -> str:
    """The system's words for an error that has a number, else the name of its class: never the library's text."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else type(error).__name__


def proxy_failed(host: str, cause: str, *, transient: bool = True) -> TransportError:
    """The way to the host leads over a proxy, which failed."""
    words = f"the proxy on the way to {host}: {cause}; see HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
    return TransportError("proxy", words, transient=transient)


def unsendable(host: str) -> TransportError:
    """A header that HTTP has no form for; a key read from a file often ends in a line break."""
    return TransportError("request", f"{host}: a header cannot be sent (a line break in the key?)", transient=False)


def no_http(host: str, error: BaseException) -> TransportError:
    """The answer breaks the rules of HTTP. The text of the library's error may quote a header's value."""
    return TransportError(
        "protocol",
        f"{host}: its answer is not HTTP ({type(error).__name__}); check client.base_url, its port too",
        transient=False,
    )


def unreadable(host: str, encoding: str) -> TransportError:
    """The body is packed in a way that was not asked for and that cannot be unpacked."""
    package = _UNPACKERS.get(encoding)
    hint = f"; install the package {package}" if package else ""
    return TransportError(
        "encoding", f"{host} packed its answer with {encoding}, which cannot be unpacked here{hint}", transient=False
    )
