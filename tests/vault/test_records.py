"""A sealed record opens whole, in its own place, or not at all; and its length tells next to nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_seal,
    crypto_box_seal_open,
)
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import CaseKeys
from bot.vault.formats import KeyPair, pad, unpad
from bot.vault.opening import CaseOpener, open_case_secret
from bot.vault.sealing import CaseSealer

PLACE = {"case": "c1", "record": "r1", "kind": "answer"}
# Everything but the padded body: mark, wrap, nonce and tag.
FIXED_BYTES = 4 + 80 + 24 + 16

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(body=st.dictionaries(st.text(), values, max_size=4))
def test_a_record_comes_back_as_it_went_in(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, body: dict[str, object]
) -> None:
    """Any JSON body survives, half surrogate pairs from a broken keyboard among them."""
    sealed = sealer.record(keys.public_key, body, **PLACE)

    assert opener.record(sealed, **PLACE) == body


@pytest.mark.parametrize(
    "elsewhere", [{"case": "c2"}, {"record": "r2"}, {"kind": "note"}, {"case": "c1|r1", "record": ""}]
)
def test_a_record_opens_in_its_own_place_only(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, elsewhere: dict[str, str]
) -> None:
    """A record moved to another case, record or kind is refused and the place is named."""
    sealed = sealer.record(keys.public_key, {"n": 1}, **PLACE)

    with pytest.raises(OperatorError, match="does not open"):
        opener.record(sealed, **PLACE | elsewhere)


def test_a_record_of_another_case_key_stays_closed(sealer: CaseSealer, keys: CaseKeys) -> None:
    """One case's secret opens no record of another."""
    sealed = sealer.record(keys.public_key, {"n": 1}, **PLACE)

    with pytest.raises(OperatorError):
        CaseOpener(random(32)).record(sealed, **PLACE)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_goes_unnoticed(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, data: st.DataObject
) -> None:
    """Whoever alters a record on the disk makes it unreadable, never different."""
    sealed = bytearray(sealer.record(keys.public_key, {"n": 1}, **PLACE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(OperatorError):
        opener.record(bytes(sealed), **PLACE)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_record_cut_short_is_refused(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, data: st.DataObject
) -> None:
    """A record that lost its end, or all of itself, is an error for the operator."""
    sealed = sealer.record(keys.public_key, {"n": 1}, **PLACE)
    kept = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(OperatorError):
        opener.record(sealed[:kept], **PLACE)


@pytest.mark.parametrize("clear", [b"[1]", b"{", b"[" * 100_000, b"\xff"])
def test_a_forged_record_is_an_error_not_a_crash(keys: CaseKeys, opener: CaseOpener, clear: bytes) -> None:
    """Whoever writes to the store can seal nonsense under the public key; opening it says so."""
    key, nonce = random(32), random(24)
    body = crypto_aead_xchacha20poly1305_ietf_encrypt(pad(clear), b"hlr1|c1|r1|answer", nonce, key)

    with pytest.raises(OperatorError):
        opener.record(b"hlr1" + crypto_box_seal(key, keys.public_key) + nonce + body, **PLACE)


def test_the_format_is_what_the_page_says(sealer: CaseSealer, keys: CaseKeys, holder: KeyPair) -> None:
    """Anyone with libsodium can open a record from the description alone."""
    secret = open_case_secret(keys.wraps[0][1], holder.secret_key)

    sealed = sealer.record(keys.public_key, {"b": "ខ", "a": 1}, **PLACE)

    key = crypto_box_seal_open(sealed[4:84], keys.public_key, secret)
    padded = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[108:], b"hlr1|c1|r1|answer", sealed[84:108], key)
    assert sealed[:4] == b"hlr1"
    assert padded == '{"a":1,"b":"ខ"}'.encode() + b"\x80" + bytes(256 - 18)


@pytest.mark.parametrize(
    ("words", "bucket"), [(0, 256), (200, 256), (247, 256), (248, 512), (503, 512), (504, 1024), (4096, 8192)]
)
def test_a_sealed_length_shows_only_its_bucket(sealer: CaseSealer, keys: CaseKeys, words: int, bucket: int) -> None:
    """A short answer and a long one look alike until the next power of two."""
    body = {"t": "x" * words}

    sealed = sealer.record(keys.public_key, body, **PLACE)

    assert len(json.dumps(body, separators=(",", ":"))) == words + 8
    assert len(sealed) - FIXED_BYTES == bucket


@given(clear=st.binary(max_size=600))
def test_padding_comes_off_as_it_went_on(clear: bytes) -> None:
    """Padding loses no byte, even where the clear text ends like padding."""
    assert unpad(pad(clear)) == clear
    assert unpad(pad(clear + b"\x80\0")) == clear + b"\x80\0"


def test_the_same_words_never_look_the_same(sealer: CaseSealer, keys: CaseKeys) -> None:
    """Two equal answers cannot be told as equal from outside."""
    first, second = (sealer.record(keys.public_key, {"n": 1}, **PLACE) for _ in range(2))

    assert not set(first[4:][at : at + 16] for at in range(0, 320, 16)) & set(
        second[4:][at : at + 16] for at in range(0, 320, 16)
    )


def test_a_place_that_could_be_read_as_another_is_refused(sealer: CaseSealer, keys: CaseKeys) -> None:
    """No id may hold the sign that parts ids."""
    with pytest.raises(ValueError, match=r"holds '\|'"):
        sealer.record(keys.public_key, {}, case="c1|r1", record="", kind="answer")
