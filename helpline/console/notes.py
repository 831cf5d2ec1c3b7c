"""Private notes on a case: for colleagues, never for the visitor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from helpline.console.actions import find
from helpline.console.case import render_case
from helpline.console.forms import NoteForm
from helpline.conversations import audit
from helpline.conversations.models import Note


@require_POST
def add(request: HttpRequest, case_id: int) -> HttpResponse:
    """Add a note, also to a case that has ended; on an erased conversation nothing more is noted."""
    case = find(case_id)
    form = NoteForm.of(request.POST.get("text", ""))
    if case.conversation.erased_at:
        return render_case(request, case_id, error="Not noted: this conversation was erased.", status=409)
    if form.problem:
        return render_case(request, case_id, error=form.problem, note=form.data["text"], status=422)
    Note.objects.create(case=case, author_id=request.user.pk, text=form.cleaned_data["text"])
    audit.record(request.user, "noted", case_id)
    part = bool(request.headers.get("HX-Request"))
    return render_case(request, case_id, part=True) if part else redirect("case", case_id)
