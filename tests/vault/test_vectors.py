"""What the first release wrote stays readable for ever; each format's known answer notices a change.

The known answers are never made anew: a new format adds its own to vectors.json.
"""

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mnemonic import Mnemonic

from bot.service.unlocking import WrappedKey
from bot.service.vaulting import ORGANISATION
from bot.vault.formats import pair_of
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import CaseOpener, open_case_secret
from bot.vault.passphrases import LEAST_COST
from bot.vault.recovery import recovery_from_words
from bot.vault.server_key import ServerCipher

VECTORS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))


def raw(name: str, field: str) -> bytes:
    """Give one field of a known answer as bytes."""
    return bytes.fromhex(VECTORS[name][field])


def test_a_wrap_of_the_first_release_opens() -> None:
    """Case secrets sealed then are found now."""
    assert open_case_secret(raw("wrap", "wrap"), raw("wrap", "recipient_secret")) == raw("wrap", "case_secret")


def test_a_record_of_the_first_release_opens() -> None:
    """Answers sealed then are read now."""
    place = {field: VECTORS["record"][field] for field in ("case", "record", "kind")}

    opened = CaseOpener(raw("record", "case_secret")).record(raw("record", "sealed"), **place)

    assert opened == VECTORS["record"]["body"]


def test_a_file_of_the_first_release_opens() -> None:
    """Files sealed then are read now."""
    place = {field: VECTORS["file"][field] for field in ("case", "record")}

    opened = CaseOpener(raw("file", "case_secret")).file([raw("file", "sealed")], **place)

    assert b"".join(opened) == raw("file", "clear")


def test_the_server_key_of_the_first_release_serves() -> None:
    """Closed values open, indexes find their rows, and the key is known again."""
    cipher = ServerCipher(raw("server_key", "key"))

    assert cipher.open(VECTORS["server_key"]["place"], raw("server_key", "closed")) == raw("server_key", "clear")
    assert cipher.key_check() == VECTORS["server_key"]["key_check"]
    for answer in VECTORS["server_key"]["indexes"]:
        assert cipher.index(answer["kind"], answer["value"]) == answer["index"]


def test_the_organisation_key_of_the_first_release_opens() -> None:
    """The passphrase on paper still opens the key."""
    answer = VECTORS["organisation"]

    key = WrappedKey(raw("organisation", "public_key"), raw("organisation", "wrapped"))
    secret = PasswordKeyring(LEAST_COST).unlock(ORGANISATION, key, answer["passphrase"])

    assert secret == raw("organisation", "secret")
    assert pair_of(secret).public_key == raw("organisation", "public_key")


def test_the_recovery_words_of_the_first_release_serve() -> None:
    """The words on paper still make the same key."""
    pair = recovery_from_words(VECTORS["recovery"]["words"])

    assert (pair.secret_key, pair.public_key) == (raw("recovery", "secret"), raw("recovery", "public_key"))


def test_the_derivations_are_plain_blake2b() -> None:
    """Index and recovery key can be worked out with another library from what the files say."""
    indexing = blake2b(key=raw("server_key", "key"), digest_size=32, person=b"hl/index").digest()
    index = blake2b(b"\x00\x04chat1000001", key=indexing, digest_size=16, person=b"hl/index").hexdigest()
    entropy = bytes(Mnemonic("english").to_entropy(VECTORS["recovery"]["words"]))

    assert index == VECTORS["server_key"]["indexes"][0]["index"]
    assert blake2b(key=entropy, digest_size=32, person=b"hl/recovery").digest() == raw("recovery", "secret")
