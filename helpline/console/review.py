"""Review: every conversation, with and without a case, for a supervisor to read and judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from helpline.console import keyed, transcript
from helpline.console.pages import render_page
from helpline.console.review_forms import FilterForm, signal_options
from helpline.conversations import addresses, audit, reviewing, verdicts
from helpline.conversations.models import Case, Conversation, Message
from helpline.risk.levels import Level


@dataclass(frozen=True)
class Row:
    """A conversation in the list; of its cases the newest comes first."""

    conversation: Conversation
    cases: list[Case]
    counts: reviewing.Counts

    @property
    def level(self) -> int:
        """The highest level that it ever had."""
        return max([self.conversation.level, *(case.level for case in self.cases)])

    @property
    def signals(self) -> list[str]:
        """All signals that were ever seen in it, each once."""
        found = [*self.conversation.signals, *(signal for case in self.cases for signal in case.signals)]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Flags:
    """What there is to judge in a conversation, and how far that has got."""

    messages: list[Message]
    last_seq: int

    @property
    def flagged(self) -> int:
        """How many messages were flagged."""
        return sum(message.level > Level.NONE for message in self.messages)

    @property
    def judged(self) -> int:
        """How many of these have a verdict."""
        return sum(message.level > Level.NONE and hasattr(message, "review") for message in self.messages)

    @property
    def missed(self) -> int:
        """How many others were marked as missed."""
        return len(self.messages) - self.flagged

    @property
    def links(self) -> list[tuple[Message, str]]:
        """Each message with where in the page it is; an early one is only in the whole of it."""
        return [
            (message, f"{'?all' if self.last_seq - message.seq >= transcript.SHOWN else ''}#m{message.pk}")
            for message in self.messages
        ]


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Go to what the filters ask for; the words that are sought stand sealed in the address.

    Servers and proxies write addresses into their logs, and such words are often a visitor's.
    """
    asked = QueryDict(mutable=True)
    for name in FilterForm.base_fields:
        # Days that were emptied mean all days.
        if name in request.POST and (request.POST[name] or name in ("since", "until")):
            asked[name] = request.POST[name]
    if words := asked.pop("text", [""])[0]:
        asked["words"] = addresses.seal(words)
    return redirect(f"{reverse('review')}?{asked.urlencode()}")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List the conversations that pass the filters, the newest first."""
    form = FilterForm(_opened(request.GET))
    found = keyed.KeyedPage([])
    if form.is_valid():
        if form.cleaned_data["text"]:
            audit.record(request.user, "searched messages")
        found = keyed.page_of(reviewing.wanted(form.cleaned_data), request.GET)
    counts = reviewing.counted(conversation.pk for conversation in found.rows)
    rows = [Row(one, list(one.cases.all()), counts.get(one.pk, reviewing.Counts())) for one in found.rows]
    return render_page(request, "console/review.html", {"form": form, "rows": rows, "page": found})


@require_safe
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Show a conversation with or without a case; who looked is kept."""
    shown = get_object_or_404(Conversation, pk=conversation_id)
    number = verdicts.newest_case(conversation_id)
    audit.record(request.user, "read the conversation", number, f"conversation {conversation_id}")
    return render_conversation(request, shown, whole="all" in request.GET)


def _opened(asked: QueryDict) -> QueryDict:
    """Return what is asked for with the words that were sealed; in the clear they count for nothing."""
    opened = asked.copy()
    opened.pop("text", None)
    if sealed := opened.get("words"):
        try:
            opened["text"] = addresses.opened(sealed)
        except addresses.Unreadable:
            opened["unreadable"] = "yes"
    return opened


def render_conversation(
    request: HttpRequest, shown: Conversation, *, whole: bool, failed: int = 0, error: str = "", status: int = 200
) -> HttpResponse:
    """Render the page of a conversation, with what was wrong with the verdict on one of its messages."""
    written, hidden = transcript.tail(shown, whole, "review__reviewer")
    context = {
        "conversation": shown,
        "cases": Case.objects.filter(conversation=shown).select_related("holder").order_by("pk"),
        "written": written,
        "hidden": hidden,
        "flags": flags(shown),
        "failed": failed,
        "error": error,
        **judging(shown),
    }
    return render_page(request, "console/review_conversation.html", context, status)


def flags(shown: Conversation) -> Flags:
    """Return what was flagged in a conversation or marked as missed, from its beginning."""
    return Flags(list(verdicts.flagged_or_missed(shown.pk).select_related("review")), shown.last_seq)


def judging(shown: Conversation) -> dict[str, Any]:
    """Return what the part of each message needs, in which it is judged; none without its words."""
    return {"judging": not shown.erased_at, "signal_options": signal_options()}
