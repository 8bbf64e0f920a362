"""The server key closes to a place, indexes without telling, and is never swapped unnoticed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import OperatorError
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import SERVER_KEY, ServerCipher, create_server_key, load_server_key

cipher = ServerCipher(bytes(range(32)))
other = ServerCipher(bytes(range(1, 33)))


@given(place=st.text(), clear=st.binary())
def test_what_was_closed_opens_in_its_place(place: str, clear: bytes) -> None:
    """Any bytes come back as they were."""
    assert cipher.open(place, cipher.close(place, clear)) == clear


def test_another_place_stays_closed() -> None:
    """A value copied into another row or column does not open there."""
    with pytest.raises(OperatorError, match=r"outbox\.text\.8 does not open"):
        cipher.open("outbox.text.8", cipher.close("outbox.text.7", b"words"))


def test_another_key_is_told_from_another_place() -> None:
    """A store closed with another server key is named as that."""
    with pytest.raises(OperatorError, match="another server key"):
        cipher.open("inbox.body.1", other.close("inbox.body.1", b"words"))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_altered_values_are_refused(data: st.DataObject) -> None:
    """A flipped bit or a lost end makes a value unreadable, never different."""
    closed = bytearray(cipher.close("inbox.body.1", b"words"))
    bit = data.draw(st.integers(0, len(closed) * 8 - 1))
    kept = data.draw(st.integers(0, len(closed) - 1))
    flipped = bytearray(closed)
    flipped[bit // 8] ^= 1 << bit % 8

    for altered in (bytes(flipped), bytes(closed[:kept])):
        with pytest.raises(OperatorError):
            cipher.open("inbox.body.1", altered)


def test_an_index_is_the_same_for_the_same_value_only() -> None:
    """Rows are found again by kind and value, and nothing else is learned without the key."""
    indexes = [cipher.index("chat", "1000001"), cipher.index("chat", "1000002"), cipher.index("body", "1000001")]

    assert cipher.index("chat", "1000001") == indexes[0]
    assert len({*indexes, other.index("chat", "1000001")}) == 4
    assert all(len(index) == 32 and int(index, 16) >= 0 for index in indexes)


def test_no_kind_and_value_run_into_another_pair() -> None:
    """Where kind ends and value begins is part of the index."""
    assert cipher.index("ab", "c") != cipher.index("a", "bc")


def test_half_a_surrogate_pair_has_an_index() -> None:
    """A broken emoji in an update does not stop it from being stored."""
    assert cipher.index("body", "\ud83d") != cipher.index("body", "\udc4d")


def test_a_server_key_is_found_again(folder: KeyFolder) -> None:
    """What was closed before a restart opens after it."""
    made = create_server_key(folder)
    closed = made.close("inbox.body.1", b"words")

    found = load_server_key(folder, key_check=made.key_check())

    assert found.open("inbox.body.1", closed) == b"words"
    assert found.index("chat", "1") == made.index("chat", "1")


def test_a_changed_server_key_is_refused(folder: KeyFolder) -> None:
    """A key that is not the store's is noticed at the start, before anything is written with it."""
    create_server_key(folder)

    with pytest.raises(OperatorError, match="is not the key of this database"):
        load_server_key(folder, key_check=other.key_check())


def test_a_missing_server_key_is_never_made_anew(folder: KeyFolder) -> None:
    """A store whose key is gone is refused, and the folder stays as it was."""
    with pytest.raises(OperatorError, match=r"server.key is missing: put the copy"):
        load_server_key(folder, key_check=other.key_check())
    assert not folder.path.exists()


def test_a_server_key_that_exists_is_never_replaced(folder: KeyFolder) -> None:
    """Making a key twice keeps the first."""
    check = create_server_key(folder).key_check()

    with pytest.raises(OperatorError, match="exists and is kept"):
        create_server_key(folder)
    assert load_server_key(folder, key_check=check).key_check() == check
    assert [path.name for path in folder.path.iterdir()] == [SERVER_KEY]
