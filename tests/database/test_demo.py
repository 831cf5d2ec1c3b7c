"""The made-up week looks as if the product had written it, its numbers hold together, and its words are in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from helpline.console.marking import spans
from helpline.conversations import outbox
from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, FlagReview, Message, Note, Page
from helpline.conversations.outbox import Place
from helpline.intake import inbound, safety_question
from helpline.intake.waiting import NOBODY_FREE, pause
from helpline.operations.demo.command import fill
from helpline.operations.demo.script import FILE, load_week
from helpline.responses.book import response_book
from helpline.risk.levels import Level
from helpline.risk.signals import signals

WEEK = load_week(FILE, signals())
Author, State, Kind = Message.Author, Case.State, CaseEvent.Kind


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """Fill the database once for all that looks at it here, and take it all back; return when that was."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        yield timezone.now()
        transaction.set_rollback(True)


def told(kind: str) -> set[str]:
    """What the file has of a kind of turn, filled in for every country that it speaks of."""
    countries = {WEEK.country, *(story.country for story in WEEK.stories if story.country)}
    texts = [turn.text for story in WEEK.stories for turn in story.turns if turn.kind == kind]
    return {text.format_map(response_book().words(country)) for text in texts for country in countries}


def messages_of(case: Case) -> list[Message]:
    return list(Message.objects.filter(conversation=case.conversation_id).order_by("seq"))


def test_there_is_a_week_of_conversations_up_to_now(filled: datetime) -> None:
    times = list(Conversation.objects.values_list("created_at", flat=True))
    assert 250 <= len(times) <= 350
    assert min(times) > filled - timedelta(days=7, minutes=5)
    assert filled - max(times) < timedelta(minutes=10)
    assert len({at.date() for at in times}) >= 7


def test_more_write_in_the_evening_than_at_night() -> None:
    hours = Counter(at.hour for at in Conversation.objects.values_list("created_at", flat=True))
    assert sum(hours[hour] for hour in range(18, 24)) > 2 * sum(hours[hour] for hour in range(1, 7))


@pytest.mark.parametrize("kind", [Conversation, Message, Case, CaseEvent, Page, Note, FlagReview, AuditEvent])
def test_numbers_grow_with_time_and_nothing_lies_in_the_future(kind: Any, filled: datetime) -> None:
    field = {Conversation: "created_at", Case: "opened_at"}.get(kind, "at")
    times = list(kind.objects.order_by("pk").values_list(field, flat=True))
    assert times
    assert times == sorted(times)
    assert times[-1] <= filled


def test_what_comes_later_gets_the_present_again(filled: datetime) -> None:
    """The times of the week are given by a way round Django, which must not stay open."""
    conversation = Conversation.objects.create(key="web-later", created_at=filled - timedelta(days=3))
    assert conversation.created_at >= filled
    conversation.delete()


def test_the_messages_of_each_conversation_are_numbered_without_a_gap_and_in_time() -> None:
    for conversation in Conversation.objects.prefetch_related("messages"):
        messages = list(conversation.messages.all())
        assert [message.seq for message in messages] == list(range(1, conversation.last_seq + 1))
        assert all(one.at < other.at for one, other in pairwise(messages))
        assert messages[0].response == "utter_welcome"
        assert messages[0].at == conversation.created_at


def test_every_signal_is_there() -> None:
    found = {one["signal"] for findings in Message.objects.values_list("findings", flat=True) for one in findings}
    assert found == set(signals())


def test_a_message_is_as_grave_as_its_gravest_finding_and_its_words_stand_in_it() -> None:
    for message in Message.objects.filter(author=Author.VISITOR, conversation__erased_at=None):
        levels = [Level.named(found["level"]) for found in message.findings]
        assert message.level == max(levels, default=Level.NONE)
        assert levels == sorted(levels, reverse=True)
        for start, end in spans(message.findings):
            assert 0 <= start < end <= len(message.text)
        assert all(found["sentence"] in message.text for found in message.findings)
        assert message.assessed_at
        assert message.processed_at


def test_a_case_is_as_grave_as_its_gravest_message_and_has_all_their_signals() -> None:
    for case in Case.objects.filter(conversation__erased_at=None):
        heard = [message for message in messages_of(case) if message.author == Author.VISITOR]
        assert case.level == max(message.level for message in heard)
        assert case.signals == list(dict.fromkeys(one["signal"] for message in heard for one in message.findings))


def test_the_history_of_a_case_is_in_order_and_agrees_with_it() -> None:
    ends = {State.RETURNED: Kind.RETURNED, State.RESOLVED: Kind.RESOLVED}
    for case in Case.objects.select_related("conversation").prefetch_related("events"):
        events = list(case.events.all())
        kinds = [event.kind for event in events if event.kind not in (Kind.RISK, Kind.ERASED)]
        due = [Kind.OPENED]
        due += [] if case.state == State.WAITING else [Kind.CLAIMED]
        due += [ends[State(case.state)]] if case.state in ends else []
        assert kinds == due
        times = [event.at for event in events]
        assert times == sorted(times)
        assert times[0] == case.opened_at
        assert (case.claimed_at is None) == (case.state == State.WAITING) == (case.holder is None)
        assert (case.ended_at is None) == (case.state in Case.OPEN)
        assert events[0].message is not None
        assert (Kind.ERASED in [event.kind for event in events]) == (case.conversation.erased_at is not None)


def test_a_conversation_stands_where_its_case_left_it() -> None:
    status = {State.WAITING: "waiting", State.HELD: "human", State.RETURNED: "bot", State.RESOLVED: "closed"}
    for case in Case.objects.select_related("conversation"):
        if case.conversation.erased_at is None:
            assert case.conversation.status == status[State(case.state)]
            still = case.state in Case.OPEN
            assert case.conversation.level == (case.level if still else Level.NONE)
            assert case.conversation.signals == (case.signals if still else [])
    assert not Conversation.objects.filter(cases=None, status__in=["waiting", "human"]).exists()


def test_what_answers_grave_danger_is_its_crisis_text() -> None:
    grave = Message.objects.filter(level__gte=Level.HIGH)
    assert grave.exists()
    for message in grave:
        replies = dict(message.replies.values_list("ordinal", "response"))
        assert message.case_due
        assert replies[Place.CRISIS] == message.crisis_response
        assert response_book().is_crisis(message.crisis_response)


def test_a_reply_comes_after_what_it_answers_in_the_same_conversation() -> None:
    replies = Message.objects.exclude(answers=None).select_related("answers")
    assert replies.count() > 500
    for reply in replies:
        assert reply.answers
        assert reply.answers.conversation_id == reply.conversation_id
        assert reply.answers.seq < reply.seq
        assert reply.answers.author == Author.VISITOR


def test_whatever_goes_to_the_visitor_has_a_state_and_nothing_is_left_to_do() -> None:
    assert not Message.objects.filter(author=Author.VISITOR).exclude(state="").exists()
    assert not Message.objects.exclude(author=Author.VISITOR).filter(state="").exists()
    assert outbox.give_up_before(timezone.now() - timedelta(minutes=30)) == 0
    assert inbound.take_over("me", at_start=True) == []
    assert safety_question.unanswered() == []


def test_some_replies_did_not_arrive_and_say_why() -> None:
    failed = Message.objects.filter(state=Message.State.FAILED)
    assert failed.exists()
    assert set(failed.values_list("author", "failure")) == {(Author.RESPONDER, "The visitor has left the page.")}


def test_who_waited_long_was_told_so_in_time() -> None:
    sayings = Message.objects.filter(response__in=NOBODY_FREE.values()).order_by("seq")
    assert sayings.exists()
    for case in Case.objects.filter(conversation__messages__in=sayings).distinct():
        first = sayings.filter(conversation=case.conversation_id)[0]
        assert first.at - case.opened_at == timedelta(seconds=pause(0))
        assert first.response == NOBODY_FREE[Level(case.level)]


def test_what_was_written_is_in_the_file() -> None:
    """All that people say, word for word; all else is from the responses."""
    assert set(Message.objects.filter(author=Author.RESPONDER).values_list("text", flat=True)) - {""} <= told(
        "responder"
    )
    typed = Message.objects.filter(author=Author.VISITOR, tapped=False, conversation__erased_at=None)
    assert set(typed.values_list("text", flat=True)) == {
        turn.text for story in WEEK.stories for turn in story.turns if turn.kind == "visitor"
        if not story.erased or story.began is not None
    }  # fmt: skip
    assert set(Note.objects.values_list("text", flat=True)) == told("note")
    summaries = {story.summary for story in WEEK.stories}
    assert set(Case.objects.values_list("summary", flat=True)) <= summaries | {""}
    assert {tag for tags in Case.objects.values_list("tags", flat=True) for tag in tags} == {
        tag for story in WEEK.stories for tag in story.tags
    }


def test_what_the_helpline_says_by_itself_is_from_the_responses() -> None:
    book = response_book()
    said = Message.objects.filter(author__in=[Author.BOT, Author.SYSTEM], conversation__erased_at=None)
    of = ("conversation__country", "conversation__language")
    for response, text, country, language in set(said.values_list("response", "text", *of)):
        wordings, reply = [], book.render(response, country, (), language)
        while reply.text not in wordings:
            wordings.insert(0, reply.text)
            reply = book.render(response, country, wordings, language)
        assert text in wordings


def test_of_what_was_erased_no_word_is_left() -> None:
    erased = Conversation.objects.exclude(erased_at=None)
    assert erased.count() >= 3
    for conversation in erased:
        assert conversation.status == Conversation.Status.CLOSED
        assert (conversation.slots, conversation.signals) == ({}, [])
        for message in conversation.messages.all():
            assert (message.text, message.buttons, message.findings, message.payload) == ("", [], [], "")
            assert message.client_id is None
    assert not Note.objects.filter(case__conversation__in=erased).exists()
    assert set(Case.objects.filter(conversation__in=erased).values_list("summary", flat=True)) == {""}


def test_the_queue_has_all_kinds_of_open_case_and_one_that_is_to_be_erased() -> None:
    waiting = set(Case.objects.filter(state=State.WAITING).values_list("level", flat=True))
    assert waiting == {Level.NONE, Level.ELEVATED, Level.HIGH, Level.IMMINENT}
    assert Case.objects.filter(state=State.HELD).count() >= 3
    assert Conversation.objects.filter(erased_at=None, cases__state=State.HELD).exclude(erase_asked_at=None).exists()


def test_ended_cases_have_all_outcomes_and_what_visitors_said_of_them() -> None:
    ended = Case.objects.exclude(state__in=Case.OPEN)
    assert set(ended.values_list("outcome", flat=True)) == set(Case.Outcome.values)
    assert set(ended.values_list("helped", flat=True)) == {"", *Case.Helped.values}


def test_grave_cases_were_paged_and_one_page_failed() -> None:
    assert not Page.objects.filter(case__level__lt=Level.HIGH).exists()
    assert not Case.objects.filter(level__gte=Level.HIGH, pages=None).exists()
    assert Page.objects.filter(state=Page.State.FAILED).count() == 1
    for page in Page.objects.select_related("case"):
        assert page.case.claimed_at is None or page.at <= page.case.claimed_at


def test_the_audit_log_knows_of_every_step() -> None:
    logged = Counter(AuditEvent.objects.values_list("action", "case_number", "user_id"))
    for event in CaseEvent.objects.exclude(kind__in=[Kind.RISK, Kind.ERASED]):
        assert logged[event.kind, event.case_id, event.actor_id] == 1
    replied = Counter(Message.objects.filter(author=Author.RESPONDER).values_list("conversation__cases", "sender_id"))
    assert replied == {key[1:]: count for key, count in logged.items() if key[0] == "replied"}


def test_reviews_are_a_supervisors_and_of_every_verdict() -> None:
    reviews = FlagReview.objects.select_related("message", "reviewer")
    assert {review.verdict for review in reviews} == set(FlagReview.Verdict.values)
    for review in reviews:
        assert review.reviewer
        assert review.reviewer.username == "demo-supervisor"
        assert review.at > review.message.at
        if review.verdict == FlagReview.Verdict.RIGHT:
            assert review.level == review.message.level
            assert review.signal == review.message.findings[0]["signal"]
        else:
            assert review.level != review.message.level
