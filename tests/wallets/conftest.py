"""A shop whose wallets are set up, with an authority of our own in Apple's place."""

import pytest

from loyalty.models import Business, WalletKeys
from tests.wallets import authority


@pytest.fixture
def wallet_keys(business: Business) -> WalletKeys:
    return authority.equip_shop()
