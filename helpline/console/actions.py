"""What a responder does with a case: claim it, reply, return it to the assistant, resolve it.

The rules are those of `helpline.conversations.cases`; here is only what the responder is told.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from helpline.console import words
from helpline.console.case import render_case
from helpline.console.forms import EndingForm, ReplyForm
from helpline.conversations import cases
from helpline.conversations.models import Case, Conversation
from helpline.conversations.outbox import Erased
from helpline.responses.book import response_book
from helpline.responses.reply import Reply

ERASED = "Not sent: this conversation was erased. Nothing more can be written to it."


@require_POST
def claim(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a waiting case, or say who was first."""
    case = find(case_id)
    try:
        taken = cases.claim(case_id, request.user, say(case))
    except Erased:
        return render_case(request, case_id, error=ERASED, status=409)
    if taken:
        return redirect("case", case_id)
    return render_case(request, case_id, error=why_not(find(case_id), request), status=409)


@require_POST
def reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Send the holder's text; whatever keeps it from being sent, the text is kept in the page."""
    text = request.POST.get("text", "")
    form = ReplyForm.of(text)
    part = bool(request.headers.get("HX-Request"))
    error, status = form.problem, 422
    if not error:
        try:
            cases.reply(case_id, request.user, form.cleaned_data["text"], request.POST.get("key", ""))
        except cases.NotYours:
            error, status = f"Not sent: {why_not(find(case_id), request)}", 409
        except Erased:
            error, status = ERASED, 409
        except Case.DoesNotExist:
            find(case_id)
    if error:
        return render_case(request, case_id, part=part, error=error, text=text, status=status)
    return render_case(request, case_id, part=True) if part else redirect("case", case_id)


@require_POST
def typing(request: HttpRequest, case_id: int) -> HttpResponse:
    """Note that the holder is typing, for the visitor to see."""
    held = Conversation.objects.filter(
        cases__pk=case_id, cases__state=Case.State.HELD, cases__holder_id=request.user.pk
    )
    return HttpResponse(status=204 if held.update(responder_typing_at=timezone.now()) else 409)


@require_POST
def return_to_assistant(request: HttpRequest, case_id: int) -> HttpResponse:
    """End the case; the assistant answers again."""
    form = EndingForm(request.POST, resolves=False)
    return _end(request, case_id, cases.return_to_assistant, form, "returned to the assistant")


@require_POST
def resolve(request: HttpRequest, case_id: int) -> HttpResponse:
    """End the case and close the conversation."""
    return _end(request, case_id, cases.resolve, EndingForm(request.POST, resolves=True), "resolved")


def _end(request: HttpRequest, case_id: int, end: Callable[..., None], form: EndingForm, done: str) -> HttpResponse:
    case = find(case_id)
    if case.holder_id == request.user.pk and form.problem:
        return render_case(request, case_id, error=form.problem, ending=form.data, status=422)
    try:
        end(case_id, request.user, say(case), form.ending if not form.problem else None)
    except cases.NotYours:
        return render_case(request, case_id, error=why_not(find(case_id), request), status=409)
    except Erased:
        return render_case(request, case_id, error=ERASED, status=409)
    # The page that shows this forgets the draft of the case.
    messages.success(request, f"Case {case_id} is {done}.", extra_tags=f"{request.user.pk}-{case_id}")
    return redirect("queue")


def why_not(case: Case, request: HttpRequest) -> str:
    """Say in whose hands a case is that this responder cannot act on."""
    if case.state == Case.State.WAITING:
        return "nobody holds this case yet. Claim it first."
    if case.state != Case.State.HELD:
        return "this case has ended."
    if case.holder_id == request.user.pk:
        return "you hold this case already."
    return f"{words.person(case.holder)} was first and holds this case."


def find(case_id: int) -> Case:
    """Return the case, or answer 404."""
    return get_object_or_404(Case.objects.select_related("conversation", "holder"), pk=case_id)


def say(case: Case) -> Callable[[str], Reply]:
    """Return what words a response for the case's visitor."""
    visitor = case.conversation
    return lambda key: response_book().render(key, visitor.country, language=visitor.language)
