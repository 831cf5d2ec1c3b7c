"""One visitor on one channel: who may speak there, and what Rasa remembers of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from helpline.risk.levels import Level

LEVELS = [(level.value, level.label) for level in Level]


class Conversation(models.Model):
    """One visitor on one channel. Its level never falls by itself; only the end of a case resets it."""

    class Status(models.TextChoices):
        """Who answers: the assistant, the assistant while a person is on the way, a person, nobody."""

        BOT = "bot"
        WAITING = "waiting"
        HUMAN = "human"
        CLOSED = "closed"

    key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOT)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    #: Signals seen since the level was last reset: a new one is new danger.
    signals = models.JSONField(default=list)
    country = models.CharField(max_length=2, blank=True)
    #: What the visitor writes in, as ISO 639-1; empty while it is not known.
    language = models.CharField(max_length=2, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    visitor_typing_at = models.DateTimeField(null=True)
    responder_typing_at = models.DateTimeField(null=True)
    erase_asked_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    #: Rasa's slots as they stand after the last turn.
    slots = models.JSONField(default=dict)

    class Meta:
        """Read by age, to be reviewed and to be purged."""

        indexes: ClassVar = [models.Index(fields=["-created_at"], name="conversation_created")]

    def __str__(self) -> str:
        return self.key


class WebSession(models.Model):
    """The right to speak in a web conversation: a token, of which only the hash is kept."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="web_session")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()


class DialogueEvent(models.Model):
    """Rasa's memory of a conversation, an event a row, in the order of its primary key."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="dialogue_events")
    kind = models.CharField(max_length=40)
    data = models.JSONField()
