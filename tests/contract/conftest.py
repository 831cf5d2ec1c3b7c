"""Every provider that the contract is tested with, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from helpline.channels.twilio import Sms, WhatsApp
from tests.contract.desk import Desk, open_desk
from tests.contract.messenger import MessengerProvider
from tests.contract.requests import PUBLIC, Provider
from tests.contract.slack import SlackProvider
from tests.contract.standins.base import StandIn, listening
from tests.contract.telegram import TelegramProvider
from tests.contract.twilio import TwilioProvider
from tests.contract.webhook import WebhookProvider

PROVIDERS: dict[str, Provider] = {
    "telegram": TelegramProvider(),
    "sms": TwilioProvider(Sms),
    "whatsapp": TwilioProvider(WhatsApp),
    "messenger": MessengerProvider(),
    "slack": SlackProvider(),
    "webhook": WebhookProvider(),
}


@pytest.fixture(params=list(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> Provider:
    """Return each provider in turn."""
    return PROVIDERS[request.param]


@pytest.fixture
def stand_in(provider: Provider, settings: Any) -> Iterator[StandIn]:
    """Return the provider's interface on loopback, to which the channel is pointed."""
    settings.HELPLINE_PUBLIC_URL = PUBLIC
    settings.HELPLINE_COUNTRY = "US"
    settings.HELPLINE_PROVIDER_SECONDS = 1.0
    found = provider.stand_in()
    with listening(found) as address:
        for name in ("TELEGRAM", "TWILIO", "MESSENGER", "SLACK"):
            setattr(settings, f"HELPLINE_{name}_API", address)
        # The webhook's is no setting but a credential.
        found.address = provider.address = address
        yield found


@pytest.fixture
async def desk(provider: Provider, stand_in: StandIn, transactional_db: None) -> AsyncIterator[Desk]:
    """Return the provider's channel, served."""
    async with open_desk(provider.channel()) as served:
        yield served
