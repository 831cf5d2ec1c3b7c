"""Where a visitor is reached: known by a hash, kept encrypted, gone with an erasure."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from helpline.conversations import erasure
from helpline.conversations.addresses import Unreadable, conversation_with, key_of, opened, seal
from helpline.conversations.models import Address, Conversation, Stop

from .conftest import together

NUMBER = "+12025550101"


def write(address: str = NUMBER, channel: str = "sms") -> tuple[Conversation, bool]:
    """Have somebody write from an address."""
    return conversation_with(channel, address, "US", lambda conversation: None)


def test_a_key_names_the_channel_and_not_the_number() -> None:
    assert key_of("sms", NUMBER) == key_of("sms", NUMBER)
    assert key_of("sms", NUMBER) != key_of("whatsapp", NUMBER)
    assert "2025550101" not in key_of("sms", NUMBER)


def test_without_the_secret_a_number_cannot_be_tried_out(settings: Any) -> None:
    before = key_of("sms", NUMBER)
    settings.HELPLINE_ADDRESS_HASH = "another"
    assert key_of("sms", NUMBER) != before


def test_what_is_sealed_is_opened_and_looks_different_each_time() -> None:
    assert opened(seal(NUMBER)) == NUMBER
    assert seal(NUMBER) != seal(NUMBER)
    assert NUMBER not in seal(NUMBER)


def test_a_new_key_before_the_old_one_opens_both(settings: Any) -> None:
    settings.HELPLINE_ADDRESS_KEY = ["old"]
    sealed = seal(NUMBER)
    settings.HELPLINE_ADDRESS_KEY = ["new", "old"]
    assert opened(sealed) == opened(seal(NUMBER)) == NUMBER
    settings.HELPLINE_ADDRESS_KEY = ["new"]
    with pytest.raises(Unreadable):
        opened(sealed)


@pytest.mark.django_db(transaction=True)
def test_two_first_messages_at_once_begin_one_conversation() -> None:
    begun = together(write, write)
    assert sorted(new for _, new in begun) == [False, True]
    assert Conversation.objects.count() == Address.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_address_goes_with_the_words_and_whoever_writes_again_begins_anew() -> None:
    keys = []
    for _ in range(3):
        conversation, new = write()
        assert new
        assert write() == (conversation, False)
        keys.append(conversation.key)
        assert erasure.ask(conversation.pk)
        assert not Address.objects.exists()
    assert keys == [keys[0], f"{keys[0]}-2", f"{keys[0]}-3"]
    assert write("+12025550102")[0].key != keys[0]


@pytest.mark.django_db
def test_who_said_stop_before_there_was_a_table_for_it_is_remembered() -> None:
    stopped, _ = write()
    write("+12025550199")
    Address.objects.filter(conversation=stopped).update(stopped_at=timezone.now())
    # As it is after an erasure.
    Conversation.objects.filter(pk=stopped.pk).update(key=f"{stopped.key}-2")
    import_module("helpline.conversations.migrations.0008_stops").remember(apps, None)
    assert list(Stop.objects.values_list("key", flat=True)) == [key_of("sms", NUMBER)]
