"""The audit log: who of the staff saw or changed what. Only ever added to, and never a word of what was written."""

from __future__ import annotations

from typing import Any

from helpline.conversations.models import AuditEvent


def record(user: Any, action: str, case_number: int | None = None, detail: str = "") -> None:
    """Add a line; without a user, of what the helpline did by itself."""
    AuditEvent.objects.create(user=user, action=action, case_number=case_number, detail=detail)
