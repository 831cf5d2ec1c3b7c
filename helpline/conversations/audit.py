"""The audit log: who saw or changed what. Only ever added to, and never a word of what was written."""

from __future__ import annotations

from typing import Any

from helpline.conversations.models import AuditEvent

#: Whose doing it was, where it was nobody's of the staff.
ASSISTANT, VISITOR, VISITORS_WISH = "by the assistant", "by the visitor", "at the visitor's wish"
SILENT_HOLDER = "by itself: the holder was silent"


def record(user: Any, action: str, case_number: int | None = None, detail: str = "") -> None:
    """Add a line; without a user, of what nobody of the staff did: the detail says whose doing it was."""
    AuditEvent.objects.create(user=user, action=action, case_number=case_number, detail=detail)
