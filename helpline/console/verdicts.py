"""A reviewer's verdict on one message: right, too high, too low, a false alarm, missed; or taken back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from helpline.console import review, transcript
from helpline.console.pages import render_page
from helpline.console.review_forms import VerdictForm
from helpline.conversations import audit, verdicts
from helpline.conversations.models import Message
from helpline.conversations.outbox import Erased

ERASED = "Not noted: this conversation was erased, so there are no words to judge."


@require_safe
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show one message with everything that can be said of it: a part for an open page, or a page of its own."""
    shown = _find(message_id)
    if request.headers.get("HX-Request"):
        return _part(request, shown, expanded=True)
    _record_reading(request, shown)
    context = {"message": shown, "conversation": shown.conversation, **review.judging(shown.conversation)}
    return render_page(request, "console/review_message.html", {**context, "expanded": True})


@require_POST
def judge(request: HttpRequest, message_id: int) -> HttpResponse:
    """Note a verdict, or take one back; what is wrong with it is told beside the message."""
    judged = _find(message_id)
    form = VerdictForm(request.POST, judged)
    error, status = "", 200
    if not form.is_valid():
        error, status = form.problem, 422
    else:
        try:
            _note(judged, request.user, form.cleaned_data)
        except Erased:
            error, status = ERASED, 409
    if request.headers.get("HX-Request"):
        return _part(request, _find(message_id), error=error, status=status)
    whole = judged.conversation.last_seq - judged.seq >= transcript.SHOWN
    if error:
        _record_reading(request, judged)
        return review.render_conversation(
            request, judged.conversation, whole=whole, failed=message_id, error=error, status=status
        )
    address = reverse("review-conversation", args=[judged.conversation_id])
    return redirect(f"{address}{'?all' if whole else ''}#m{message_id}")


def _record_reading(request: HttpRequest, shown: Message) -> None:
    number = verdicts.newest_case(shown.conversation_id)
    audit.record(request.user, "read the conversation", number, f"message {shown.pk}")


def _find(message_id: int) -> Message:
    found = Message.objects.select_related("conversation", "review__reviewer").filter(pk=message_id).first()
    if found is None or not (found.conversation.erased_at or verdicts.can_be_judged(found)):
        raise Http404
    return found


def _note(message: Message, reviewer: Any, said: dict[str, Any]) -> None:
    if said["verdict"] == VerdictForm.TAKE_BACK:
        verdicts.take_back(message, reviewer)
    else:
        verdicts.judge(message, reviewer, said["verdict"], said["level"], said["signal"])


def _part(
    request: HttpRequest, message: Message, *, expanded: bool = False, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "message": message,
        "conversation": message.conversation,
        "flags": review.flags(message.conversation),
        "expanded": expanded,
        "failed": message.pk if error else 0,
        "error": error,
        **review.judging(message.conversation),
    }
    return render_page(request, "console/verdict_saved.html", context, status)
