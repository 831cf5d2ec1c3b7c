"""Which staff are paged about which case, and when: at once, again, and each time one group more, until it is claimed.

Rows decide, and no timer: when the case was opened, and what was sent since. So a restart forgets nothing,
and of two processes one sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from helpline.conversations import self_tests
from helpline.conversations.models import Case, Page
from helpline.risk.levels import Level

#: After a group that could not be reached, the next try comes sooner, in seconds, and asks one group more. Nothing
#: is on its way for longer than that: what still is was begun by a process that died.
RETRY_SECONDS = 30.0


def due() -> list[int]:
    """Return the cases about which staff are to be paged now, the gravest first."""
    waiting = Case.objects.filter(state=Case.State.WAITING, level__gte=Level.HIGH, conversation__erased_at=None)
    ordered = waiting.order_by("-level", "waiting_since")
    visitors = ordered.filter(self_tests.OF_VISITORS) if settings.HELPLINE_PAGERS else []
    # Nobody waits in the line's own test: it comes last.
    return [case.pk for case in (*visitors, *ordered.exclude(self_tests.OF_VISITORS)) if _is_due(case)]


def begin(case_id: int) -> list[Page]:
    """Note the pages of one case that go out now, a row a group; none where that is not due any more.

    Under the case's row, like a claim: of two processes one pages, and nobody is paged after a claim.
    """
    with transaction.atomic():
        # Whose row another process has is looked at again in a moment.
        free = Case.objects.select_for_update(skip_locked=True)
        case = free.filter(pk=case_id, state=Case.State.WAITING).first()
        if case is None or not _is_due(case):
            return []
        number = (Page.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1
        rows = [Page(case=case, number=number, group=group, level=case.level) for group in _groups(case)]
        return Page.objects.bulk_create(rows)


def end(page_id: int, *, sent: bool) -> None:
    """Note whether a page went out."""
    Page.objects.filter(pk=page_id).update(state=Page.State.SENT if sent else Page.State.FAILED)


def unreachable() -> list[Page]:
    """Return of each group that could not be reached when it was last paged that page, for staff to see.

    Open pages ask this several times a second: from its end, the table is read no further than to each group's last.
    """
    ended = Page.objects.exclude(state=Page.State.SENDING).order_by("-pk")
    newest = [ended.filter(group=group).first() for group in range(1, len(settings.HELPLINE_PAGERS) + 1)]
    return [page for page in newest if page and page.state == Page.State.FAILED]


def _groups(case: Case) -> Sequence[int]:
    """Return who is told next: all who were told so far, and one group more. Of a test, nobody of the staff."""
    if self_tests.is_test(case.conversation):
        return [self_tests.GROUP]
    asked = Page.objects.filter(case=case, level=case.level).aggregate(last=Max("group"))["last"] or 0
    return range(1, min(asked + 1, len(settings.HELPLINE_PAGERS)) + 1)


def _is_due(case: Case) -> bool:
    """Tell whether the next page of a waiting case is due. A case that became graver is paged anew, at once."""
    pages = Page.objects.filter(case=case, level=case.level)
    newest = pages.order_by("-pk").first()
    if newest is None:
        return True
    failed = pages.filter(number=newest.number).exclude(state=Page.State.SENT).exists()
    pause = timedelta(minutes=settings.HELPLINE_PAGE_MINUTES)
    return timezone.now() - newest.at >= (min(pause, timedelta(seconds=RETRY_SECONDS)) if failed else pause)
