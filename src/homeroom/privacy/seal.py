"""Sealing what lies on disk between a read and its load: pages hold every column, whatever the rules.

AES-256-GCM (NIST SP 800-38D) with a fresh nonce of 96 bits for each piece, which stands before it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from homeroom.folders import private_folder, unwritable
from homeroom.privacy_values import Privacy

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_DRAWN = 256
_KEY_FILE = "pages.key"
_PURPOSE = b"homeroom: pages on disk"
_DERIVED = b"homeroom: keys of requests "


class Seal:
    """Seals and opens bytes. `name` tells one key from another, and does not tell the key. Safe in several threads."""

    def __init__(self, key: bytes) -> None:
        # The privacy key itself hashes values; what is made of it for this is no use to whoever finds one of both.
        own = hmac.digest(key, _PURPOSE, "sha256")
        self._own = own
        self._cipher: AESGCM | None = None
        self._nonces: deque[bytes] = deque()
        self._process = os.getpid()
        self.name = hashlib.sha256(own).hexdigest()[:16]

    def close(self, content: bytes) -> bytes:
        """The content, sealed: 28 bytes longer."""
        nonce = self._nonce()
        return nonce + self._made().encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed. Raises `ValueError` where it was not, by another key was, or a bit of it has changed."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._made().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise ValueError("is sealed with another key, or damaged") from None

    def derived(self, salt: bytes) -> bytes:
        """A key of 32 bytes for another purpose, by which nobody finds this one."""
        return hmac.digest(self._own, _DERIVED + salt, "sha256")

    def _nonce(self) -> bytes:
        """One that was never used; drawn many at once, as each draw lets another thread go first (2 % of a sync)."""
        if self._process != os.getpid():  # what a fork has copied is its parent's to use
            self._nonces, self._process = deque(), os.getpid()
        while True:
            try:
                return self._nonces.pop()
            except IndexError:
                drawn = os.urandom(_NONCE_BYTES * _DRAWN)
                self._nonces.extend(drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES))

    def _made(self) -> AESGCM:
        if self._cipher is None:
            # Here: it takes 30 ms to import, which a config without rules does not need.
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            self._cipher = AESGCM(self._own)
        return self._cipher


def seal_of(privacy: Privacy, home: Path) -> Seal | None:
    """The seal of a run's pages: by the privacy key, else by a key in `home`; None where no rule hides anything.

    Raises `DiskError` where the key of this machine can be neither read nor made.
    """
    if not privacy.settings.hides:
        return None
    return Seal(machine_key(home) if privacy.key is None else privacy.key.encode())


def has_machine_key(home: Path) -> bool:
    """Whether this machine has made a key of its own."""
    return (home / _KEY_FILE).exists()


def machine_key(home: Path) -> bytes:
    """A key of this machine alone, in a file for its owner; made where there is none. Raises `DiskError`."""
    path = private_folder(home) / _KEY_FILE
    try:
        if not path.exists():
            part = path.with_name(f"{_KEY_FILE}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(part, path)  # of two that make one at once the first has made it
            except FileExistsError:
                pass
            finally:
                part.unlink()
        return path.read_bytes()
    except OSError as error:
        raise unwritable(f"the key file {path}", error.strerror or type(error).__name__) from None
