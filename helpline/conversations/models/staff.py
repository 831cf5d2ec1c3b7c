"""The staff: who is on duty, who did what, and how they judged what was flagged."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models

from helpline.conversations.models.conversation import LEVELS
from helpline.conversations.models.message import Message
from helpline.risk.levels import Level


class Duty(models.Model):
    """Whether somebody is on duty, and when their console was last open: who has gone home is not there."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="duty")
    #: Null when off duty.
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)


class FlagReview(models.Model):
    """A reviewer's verdict on what risk said of a message, or of one that it said nothing of."""

    class Verdict(models.TextChoices):
        """Whether the level was right."""

        RIGHT = "right", "Right"
        TOO_HIGH = "too_high", "Too high"
        TOO_LOW = "too_low", "Too low"
        FALSE_ALARM = "false_alarm", "False alarm"
        MISSED = "missed", "Missed"

    message = models.OneToOneField(Message, models.CASCADE, related_name="review")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    #: What the level and the signal should have been.
    level = models.PositiveSmallIntegerField(choices=LEVELS, default=Level.NONE)
    signal = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now=True)


class OnlyAddedTo(Exception):
    """A line of the audit log was to be changed or deleted."""


class _AuditRows(models.QuerySet["AuditEvent"]):
    def update(self, **changes: Any) -> NoReturn:
        raise OnlyAddedTo

    def delete(self) -> NoReturn:
        raise OnlyAddedTo


class AuditEvent(models.Model):
    """Who saw or changed what, and when; never a word of what was written. Only ever added to."""

    at = models.DateTimeField(auto_now_add=True)
    #: Null for what nobody of the staff did.
    #: Accounts are closed and not deleted, so that this stays true.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    action = models.CharField(max_length=40)
    #: A number and no key: the line outlives the case.
    case_number = models.PositiveBigIntegerField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    objects = _AuditRows.as_manager()

    class Meta:
        """The newest first."""

        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["case_number", "-id"], name="audit_case")]

    def save(self, *args: Any, **options: Any) -> None:
        """Add the line.

        Raises:
            OnlyAddedTo: it is in the log already.
        """
        if not self._state.adding:
            raise OnlyAddedTo
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Refuse.

        Raises:
            OnlyAddedTo: always.
        """
        raise OnlyAddedTo
