"""The audit log: who of the staff, or nobody of them, saw or changed what, the newest first."""

from __future__ import annotations

from datetime import datetime, time, timezone
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from helpline.console import words
from helpline.console.pages import render_page
from helpline.conversations.models import AuditEvent

PER_PAGE = 50
#: The actions that are offered to choose from are those of so many last lines.
_RECENT = 1000


#: In place of a number of one of the staff.
NOBODY = "nobody"


def _people() -> list[tuple[str, str]]:
    staff = [(str(user.pk), f"{words.person(user)} ({user.username})") for user in User.objects.order_by("username")]
    return [("", "everybody"), (NOBODY, words.NOBODY), *staff]


class Filter(forms.Form):
    """What is looked for; a field that is left out looks for everything."""

    person = forms.ChoiceField(required=False, choices=_people)
    action = forms.CharField(required=False, max_length=40, widget=forms.TextInput({"list": "actions"}))
    case = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label="Case number")
    since = forms.DateField(required=False, label="From (UTC)", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label="To (UTC)", widget=forms.DateInput({"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def lines(self) -> QuerySet[AuditEvent]:
        """Return what was found, the newest first; nothing where the filter makes no sense."""
        if not self.is_valid():
            return AuditEvent.objects.none()
        asked = self.cleaned_data
        looked_for = {
            "user": asked["person"] if asked["person"] != NOBODY else "",
            "user__isnull": asked["person"] == NOBODY,
            "action__icontains": asked["action"],
            "case_number": asked["case"],
            "at__gte": asked["since"] and datetime.combine(asked["since"], time.min, timezone.utc),
            "at__lte": asked["until"] and datetime.combine(asked["until"], time.max, timezone.utc),
            # By the last line of the page before, and no page number: nobody counts a million lines for it.
            "id__lt": asked["before"],
        }
        return AuditEvent.objects.filter(**{name: value for name, value in looked_for.items() if value})


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show one page of what was looked for."""
    looked_for = Filter(request.GET)
    lines = list(looked_for.lines().select_related("user").order_by("-id")[: PER_PAGE + 1])
    context = {
        "filter": looked_for,
        "lines": lines[:PER_PAGE],
        "older": _with(request, before=lines[PER_PAGE - 1].pk) if len(lines) > PER_PAGE else "",
        "newest": _with(request) if "before" in request.GET else "",
        "actions": sorted(set(AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:_RECENT])),
    }
    return render_page(request, "console/audit.html", context)


def _with(request: HttpRequest, **changes: Any) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    query.update(changes)
    return f"?{query.urlencode()}"
