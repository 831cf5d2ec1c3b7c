"""The number of a visitor in danger: for a call back, or for the emergency services that look for them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from helpline.console.actions import find
from helpline.console.case import render_case
from helpline.console.transcript import may_see_number
from helpline.conversations import audit
from helpline.conversations.addresses import Unreadable, opened
from helpline.conversations.models import Address


@require_POST
def show(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show the number on the page of the case, once; the audit log says who saw it."""
    case = find(case_id)
    if not may_see_number(case, request.user):
        raise PermissionDenied
    address = Address.objects.filter(conversation=case.conversation).first()
    if address is None:
        raise Http404
    try:
        number = opened(address.sealed)
    except Unreadable:
        error = "The number cannot be read: the key that it was sealed with is not there any more."
        return render_case(request, case_id, error=error, status=409)
    audit.record(request.user, "saw the visitor's number", case_id)
    return render_case(request, case_id, number=number)
