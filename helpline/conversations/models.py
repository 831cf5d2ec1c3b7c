"""What is kept: conversations, messages both ways, cases with their history, dialogue memory."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

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
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    visitor_typing_at = models.DateTimeField(null=True)
    responder_typing_at = models.DateTimeField(null=True)
    erase_asked_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    #: Rasa's slots as they stand after the last turn.
    slots = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.key


class WebSession(models.Model):
    """The right to speak in a web conversation: a token, of which only the hash is kept."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="web_session")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()


class Message(models.Model):
    """One message, either way; what goes to the visitor is an outbox row with a delivery state."""

    class Author(models.TextChoices):
        """Who wrote it; ``system`` says what happens, such as a person joining."""

        VISITOR = "visitor"
        BOT = "bot"
        RESPONDER = "responder"
        SYSTEM = "system"

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
    at = models.DateTimeField(auto_now_add=True)

    # Inbound: the provider's own id, what was found in it, and whose it is to work on.
    client_id = models.CharField(max_length=64, null=True)
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
            models.Index(fields=["lease_until"], condition=Q(processed_at=None, author="visitor"), name="unprocessed"),
        ]


class Case(models.Model):
    """A conversation that needs a person: waiting, held by one responder, or ended."""

    class State(models.TextChoices):
        """Where the case stands; at most one a conversation is not ended."""

        WAITING = "waiting"
        HELD = "held"
        RETURNED = "returned"
        RESOLVED = "resolved"

    OPEN = (State.WAITING, State.HELD)

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="cases")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    signals = models.JSONField(default=list)
    opened_at = models.DateTimeField(auto_now_add=True)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="held_cases")
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """At most one open case a conversation."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state__in=["waiting", "held"]), name="one_open_case"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-level", "opened_at"], name="queue_order")]


class CaseEvent(models.Model):
    """What happened to a case, by whom and when. Only ever added to."""

    class Kind(models.TextChoices):
        """The steps of a case."""

        OPENED = "opened"
        RISK = "risk"
        CLAIMED = "claimed"
        RETURNED = "returned"
        RESOLVED = "resolved"
        ERASED = "erased"

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    signals = models.JSONField(default=list)
    message = models.ForeignKey(Message, models.SET_NULL, null=True)

    class Meta:
        """In the order in which they happened."""

        ordering: ClassVar = ["id"]


class Page(models.Model):
    """A call to a group of staff about a waiting case: which in the case's row of pages, and whether it went out."""

    class State(models.TextChoices):
        """Where it stands; one whose process died stays on its way, and the next one follows all the same."""

        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    case = models.ForeignKey(Case, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    group = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(choices=LEVELS)
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENDING)

    class Meta:
        """Each page goes to a group once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number", "group"], name="page_once")]


class DialogueEvent(models.Model):
    """Rasa's memory of a conversation, an event a row, in the order of its primary key."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="dialogue_events")
    kind = models.CharField(max_length=40)
    data = models.JSONField()
