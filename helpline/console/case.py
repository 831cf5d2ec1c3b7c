"""The page of a case: the transcript with what was found in it, and what the responder can do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from helpline.console import revisions
from helpline.console.forms import MAX_REPLY
from helpline.console.pages import render_page
from helpline.console.transcript import view
from helpline.conversations import audit
from helpline.conversations.models import AuditEvent, Case

_READ = "read the case"
#: What changes on an open page is no further look, for so long.
_LOOK = timedelta(minutes=15)


@require_safe
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show a case, open or ended."""
    return render_case(request, case_id)


@require_safe
def transcript(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show only what changes, for the page that is open already."""
    return render_case(request, case_id, part=True)


def render_case(
    request: HttpRequest,
    case_id: int,
    *,
    part: bool = False,
    error: str = "",
    text: str = "",
    note: str = "",
    number: str = "",
    ending: Any = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a case, or its live part, with what went wrong and the text that was not sent."""
    # The revision first: what changes in between is then seen as a change, and not missed.
    try:
        snapshot = revisions.case(case_id, request.user)
    except Case.DoesNotExist:
        snapshot = None
    case = get_object_or_404(Case.objects.select_related("conversation", "holder"), pk=case_id)
    if not (part and _looks_already(request.user, case_id)):
        audit.record(request.user, _READ, case_id)
    whole = "all" in request.GET
    context = {
        "view": view(case, request.user, whole),
        "query": "?all" if whole else "",
        "revision": snapshot.revision if snapshot else "",
        "typing": bool(snapshot and snapshot.typing),
        "error": error,
        "text": text,
        "note": note,
        "number": number,
        "ending": ending or {},
        "outcomes": Case.Outcome.choices,
        "max_reply": MAX_REPLY,
        "reply_key": request.POST.get("key", "") if error else uuid.uuid4().hex,
        "part": part,
    }
    return render_page(request, "console/case_live.html" if part else "console/case.html", context, status)


def _looks_already(user: Any, case_id: int) -> bool:
    """Tell whether the log has a line of this look: by the log itself, so that no way leads round it."""
    lately = timezone.now() - _LOOK
    return AuditEvent.objects.filter(user=user, action=_READ, case_number=case_id, at__gte=lately).exists()
