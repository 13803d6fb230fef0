"""Pages on disk are sealed: by the privacy key, or by a key of this machine."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest

from homeroom.privacy import Privacy, PrivacySettings
from homeroom.privacy.seal import Seal, seal_of

HASHES = PrivacySettings({("t", "x"): "hash"})
DROPS = PrivacySettings({("t", "x"): "drop"})


def test_what_is_sealed_is_opened_again_and_is_never_the_same_twice() -> None:
    seal = Seal(b"key")
    first, second = seal.close(b"Ann"), seal.close(b"Ann")
    assert seal.open(first) == seal.open(second) == b"Ann"
    assert first != second and b"Ann" not in first


def test_no_nonce_is_used_twice_however_much_is_sealed() -> None:
    seal = Seal(b"key")
    assert len({seal.close(b"")[:12] for _ in range(1_000)}) == 1_000


def test_a_forked_process_draws_nonces_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two would seal different pages with one nonce, which tells what is in them."""
    ours, child = Seal(b"key"), Seal(b"key")
    ours.close(b"")
    child.__dict__.update(copy.deepcopy({**vars(ours), "_cipher": None}))
    monkeypatch.setattr(os, "getpid", lambda: -1)
    theirs = {child.close(b"")[:12] for _ in range(300)}
    monkeypatch.undo()
    assert theirs.isdisjoint({ours.close(b"")[:12] for _ in range(300)})


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + bytes([text[-1] ^ 1]), lambda text: text[:5], lambda _: b""]
)
def test_a_changed_bit_is_noticed(change) -> None:
    with pytest.raises(ValueError, match="sealed with another key, or damaged"):
        Seal(b"key").open(change(Seal(b"key").close(b"Ann")))


def test_another_key_opens_nothing_and_has_another_name() -> None:
    with pytest.raises(ValueError, match="sealed with another key"):
        Seal(b"other").open(Seal(b"key").close(b"Ann"))
    assert Seal(b"other").name != Seal(b"key").name


def test_nothing_is_sealed_where_nothing_is_hidden(tmp_path: Path) -> None:
    assert seal_of(Privacy(PrivacySettings({("t", "x"): "keep"})), tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_privacy_key_seals_on_every_machine(tmp_path: Path) -> None:
    first, second = (seal_of(Privacy(HASHES, "k" * 32), tmp_path / name) for name in "ab")
    assert first is not None and second is not None and first.name == second.name


def test_without_it_a_key_of_this_machine_does_that_nobody_else_can_read(tmp_path: Path) -> None:
    first, second = seal_of(Privacy(DROPS), tmp_path), seal_of(Privacy(DROPS), tmp_path)
    assert first is not None and second is not None and first.name == second.name
    (file,) = tmp_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777, len(file.read_bytes())) == ("pages.key", 0o600, 32)
