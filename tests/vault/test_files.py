"""A sealed file comes back whole and in order, or is refused; neither side ever holds all of it."""

import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.utils import random

from bot.core.errors import OperatorError
from bot.service.vaulting import CaseKeys
from bot.vault.formats import CHUNK_BYTES
from bot.vault.opening import CaseOpener
from bot.vault.sealing import CaseSealer

PLACE = {"case": "c1", "record": "f1"}
MIB = 1024 * 1024


def seal(sealer: CaseSealer, public_key: bytes, chunks: Iterable[bytes]) -> list[bytes]:
    """Seal chunks as header and frames, the last chunk as the last frame."""
    *before, last = chunks
    one = sealer.file(public_key, **PLACE)
    return [one.header(), *(one.push(chunk, last=False) for chunk in before), one.push(last, last=True)]


def opened(opener: CaseOpener, sealed: Iterable[bytes], **elsewhere: str) -> bytes:
    """Open a whole file."""
    return b"".join(opener.file(sealed, **PLACE | elsewhere))


@settings(max_examples=60, deadline=None)
@given(chunks=st.lists(st.binary(max_size=300), min_size=1, max_size=6), step=st.integers(1, 400))
def test_a_file_comes_back_however_it_is_cut(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, chunks: list[bytes], step: int
) -> None:
    """Neither the chunks of the sender nor the pieces of the reader matter; empty ones are welcome."""
    sealed = b"".join(seal(sealer, keys.public_key, chunks))

    pieces = [sealed[at : at + step] for at in range(0, len(sealed), step)]

    assert opened(opener, pieces) == b"".join(chunks)


def test_an_empty_file_is_a_file(sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener) -> None:
    """Nothing, sealed, opens as nothing; but no bytes at all are a file cut short."""
    assert opened(opener, seal(sealer, keys.public_key, [b""])) == b""
    with pytest.raises(OperatorError, match="cut short"):
        opened(opener, [])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_cut_short_is_refused(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, data: st.DataObject
) -> None:
    """A file that lost its end is told as such, wherever the cut is."""
    sealed = b"".join(seal(sealer, keys.public_key, [b"one", b"two", b"three"]))
    kept = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(OperatorError, match="file f1 of case c1 was cut short"):
        opened(opener, [sealed[:kept]])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_goes_unnoticed(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, data: st.DataObject
) -> None:
    """Whoever alters a file on the disk makes it unreadable, never different."""
    sealed = bytearray(b"".join(seal(sealer, keys.public_key, [b"one", b"two"])))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(OperatorError):
        opened(opener, [bytes(sealed)])


@pytest.mark.parametrize(
    "order", [[0, 2, 1, 3], [0, 1, 3], [0, 2, 3], [0, 1, 1, 2, 3], [0, 1, 2, 3, 3], [0, 1, 2, 3, 2], [0, 0, 1, 2, 3]]
)
def test_frames_out_of_order_are_refused(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, order: list[int]
) -> None:
    """No frame can be swapped, dropped, doubled or added after the last."""
    parts = seal(sealer, keys.public_key, [b"one", b"two", b"end"])

    with pytest.raises(OperatorError):
        opened(opener, [parts[at] for at in order])


@pytest.mark.parametrize("elsewhere", [{"case": "c2"}, {"record": "f2"}])
def test_a_file_opens_in_its_own_place_only(
    sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener, elsewhere: dict[str, str]
) -> None:
    """A file moved to another case or name is refused."""
    sealed = seal(sealer, keys.public_key, [b"one"])

    with pytest.raises(OperatorError, match="does not open"):
        opened(opener, sealed, **elsewhere)


def test_a_file_of_another_case_key_stays_closed(sealer: CaseSealer, keys: CaseKeys) -> None:
    """One case's secret opens no file of another."""
    sealed = seal(sealer, keys.public_key, [b"one"])

    with pytest.raises(OperatorError):
        list(CaseOpener(random(32)).file(sealed, **PLACE))


def test_a_refused_file_never_ends_well(sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener) -> None:
    """Bytes after the end leave the file refused, even if the reader asks once more."""
    opening = opener.stream(**PLACE)
    for part in seal(sealer, keys.public_key, [b"one"]):
        opening.feed(part)

    for act in (lambda: opening.feed(b"more"), opening.finish):
        with pytest.raises(OperatorError, match="does not open"):
            act()


def test_a_forged_frame_length_is_refused_at_once(sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener) -> None:
    """A length beyond any frame is not waited for."""
    header, _ = seal(sealer, keys.public_key, [b"one"])

    with pytest.raises(OperatorError, match="does not open"):
        next(opener.file([header + b"\xff\xff\xff\xff"], **PLACE))


def test_a_sealed_file_takes_nothing_more_after_its_end(sealer: CaseSealer, keys: CaseKeys) -> None:
    """What comes after the last chunk, or is longer than a frame, is a mistake of ours and said at once."""
    one = sealer.file(keys.public_key, **PLACE)

    with pytest.raises(ValueError, match="longer than a frame"):
        one.push(bytes(CHUNK_BYTES + 1), last=False)
    one.push(bytes(CHUNK_BYTES), last=True)
    with pytest.raises(ValueError, match="has ended"):
        one.push(b"", last=True)


def test_twenty_mebibytes_pass_in_bounded_memory(sealer: CaseSealer, keys: CaseKeys, opener: CaseOpener) -> None:
    """The largest file Telegram hands out is sealed and opened within a mebibyte of memory."""

    def sealed() -> Iterator[bytes]:
        stream = sealer.file(keys.public_key, **PLACE)
        yield stream.header()
        for at in range(320):
            yield stream.push(bytes(CHUNK_BYTES), last=at == 319)

    tracemalloc.start()
    try:
        size = sum(len(clear) for clear in opener.file(sealed(), **PLACE))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size == 20 * MIB
    assert peak < MIB
