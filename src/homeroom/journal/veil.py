"""Secrets taken out of what is written, and put back into what is read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from homeroom.privacy.seal import Seal


class Veil:
    """Takes secrets out of bytes and puts them back. `mark` is the same for the same secrets, and does not tell them.

    In their place stands a number between bytes that no JSON holds. `seal` is what all that is written is sealed with;
    None where it lies open.
    """

    def __init__(self, salt: bytes, veiled: Collection[Collection[str]], seal: Seal | None = None) -> None:
        self._seal = seal
        forms = {form.encode("utf-8", "surrogatepass") for each in veiled for form in each}
        self._whose = {form.encode("utf-8", "surrogatepass"): n for n, each in enumerate(veiled) for form in each}
        # The salt lies in the file: without the seal's key whoever has that finds the ids in addresses by trying.
        self._key = salt if seal is None else seal.derived(salt)
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._token = b"\x00" + salt[:8]
        self._pattern = re.compile(re.escape(self._token) + rb"(\d+)\x00")
        known = b"\n".join(self._forms)
        # Slow on purpose: a short password is not to be found by trying.
        mark = hashlib.scrypt(known, salt=salt, n=4096, r=8, p=1, dklen=8).hex() if known else ""
        self.sealed_by = "" if seal is None else seal.name
        self.mark = mark if seal is None else f"{mark}+{seal.name}"

    def cover(self, text: bytes) -> bytes:
        """The text without secrets; the same object where it holds none."""
        for number, form in enumerate(self._forms):
            if form in text:
                text = text.replace(form, b"%s%d\x00" % (self._token, number))
        return text

    def sealed(self, content: bytes) -> bytes:
        """What is written of some content."""
        return content if self._seal is None else self._seal.close(content)

    def opened(self, written: bytes) -> bytes:
        """The content of what was written. Raises `ValueError` where another key has sealed it."""
        return written if self._seal is None else self._seal.open(written)

    def unknown(self, secrets: frozenset[bytes]) -> frozenset[bytes]:
        """Those that `cover` does not look for. To look for one takes a page of 75 kB 0.02 ms."""
        return secrets.difference(self._forms)

    def blot(self, text: bytes) -> bytes:
        """The text with the number of each secret in its place: not the same for two, which a row's value may be like.

        It stays the same where a secret is changed, unless their order is then another one.
        """
        for form in self._forms:
            if form in text:
                text = text.replace(form, b"\x00" + self._whose[form].to_bytes(2, "big"))
        return text

    def key_of(self, content: Any) -> bytes:
        """The key of what can be written as JSON; nobody without the salt, and the seal's key, can make it."""
        text = self.blot(_text_of(content))
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()

    def uncover(self, text: bytes) -> bytes:
        """What `cover` was given."""
        return self._pattern.sub(lambda found: self._forms[int(found[1])], text)


def _text_of(content: Any) -> bytes:
    try:
        return orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a number beyond 64 bits, half a character
        return json.dumps(content, default=str).encode()


class Blank(Veil):
    """A veil over secrets that are not known any more: a `sign` is put in their place."""

    def __init__(self, salt: bytes, veiled: Collection[Collection[str]], seal: Seal | None = None) -> None:
        super().__init__(salt, veiled, seal)
        self.sign = f"<secret {salt.hex()}>"

    def uncover(self, text: bytes) -> bytes:
        """What `cover` was given, with the sign for each secret."""
        return self._pattern.sub(self.sign.encode(), text)
