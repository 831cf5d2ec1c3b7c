"""A conversation that needs a person: where it stands, what happened to it, who was paged, what staff noted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from helpline.conversations.models.conversation import LEVELS, Conversation
from helpline.conversations.models.message import Message
from helpline.risk.levels import Level

#: What staff may do; the roles that may do it are made in helpline/console/roles.py.
RESPOND, REVIEW, MANAGE = "conversations.respond", "conversations.review", "conversations.manage_staff"


class Case(models.Model):
    """A conversation that needs a person: waiting, held by one responder, or ended."""

    class State(models.TextChoices):
        """Where the case stands; at most one a conversation is not ended."""

        WAITING = "waiting"
        HELD = "held"
        RETURNED = "returned"
        RESOLVED = "resolved"

    class Outcome(models.TextChoices):
        """How it ended for the visitor, as far as the responder knows."""

        SAFE = "safe", "Safe for now"
        EMERGENCY = "emergency", "Emergency services called"
        REFERRED = "referred", "Referred to a service"
        LEFT = "left", "The visitor left"
        OTHER = "other", "Other"

    class Helped(models.TextChoices):
        """What the visitor said when asked whether it helped."""

        YES = "yes", "It helped"
        A_LITTLE = "a_little", "It helped a little"
        NO = "no", "It did not help"

    OPEN = (State.WAITING, State.HELD)
    #: Who is next among those who wait; who is as far as another, by number.
    IN_LINE = ("-level", "waiting_since")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="cases")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    signals = models.JSONField(default=list)
    opened_at = models.DateTimeField(auto_now_add=True)
    #: Since when nobody holds it: it may have been held, and have gone back to the queue.
    waiting_since = models.DateTimeField(default=timezone.now)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="held_cases")
    claimed_at = models.DateTimeField(null=True)
    #: When a responder first wrote to the visitor.
    first_reply_at = models.DateTimeField(null=True)
    #: To whom the holder wants to hand it over, and since when; without a name, to any supervisor.
    offered_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="offered_cases")
    offered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    summary = models.TextField(blank=True)
    tags = models.JSONField(default=list)
    helped = models.CharField(max_length=10, choices=Helped.choices, blank=True)

    class Meta:
        """At most one open case a conversation."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state__in=["waiting", "held"]), name="one_open_case"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-level", "waiting_since"], name="queue_order"),
            models.Index(fields=["-opened_at"], name="case_opened"),
        ]
        permissions: ClassVar = [
            (RESPOND.partition(".")[2], "Take cases and write to visitors"),
            (REVIEW.partition(".")[2], "Read everything, judge flags, see figures"),
            (MANAGE.partition(".")[2], "Invite staff, change roles, end sign-ins"),
        ]


class CaseEvent(models.Model):
    """What happened to a case, by whom and when. Only ever added to."""

    class Kind(models.TextChoices):
        """The steps of a case."""

        OPENED = "opened"
        RISK = "risk"
        CLAIMED = "claimed"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        RELEASED = "released"
        RETURNED = "returned"
        RESOLVED = "resolved"
        ERASED = "erased"

    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    #: To whom it was offered; nobody by name stands for any supervisor.
    target = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
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


class Note(models.Model):
    """What staff note for each other; no visitor ever sees it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar = ["id"]


class Looking(models.Model):
    """Who of the staff has a case open on the screen, and when that was last so."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="lookers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        """One row a case and person."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "user"], name="looking_once")]
