"""What the channels of providers keep: where to send, how far each message got, and what was counted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from helpline.conversations.models.conversation import Conversation
from helpline.conversations.models.message import Message


class Address(models.Model):
    """Where a conversation's messages go, kept apart from what is written and sealed; and whose it is to send them."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="address")
    #: A phone number or a provider's user id, encrypted.
    sealed = models.TextField()
    #: Since when the visitor wants no messages (STOP); null while they do. See `Stop`, which outlives this.
    stopped_at = models.DateTimeField(null=True)
    #: From when on something is to be sent; null while nothing is.
    due_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """Looked through several times a second for what is due."""

        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="address_due")]


class Stop(models.Model):
    """Who wants no messages, by the keyed hash of the address: it holds also when the conversation is erased."""

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)


class Part(models.Model):
    """A part of a message to a visitor: one request to a provider. A long message has several."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    tries = models.PositiveIntegerField(default=0)
    #: When a request began whose outcome is not known; null when none is under way.
    began_at = models.DateTimeField(null=True)
    #: When the last request began, whatever came of it.
    tried_at = models.DateTimeField(null=True)
    #: By which name the provider knows it, once it has taken it.
    provider_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """Each part once; receipts name it as the provider does."""

        ordering: ClassVar = ["message_id", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "number"], name="part_once")]
        indexes: ClassVar = [models.Index(fields=["provider_id"], name="part_provider_id")]


class ChannelCount(models.Model):
    """How often something happened on a channel in a day, such as a request whose signature was wrong."""

    channel = models.CharField(max_length=20)
    what = models.CharField(max_length=40)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a channel, kind and day."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "what", "day"], name="count_once")]
