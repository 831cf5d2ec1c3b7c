"""The right to speak in a web conversation: a token that is shown once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message, WebSession
from helpline.responses.book import ResponseBook

CHANNEL = "web"
_GREETING = "utter_welcome"


def begin(book: ResponseBook, language: str = "", key: str = "", token: str = "") -> tuple[str, str]:
    """Make a conversation whose first row is the greeting; return its key and the token.

    ``language`` is that of the page. It counts until the visitor has written clearly in another. Key and token are
    given where they were promised.

    Raises:
        IntegrityError: there is a conversation with that key.
    """
    key, token = key or f"{CHANNEL}-{uuid.uuid4().hex}", token or secrets.token_urlsafe(32)
    with transaction.atomic():
        conversation = Conversation.objects.create(
            key=key, channel=CHANNEL, country=settings.HELPLINE_COUNTRY, language=language
        )
        WebSession.objects.create(
            conversation=conversation,
            token_hash=_hash(token),
            expires_at=timezone.now() + timedelta(hours=settings.HELPLINE_SESSION_HOURS),
        )
        greeting = book.render(_GREETING, conversation.country, language=language)
        outbox.enqueue(conversation.pk, greeting, Message.Author.BOT)
    return conversation.key, token


def conversation_of(token: str) -> Conversation | None:
    """Return the conversation that a token opens; None for one that is unknown or has expired."""
    opened = Conversation.objects.filter(
        web_session__token_hash=_hash(token), web_session__expires_at__gt=timezone.now()
    )
    return opened.filter(erased_at=None).first()


def forget_expired() -> int:
    """Delete tokens that have expired; return how many."""
    return WebSession.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _hash(token: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess. Bytes that are no UTF-8 come in
    # as half characters, which encode to nothing else.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
