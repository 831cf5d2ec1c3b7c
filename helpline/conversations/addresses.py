"""Where a provider's visitor is reached: known by a keyed hash, and kept encrypted apart from what is written.

The hash alone stands in the conversation's key, so that neither a transcript nor a log names a phone number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from helpline.conversations.models import Address, Conversation, Message, Stop

#: Hexadecimal digits of the hash: 160 bits, and the key still fits its column with any channel's name before it.
_DIGITS = 40


class Unreadable(Exception):
    """The address was sealed with a key that is no longer there."""


def key_of(channel: str, address: str) -> str:
    """Return the key of the first conversation with an address."""
    return f"{channel}-{_hash(channel, address)[:_DIGITS]}"


def seal(address: str) -> str:
    """Encrypt an address."""
    return _box(tuple(settings.HELPLINE_ADDRESS_KEY)).encrypt(address.encode()).decode()


def opened(sealed: str) -> str:
    """Decrypt an address.

    Raises:
        Unreadable: none of the keys opens it.
    """
    try:
        return _box(tuple(settings.HELPLINE_ADDRESS_KEY)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def id_after_erasure(conversation_key: str, client_id: str) -> str:
    """Return what is left of a provider's id of an erased message: it leads nowhere, but is known again."""
    return _hash(conversation_key, client_id)


def is_erased(channel: str, address: str, client_ids: Sequence[str]) -> bool:
    """Tell whether one of the ids is of a message that was erased: whoever sends it again must not bring it back."""
    erased = with_address(channel, address).exclude(erased_at=None).values_list("pk", "key")
    return any(
        Message.objects.filter(
            conversation=pk, client_id__in=[id_after_erasure(key, client_id) for client_id in client_ids]
        ).exists()
        for pk, key in erased
    )


def conversation_with(
    channel: str, address: str, country: str, greet: Callable[[Conversation], None]
) -> tuple[Conversation, bool]:
    """Return the conversation with an address, and whether it was begun now, with a greeting as its first row.

    What was erased stays erased: whoever writes again begins a conversation of their own.
    """
    conversations = with_address(channel, address)
    if found := conversations.filter(erased_at=None).first():
        return found, False
    try:
        with transaction.atomic():
            # Read once: between two looks another first message could come, and be taken for an erased one.
            known = list(conversations)
            if living := next((one for one in known if one.erased_at is None), None):
                return living, False
            conversation = Conversation.objects.create(
                key=_next_key(channel, address, known), channel=channel, country=country
            )
            stopped = Stop.objects.filter(key=base_of(conversation.key)).first()
            Address.objects.create(
                conversation=conversation, sealed=seal(address), stopped_at=stopped.at if stopped else None
            )
            greet(conversation)
    except IntegrityError:
        # Two first messages at the same moment: the other one was first.
        return conversations.get(erased_at=None), False
    return conversation, True


def with_address(channel: str, address: str) -> QuerySet[Conversation]:
    """Return all conversations with an address; at most one is not erased."""
    key = key_of(channel, address)
    # All that begins with "key-", as a range, which the index answers.
    return Conversation.objects.filter(Q(key=key) | Q(key__gt=f"{key}-", key__lt=f"{key}.")).order_by("pk")


def base_of(key: str) -> str:
    """Return the key of the first conversation with the same address."""
    return "-".join(key.split("-")[:2])


def _hash(*parts: str) -> str:
    return hmac.new(settings.HELPLINE_ADDRESS_HASH.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _next_key(channel: str, address: str, known: Sequence[Conversation]) -> str:
    key = key_of(channel, address)
    numbers = [1 if one.key == key else int(one.key.rpartition("-")[2]) for one in known]
    return f"{key}-{max(numbers) + 1}" if numbers else key


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    """Return what seals with the first key and opens with any; a key may be any words."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])
