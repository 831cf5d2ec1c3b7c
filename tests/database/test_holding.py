"""Who holds a case: handed to who accepts it, and back in the queue when the holder has gone silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from helpline.conversations import cases, duty, holding, outbox
from helpline.conversations.holding import CannotTake
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, Message
from helpline.intake import waiting
from helpline.paging import pages
from helpline.responses.book import response_book
from helpline.risk.levels import Level

from .conftest import say, together, visitor_says

Kind = CaseEvent.Kind
LIMIT = 5.0


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    """A holder is silent after 5 minutes."""
    settings.HELPLINE_HOLDER_MINUTES = LIMIT


def history(case: Case) -> list[tuple[str, Any]]:
    """Return what happened to a case after it was claimed, with to whom it was offered."""
    return [(event.kind, event.target) for event in case.events.all()][2:]


def told(case: Case) -> list[str]:
    """Return what the visitor was told by the system, after that a person joined."""
    rows = Message.objects.filter(conversation=case.conversation, author=Message.Author.SYSTEM)
    return list(rows.values_list("response", flat=True))[1:]


def pass_time(minutes: float) -> None:
    """Let everything have happened that much earlier."""
    earlier = timedelta(minutes=minutes)
    Case.objects.update(claimed_at=F("claimed_at") - earlier, waiting_since=F("waiting_since") - earlier)
    Conversation.objects.update(responder_typing_at=F("responder_typing_at") - earlier)
    Message.objects.update(at=F("at") - earlier)


def house_keeping() -> list[bool]:
    """Do what a process does every few seconds."""
    return [holding.release(case_id, response_book().render) for case_id in holding.silent()]


# --- handing over


def test_until_it_is_accepted_the_case_stays_with_its_holder(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    holding.offer(held_case.pk, first_responder, second_responder)
    cases.reply(held_case.pk, first_responder, "A colleague will be with you soon.")
    held_case.refresh_from_db()
    assert (held_case.holder, held_case.offered_to) == (first_responder, second_responder)
    assert told(held_case) == []


def test_who_accepts_holds_it_and_the_visitor_is_told(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    holding.offer(held_case.pk, first_responder, second_responder)
    holding.accept(held_case.pk, second_responder, say)
    held_case.refresh_from_db()
    assert (held_case.holder, held_case.offered_to, held_case.offered_at) == (second_responder, None, None)
    assert told(held_case) == ["utter_human_changed"]
    assert history(held_case) == [(Kind.OFFERED, second_responder), (Kind.ACCEPTED, None)]
    with pytest.raises(cases.NotYours):
        cases.reply(held_case.pk, first_responder, "one more thing")


def test_who_declines_leaves_it_with_its_holder(held_case: Case, first_responder: User, second_responder: User) -> None:
    holding.offer(held_case.pk, first_responder, second_responder)
    holding.decline(held_case.pk, second_responder)
    held_case.refresh_from_db()
    assert (held_case.holder, held_case.offered_at) == (first_responder, None)
    assert told(held_case) == []
    with pytest.raises(CannotTake):
        holding.accept(held_case.pk, second_responder, say)


def test_an_offer_that_was_taken_back_cannot_be_accepted(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    holding.offer(held_case.pk, first_responder, second_responder)
    holding.withdraw(held_case.pk, first_responder)
    with pytest.raises(CannotTake):
        holding.accept(held_case.pk, second_responder, say)
    assert [kind for kind, _ in history(held_case)] == [Kind.OFFERED, Kind.WITHDRAWN]


def test_any_supervisor_can_accept_what_is_offered_to_all_and_no_responder(
    held_case: Case, first_responder: User, second_responder: User, a_supervisor: User
) -> None:
    holding.offer(held_case.pk, first_responder, None)
    with pytest.raises(CannotTake):
        holding.accept(held_case.pk, second_responder, say)
    holding.accept(held_case.pk, a_supervisor, say)
    held_case.refresh_from_db()
    assert held_case.holder == a_supervisor


def test_nobody_can_offer_what_they_do_not_hold_or_to_who_may_not_hold_it(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    with pytest.raises(cases.NotYours):
        holding.offer(held_case.pk, second_responder, first_responder)
    second_responder.groups.clear()
    for colleague in (first_responder, User.objects.get(pk=second_responder.pk)):
        with pytest.raises(CannotTake):
            holding.offer(held_case.pk, first_responder, colleague)


@pytest.mark.django_db(transaction=True)
def test_of_two_supervisors_at_the_same_moment_one_takes_it(
    held_case: Case, first_responder: User, a_supervisor: User
) -> None:
    holding.offer(held_case.pk, first_responder, None)

    def accept() -> str:
        try:
            holding.accept(held_case.pk, a_supervisor, say)
        except CannotTake:
            return "too late"
        return "taken"

    assert sorted(together(accept, accept)) == ["taken", "too late"]
    assert told(held_case) == ["utter_human_changed"]


def test_each_step_stands_in_the_audit_log(held_case: Case, first_responder: User, second_responder: User) -> None:
    """Also those that nobody of the staff took, with whose doing they were."""
    Conversation.objects.update(level=Level.IMMINENT)
    cases.raise_level(held_case, Conversation.objects.get(), None)
    holding.offer(held_case.pk, first_responder, second_responder)
    holding.accept(held_case.pk, second_responder, say)
    pass_time(LIMIT + 1)
    house_keeping()
    lines = AuditEvent.objects.filter(case_number=held_case.pk).order_by("id").values_list("user", "action", "detail")
    assert list(lines) == [
        (None, "opened", "by the assistant"),
        (first_responder.pk, "claimed", ""),
        (None, "risk", "by the assistant"),
        (first_responder.pk, "offered", ""),
        (second_responder.pk, "accepted", ""),
        (None, "released", "by itself: the holder was silent"),
    ]


# --- a silent holder


def test_who_never_writes_a_word_loses_the_case_after_the_limit(held_case: Case, first_responder: User) -> None:
    pass_time(LIMIT - 0.1)
    assert house_keeping() == []
    pass_time(0.2)
    assert house_keeping() == [True]
    held_case.refresh_from_db()
    assert (held_case.state, held_case.holder, held_case.claimed_at) == (Case.State.WAITING, None, None)
    assert Conversation.objects.get().status == Conversation.Status.WAITING
    assert told(held_case) == ["utter_back_to_queue_nobody"]
    assert history(held_case) == [(Kind.RELEASED, first_responder)]
    assert house_keeping() == []


def test_the_rest_of_the_team_is_spoken_of_only_where_there_is_one(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    """The silent holder's console may be open still, and is no help."""
    duty.go_on(second_responder)
    duty.seen(first_responder.pk)
    pass_time(LIMIT + 1)
    house_keeping()
    assert told(held_case) == ["utter_back_to_queue"]


def test_a_visitor_who_waits_for_an_answer_is_given_back(held_case: Case, first_responder: User) -> None:
    cases.reply(held_case.pk, first_responder, "I am here.")
    pass_time(60)
    assert house_keeping() == [], "the visitor has the last word to say"
    visitor_says(held_case.conversation, "are you there?")
    pass_time(LIMIT - 0.1)
    visitor_says(held_case.conversation, "hello??")
    assert house_keeping() == []
    pass_time(0.2)
    assert house_keeping() == [True]


def test_who_is_typing_is_not_silent(held_case: Case) -> None:
    pass_time(LIMIT + 1)
    Conversation.objects.update(responder_typing_at=timezone.now())
    assert house_keeping() == []
    pass_time(LIMIT + 1)
    assert house_keeping() == [True]


def test_a_reply_at_the_last_moment_keeps_the_case(held_case: Case, first_responder: User) -> None:
    """What was due when it was looked for is not any more when it is done."""
    pass_time(LIMIT + 1)
    due = holding.silent()
    cases.reply(held_case.pk, first_responder, "Sorry, I am here.")
    assert [holding.release(case_id, response_book().render) for case_id in due] == [False]


def test_a_case_that_went_back_is_paged_and_its_visitor_told_like_a_new_one(held_case: Case, settings: Any) -> None:
    settings.HELPLINE_PAGERS = [["json://localhost"]]
    pass_time(LIMIT + 1)
    assert pages.due() == []
    house_keeping()
    assert pages.due() == [held_case.pk]
    assert waiting.due() == [], "the visitor has just been told"
    pass_time(settings.HELPLINE_WAITING_MINUTES + 0.1)
    assert waiting.due() == [held_case.pk]


def test_who_takes_over_has_the_whole_limit(held_case: Case, first_responder: User, second_responder: User) -> None:
    holding.offer(held_case.pk, first_responder, second_responder)
    visitor_says(held_case.conversation, "are you there?")
    pass_time(LIMIT - 0.1)
    holding.accept(held_case.pk, second_responder, say)
    pass_time(LIMIT - 0.1)
    assert house_keeping() == []
    pass_time(0.2)
    assert house_keeping() == [True]


def test_of_the_silent_the_gravest_go_back_first(held_case: Case, new_conversation: Any, first_responder: User) -> None:
    worse = cases.open_case(new_conversation(Level.IMMINENT), None)
    assert worse
    assert cases.claim(worse.pk, first_responder, say)
    pass_time(LIMIT + 1)
    assert holding.silent() == [worse.pk, held_case.pk]


def test_an_erased_conversation_is_left_alone(held_case: Case) -> None:
    pass_time(LIMIT + 1)
    Conversation.objects.update(erased_at=timezone.now())
    assert holding.silent() == []
    with pytest.raises(outbox.Erased):
        holding.release(held_case.pk, response_book().render)
