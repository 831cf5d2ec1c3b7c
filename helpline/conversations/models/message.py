"""What was written, both ways; what goes to the visitor is an outbox row."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from helpline.conversations.models.conversation import LEVELS, Conversation
from helpline.risk.levels import Level


class Message(models.Model):
    """One message, either way; what goes to the visitor is an outbox row with a delivery state."""

    class Author(models.TextChoices):
        """Who wrote it; ``system`` says what happens, such as a person joining."""

        VISITOR = "visitor"
        BOT = "bot"
        RESPONDER = "responder"
        SYSTEM = "system"

    #: Those who speak for themselves: what a person wrote answers whatever was asked before.
    PERSONS = (Author.VISITOR, Author.RESPONDER)

    class State(models.TextChoices):
        """Delivery of what goes to the visitor; empty for what the visitor wrote."""

        QUEUED = "queued"
        SENT = "sent"
        DELIVERED = "delivered"
        FAILED = "failed"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Author.choices)
    text = models.TextField()
    #: What a reply is written in, as ISO 639-1, where that is not English.
    language = models.CharField(max_length=2, blank=True, db_default="")
    at = models.DateTimeField(auto_now_add=True)

    #: The provider's own id, or the key of a responder's reply: the same again has no second effect.
    client_id = models.CharField(max_length=64, null=True)

    # Inbound: what was found in it, and whose it is to work on.
    #: The payload of the button that it chooses, if any, and whether by a tap: what was typed is assessed.
    payload = models.CharField(max_length=200, blank=True)
    tapped = models.BooleanField(default=False, db_default=False)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    findings = models.JSONField(default=list)
    #: The crisis response that is due in answer to this message, if any.
    crisis_response = models.CharField(max_length=80, blank=True)
    case_due = models.BooleanField(default=False)
    assessed_at = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)

    # Outbound: what it answers, in which place, and how far it got.
    answers = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    ordinal = models.PositiveIntegerField(null=True)
    response = models.CharField(max_length=80, blank=True)
    buttons = models.JSONField(default=list)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    state = models.CharField(max_length=10, choices=State.choices, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        """One place a number, one effect an inbound id, one reply an ordinal."""

        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_client_id"),
            models.UniqueConstraint(fields=["answers", "ordinal"], name="message_answer_ordinal"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="message_at"),
            # What was said how often: otherwise every message of the span would have to be read for it.
            models.Index(fields=["response", "-at"], condition=Q(answers__isnull=False), name="reply_response"),
            models.Index(fields=["lease_until"], condition=Q(processed_at=None, author="visitor"), name="unprocessed"),
        ]
