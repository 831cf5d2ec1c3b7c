"""The rows of a made-up week, and how they come into the database with times that lie in the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django.db.models import Model

from helpline.conversations.models import (
    AuditEvent,
    Case,
    CaseEvent,
    Conversation,
    FlagReview,
    Message,
    Note,
    Page,
)

#: The kinds of row in the order in which they are written, each with the field that says when it was.
_TIMES: dict[Any, str] = {
    Conversation: "created_at",
    Message: "at",
    Case: "opened_at",
    CaseEvent: "at",
    Page: "at",
    Note: "at",
    FlagReview: "at",
    AuditEvent: "at",
}


class Rows:
    """Rows that are not in the database yet, of all kinds."""

    def __init__(self) -> None:
        self._rows: defaultdict[type[Model], list[Any]] = defaultdict(list)
        self._answers: list[tuple[Message, Message]] = []
        self._audited: list[tuple[AuditEvent, Case]] = []

    def add(self, row: Model) -> None:
        """Take a row."""
        self._rows[type(row)].append(row)

    def of(self, kind: type[Model]) -> list[Any]:
        """Return the rows of a kind, as they were added."""
        return self._rows[kind]

    def answer(self, reply: Message, message: Message) -> None:
        """Note that a reply answers a message."""
        self._answers.append((reply, message))

    def audit(self, user: Any, action: str, case: Case, at: Any, detail: str = "") -> None:
        """Take a line of the audit log about a case."""
        line = AuditEvent(user=user, action=action, at=at, detail=detail)
        self.add(line)
        self._audited.append((line, case))

    def save(self) -> None:
        """Write everything, the oldest first, so that numbers grow with time. Call inside a transaction."""
        with _times_as_given():
            for kind, field in _TIMES.items():
                if kind is AuditEvent:
                    for line, case in self._audited:
                        line.case_number = case.pk
                kind.objects.bulk_create(sorted(self._rows[kind], key=attrgetter(field)))
        for reply, message in self._answers:
            reply.answers = message
        Message.objects.bulk_update([reply for reply, _ in self._answers], ["answers"], batch_size=200)


@contextmanager
def _times_as_given() -> Iterator[None]:
    """Keep the times of new rows: Django itself would put the present into these fields."""
    fields: list[Any] = [kind._meta.get_field(name) for kind, name in _TIMES.items()]  # noqa: SLF001 - Django's own way
    before = [(field, field.auto_now, field.auto_now_add) for field in fields]
    for field in fields:
        field.auto_now = field.auto_now_add = False
    try:
        yield
    finally:
        for field, auto_now, auto_now_add in before:
            field.auto_now, field.auto_now_add = auto_now, auto_now_add
