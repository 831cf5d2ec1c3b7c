"""The settings with which servers know Telegram and SMS, whose interfaces are stand-ins."""

from __future__ import annotations

from tests.contract.requests import PUBLIC
from tests.contract.standins.telegram import TOKEN
from tests.contract.standins.twilio import ACCOUNT, NUMBER
from tests.contract.standins.twilio import TOKEN as TWILIO_TOKEN
from tests.contract.telegram import SECRET


def telegram_and_sms(telegram_api: str, twilio_api: str) -> dict[str, str]:
    """Return them, by the addresses of the two interfaces."""
    return {
        "HELPLINE_PUBLIC_URL": PUBLIC,
        "HELPLINE_TELEGRAM_API": telegram_api,
        "HELPLINE_TELEGRAM_TOKEN": TOKEN,
        "HELPLINE_TELEGRAM_SECRET": SECRET,
        "HELPLINE_TWILIO_API": twilio_api,
        "HELPLINE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "HELPLINE_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "HELPLINE_SMS_NUMBER": NUMBER,
    }
