"""What a supervisor does at a visitor's request: erase a conversation, or export what is kept of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from helpline.console import words
from helpline.console.pages import render_page
from helpline.conversations import erasure
from helpline.conversations.models import Case, Conversation, Message
from helpline.risk.levels import Level

_NOT_HERE = (
    "What staff noted for each other: notes, summaries and tags. Also what danger was found in which words, "
    "reviews of that, and who of the staff read the conversation."
)


@require_safe
def page(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Ask once more, and say what is lost."""
    return _page(request, _find(conversation_id))


@require_POST
def erase(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Erase the words; never while somebody is to help."""
    conversation = _find(conversation_id)
    try:
        erasure.erase_for(conversation_id, request.user)
    except erasure.StillNeeded:
        return _page(request, conversation, status=409)
    messages.success(request, "The words of the conversation are erased.")
    last = conversation.cases.order_by("-pk").first()
    return redirect("case", last.pk) if last else redirect("queue")


@require_safe
def export(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Hand out what is kept, as a file."""
    conversation = _find(conversation_id)
    erasure.record(request.user, "exported the conversation", conversation)
    answer = JsonResponse(exported(conversation), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="conversation-{conversation.pk}.json"'
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def exported(conversation: Conversation) -> dict[str, Any]:
    """Return what is kept of a conversation and is for the visitor to know."""
    return {
        "about": "What this helpline keeps of one conversation, for the person who wrote in it.",
        "not_in_this_file": _NOT_HERE,
        "exported_at": timezone.now(),
        "conversation": {
            "number": conversation.pk,
            "channel": words.channel(conversation.channel),
            "began_at": conversation.created_at,
            "country": conversation.country,
            "language": conversation.language,
            "mentioned": dict(words.mentioned(conversation.slots)),
            "erased_at": conversation.erased_at,
        },
        "messages": [_message(message) for message in conversation.messages.order_by("seq")],
        "cases": [_case(case) for case in conversation.cases.order_by("pk")],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "number": message.seq,
        "at": message.at,
        "author": words.AUTHORS[Message.Author(message.author)],
        "level": Level(message.level).label,
        "text": message.text,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "number": case.pk,
        "level": Level(case.level).label,
        "opened_at": case.opened_at,
        "ended_at": case.ended_at,
        "ended": words.OUTCOMES.get(Case.State(case.state), "Open"),
        "outcome": case.get_outcome_display(),
        "helped": case.get_helped_display(),
    }


def _find(conversation_id: int) -> Conversation:
    return get_object_or_404(Conversation, pk=conversation_id)


def _page(request: HttpRequest, conversation: Conversation, status: int = 200) -> HttpResponse:
    context = {"conversation": conversation, "needed": erasure.needed(conversation)}
    return render_page(request, "console/erase.html", context, status)
