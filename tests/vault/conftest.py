"""Keys and cases for the vault's tests; all invented, none reused outside."""

from pathlib import Path

import pytest
from nacl.utils import random

from bot.service.vaulting import CaseKeys, Recipient
from bot.vault.formats import KeyPair, pair_of
from bot.vault.key_files import KeyFolder
from bot.vault.opening import CaseOpener, open_case_secret
from bot.vault.sealing import CaseSealer


@pytest.fixture(scope="session")
def sealer() -> CaseSealer:
    """Give the sealer; it keeps nothing, so one serves all tests."""
    return CaseSealer()


@pytest.fixture(scope="session")
def holder() -> KeyPair:
    """Make the key pair of the one recipient."""
    return pair_of(random(32))


@pytest.fixture(scope="session")
def keys(sealer: CaseSealer, holder: KeyPair) -> CaseKeys:
    """Make a case sealed to the recipient."""
    return sealer.new_case([Recipient("organisation", holder.public_key)])


@pytest.fixture(scope="session")
def opener(keys: CaseKeys, holder: KeyPair) -> CaseOpener:
    """Open the case as its recipient."""
    ((_, wrap),) = keys.wraps
    return CaseOpener(open_case_secret(wrap, holder.secret_key))


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    """Give a key folder that does not exist yet."""
    return KeyFolder(tmp_path / "keys")
