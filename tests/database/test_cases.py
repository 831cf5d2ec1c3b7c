"""The life of a case: one at a time, held by one person, and its history complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from helpline.conversations import cases, outbox
from helpline.conversations.models import Case, CaseEvent, Conversation, Message
from helpline.risk.levels import Level

from .conftest import say, together, visitor_says

Kind = CaseEvent.Kind
Status = Conversation.Status
Step = Callable[[int, Any, Any], None]


def history(case: Case) -> list[str]:
    """Return the kinds of what happened to a case, in order."""
    return list(case.events.values_list("kind", flat=True))


def told(conversation: Conversation) -> list[str]:
    """Return what the visitor was told by the system, as names of responses."""
    rows = Message.objects.filter(conversation=conversation, author=Message.Author.SYSTEM)
    return list(rows.values_list("response", flat=True))


@pytest.mark.django_db
def test_opening_a_case_takes_the_conversations_danger_and_has_it_wait(
    new_conversation: Callable[..., Conversation],
) -> None:
    """The history names the message that was the cause."""
    conversation = new_conversation(Level.IMMINENT, ("overdose_now",))
    message = visitor_says(conversation, "he is not breathing")
    case = cases.open_case(conversation, message)
    assert case
    assert (case.level, case.signals, case.state) == (Level.IMMINENT, ["overdose_now"], Case.State.WAITING)
    event = case.events.get()
    assert (event.kind, event.message, event.level) == (Kind.OPENED, message, Level.IMMINENT)
    conversation.refresh_from_db()
    assert conversation.status == Status.WAITING


@pytest.mark.django_db
def test_a_second_case_is_not_opened_but_the_first_is_raised(waiting_case: Case) -> None:
    """Graver news goes into the open case, with a line in its history."""
    conversation = waiting_case.conversation
    Conversation.objects.filter(pk=conversation.pk).update(
        level=Level.IMMINENT, signals=["using_alone", "overdose_now"]
    )
    message = visitor_says(conversation, "now he does not wake up")
    assert cases.open_case(conversation, message) is None
    waiting_case.refresh_from_db()
    assert (waiting_case.level, waiting_case.signals) == (Level.IMMINENT, ["using_alone", "overdose_now"])
    assert history(waiting_case) == [Kind.OPENED, Kind.RISK]
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_the_same_danger_again_leaves_no_line_in_the_history(waiting_case: Case) -> None:
    """A history full of repetitions hides what changed."""
    assert cases.open_case(waiting_case.conversation, None) is None
    assert history(waiting_case) == [Kind.OPENED]


@pytest.mark.django_db
def test_opening_again_leaves_a_held_case_with_its_holder(held_case: Case, first_responder: User) -> None:
    """New danger in a conversation that somebody holds does not take it from them."""
    Conversation.objects.filter(pk=held_case.conversation_id).update(level=Level.IMMINENT)
    assert cases.open_case(held_case.conversation, None) is None
    held_case.refresh_from_db()
    assert (held_case.level, held_case.state, held_case.holder) == (Level.IMMINENT, Case.State.HELD, first_responder)
    assert Conversation.objects.get(pk=held_case.conversation_id).status == Status.HUMAN


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_open_a_case_open_one(new_conversation: Callable[..., Conversation]) -> None:
    """The turn and the watchdog may both see that a person is due."""
    key = new_conversation(Level.HIGH, ("using_alone",)).key

    def open_it() -> Case | None:
        return cases.open_case(Conversation.objects.get(key=key), None)

    assert len([case for case in together(open_it, open_it) if case]) == 1
    assert history(Case.objects.get()) == [Kind.OPENED]


@pytest.mark.django_db
def test_the_database_itself_refuses_a_second_open_case(waiting_case: Case) -> None:
    """Whatever the code does, two people never work on two cases of one visitor."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.create(conversation=waiting_case.conversation)


@pytest.mark.django_db(transaction=True)
def test_of_two_responders_who_claim_at_once_exactly_one_gets_the_case(
    waiting_case: Case, first_responder: User, second_responder: User
) -> None:
    """The visitor hears once that a person is here."""
    results = together(
        lambda: cases.claim(waiting_case.pk, first_responder, say),
        lambda: cases.claim(waiting_case.pk, second_responder, say),
    )
    assert sorted(results) == [False, True]
    waiting_case.refresh_from_db()
    assert waiting_case.holder == (first_responder if results[0] else second_responder)
    assert history(waiting_case) == [Kind.OPENED, Kind.CLAIMED]
    assert waiting_case.events.get(kind=Kind.CLAIMED).actor == waiting_case.holder
    assert told(waiting_case.conversation) == ["utter_human_joined"]


@pytest.mark.django_db
def test_claiming_gives_the_conversation_to_a_person(held_case: Case) -> None:
    """From now on the assistant is silent."""
    conversation = Conversation.objects.get(pk=held_case.conversation_id)
    assert conversation.status == Status.HUMAN
    assert held_case.claimed_at


@pytest.mark.django_db
def test_a_case_that_is_held_or_ended_cannot_be_claimed(
    held_case: Case, first_responder: User, second_responder: User
) -> None:
    """The second click changes nothing."""
    assert not cases.claim(held_case.pk, second_responder, say)
    cases.resolve(held_case.pk, first_responder, say)
    assert not cases.claim(held_case.pk, second_responder, say)
    held_case.refresh_from_db()
    assert held_case.holder == first_responder
    assert history(held_case) == [Kind.OPENED, Kind.CLAIMED, Kind.RESOLVED]


@pytest.mark.django_db
def test_a_reply_of_the_holder_is_queued_for_the_visitor(held_case: Case, first_responder: User) -> None:
    """It is a row of the outbox like any other, with the name of who wrote it."""
    message = cases.reply(held_case.pk, first_responder, "I am here. What happened?")
    assert (message.author, message.sender, message.state) == ("responder", first_responder, Message.State.QUEUED)
    assert message.seq == 2


@pytest.mark.django_db
def test_a_reply_that_is_sent_again_with_its_key_comes_once(held_case: Case, first_responder: User) -> None:
    """The connection broke, and nobody knows whether it was taken."""
    first = cases.reply(held_case.pk, first_responder, "Are you there?", "a key")
    assert cases.reply(held_case.pk, first_responder, "Are you there?", "a key") == first
    others = [
        cases.reply(held_case.pk, first_responder, "Are you still there?", "a key"),
        cases.reply(held_case.pk, first_responder, "Are you there?", "another key"),
        cases.reply(held_case.pk, first_responder, "Are you there?"),
        cases.reply(held_case.pk, first_responder, "Are you there?"),
    ]
    assert [one.seq for one in (first, *others)] == [2, 3, 4, 5, 6]


@pytest.mark.django_db
@pytest.mark.parametrize("step", [cases.return_to_assistant, cases.resolve])
def test_only_the_holder_may_reply_or_end_a_case(step: Step, held_case: Case, second_responder: User) -> None:
    """Nobody ends a talk that somebody else is in."""
    with pytest.raises(cases.NotYours):
        step(held_case.pk, second_responder, say)
    with pytest.raises(cases.NotYours):
        cases.reply(held_case.pk, second_responder, "hello")
    held_case.refresh_from_db()
    assert held_case.state == Case.State.HELD
    assert history(held_case) == [Kind.OPENED, Kind.CLAIMED]
    assert told(held_case.conversation) == ["utter_human_joined"]


@pytest.mark.django_db
def test_a_case_that_nobody_holds_is_not_yours(waiting_case: Case, first_responder: User) -> None:
    """It has to be claimed first."""
    with pytest.raises(cases.NotYours):
        cases.reply(waiting_case.pk, first_responder, "hello")
    with pytest.raises(cases.NotYours):
        cases.resolve(waiting_case.pk, first_responder, say)


ENDS = [
    (cases.return_to_assistant, Case.State.RETURNED, Status.BOT, Kind.RETURNED, ["utter_returned_to_assistant"]),
    (
        cases.resolve,
        Case.State.RESOLVED,
        Status.CLOSED,
        Kind.RESOLVED,
        ["utter_case_resolved", "utter_ask_helped"],
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("step", "state", "status", "kind", "farewell"), ENDS)
def test_the_end_of_a_case_resets_the_danger_and_tells_the_visitor(
    step: Step, state: str, status: str, kind: str, farewell: list[str], held_case: Case, first_responder: User
) -> None:
    """Only here does a level fall; the history keeps what it was."""
    step(held_case.pk, first_responder, say)
    held_case.refresh_from_db()
    conversation = Conversation.objects.get(pk=held_case.conversation_id)
    assert (conversation.level, conversation.signals, conversation.status) == (Level.NONE, [], status)
    assert held_case.state == state
    assert held_case.ended_at
    assert told(conversation) == ["utter_human_joined", *farewell]
    assert history(held_case) == [Kind.OPENED, Kind.CLAIMED, kind]
    event = held_case.events.get(kind=kind)
    assert (event.actor, event.level, event.signals) == (first_responder, Level.HIGH, ["using_alone"])


@pytest.mark.django_db
@pytest.mark.parametrize("step", [cases.return_to_assistant, cases.resolve])
def test_an_ended_case_is_nobodys_any_more(step: Step, held_case: Case, first_responder: User) -> None:
    """A reply that was being typed is refused, not sent into a closed conversation."""
    step(held_case.pk, first_responder, say)
    with pytest.raises(cases.NotYours):
        cases.reply(held_case.pk, first_responder, "one more thing")
    with pytest.raises(cases.NotYours):
        step(held_case.pk, first_responder, say)


@pytest.mark.django_db
def test_new_danger_after_the_end_opens_a_new_case(held_case: Case, first_responder: User) -> None:
    """What was settled does not stand in the way of what is not."""
    cases.return_to_assistant(held_case.pk, first_responder, say)
    Conversation.objects.filter(pk=held_case.conversation_id).update(level=Level.IMMINENT, signals=["overdose_now"])
    again = cases.open_case(held_case.conversation, None)
    assert again
    assert again.pk != held_case.pk
    assert again.signals == ["overdose_now"]


@pytest.mark.django_db
def test_a_step_that_fails_half_way_leaves_nothing_behind(waiting_case: Case, first_responder: User) -> None:
    """A case is not held by somebody of whom the visitor never heard."""

    def broken(key: str) -> Any:
        raise KeyError(key)

    with pytest.raises(KeyError):
        cases.claim(waiting_case.pk, first_responder, broken)
    waiting_case.refresh_from_db()
    assert (waiting_case.state, waiting_case.holder) == (Case.State.WAITING, None)
    assert history(waiting_case) == [Kind.OPENED]
    assert outbox.next_seq(waiting_case.conversation_id) == 1
