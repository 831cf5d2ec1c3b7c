"""The page of a case: the transcript, why it was flagged, and how far each reply got."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from helpline.console import transcript
from helpline.conversations import cases, erasure, outbox
from helpline.conversations.models import AuditEvent, Case, Conversation, Message
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import say

Says = Callable[..., Message]
NewCase = Callable[..., Case]


def page(client: Client, case: Case, query: str = "") -> str:
    """Return the page of a case."""
    return client.get(f"/cases/{case.pk}/{query}").content.decode()


def test_html_in_a_message_is_text(as_responder: Client, new_case: NewCase, visitor_says: Says) -> None:
    """Whoever writes it, and wherever it is shown: text, sentence, button."""
    case = new_case()
    bad = "<script>alert(1)</script>"
    visitor_says(
        case,
        f"{bad} help",
        Level.HIGH,
        [{"signal": "x", "level": 2, "detector": bad, "sentence": bad, "words": []}],
    )
    outbox.enqueue(case.conversation_id, Reply(bad, [{"title": bad, "payload": "/x"}]), Message.Author.BOT)
    shown = page(as_responder, case)
    assert bad not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5


def test_a_flagged_message_shows_level_signal_sentence_and_marked_words(
    as_responder: Client, new_case: NewCase, visitor_says: Says
) -> None:
    """Overlapping spans of two detectors are one mark; a level may be a number or a name."""
    case = new_case()
    text = "hello. he wont wake up"
    found = {"signal": "overdose_now", "sentence": "he wont wake up"}
    visitor_says(
        case,
        text,
        Level.IMMINENT,
        [
            {**found, "level": "imminent", "detector": "patterns", "words": [[7, 14]]},
            {**found, "level": "imminent", "detector": "encoder", "words": [[10, 22]]},
        ],
    )
    shown = page(as_responder, case)
    assert "hello. <mark>he wont wake up</mark>" in shown
    assert "<strong>overdose now</strong>" in shown
    assert "<q>he wont wake up</q>" in shown
    assert "found by patterns; encoder" in shown


@pytest.mark.parametrize(
    "text, tapped, said",
    [("What is tolerance?", True, "tapped a button"), ("the 2nd one", False, "typed, taken as a choice: /tolerance")],
)
def test_a_choice_shows_how_it_was_made_and_what_a_typed_one_stands_for(
    as_responder: Client, new_case: NewCase, visitor_says: Says, text: str, tapped: bool, said: str
) -> None:
    """Of "the 2nd one" a responder must not have to guess the meaning."""
    case = new_case()
    message = visitor_says(case, text)
    plain = page(as_responder, case)
    Message.objects.filter(pk=message.pk).update(payload="/tolerance", tapped=tapped)
    assert said in page(as_responder, case)
    assert said not in plain


@pytest.mark.parametrize("state", Message.State)
def test_each_reply_shows_how_far_it_got(
    as_responder: Client, responder: User, new_case: NewCase, state: Message.State
) -> None:
    """A responder must not believe that somebody reads what never arrived."""
    case = new_case(holder=responder)
    reply = cases.reply(case.pk, responder, "I am here.")
    Message.objects.filter(pk=reply.pk).update(state=state, failure="The visitor has left the page.")
    shown = page(as_responder, case)
    place = shown[shown.index(f'id="m{reply.pk}-state"') :].split("</p>")[0]
    if state == Message.State.FAILED:
        assert "<strong>Failed:</strong> The visitor has left the page." in place
    else:
        assert state.label in place


def test_the_holder_can_reply_and_nobody_else_sees_the_box(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase
) -> None:
    """While it waits, all see the button to claim."""
    case = new_case()
    assert "Claim the case" in page(as_colleague, case)
    cases.claim(case.pk, responder, say)
    assert "Reply to the visitor" in page(as_responder, case)
    other = page(as_colleague, case)
    assert "Reply to the visitor" not in other
    assert "Held by <strong>First Responder</strong>" in other


def test_first_aid_stands_beside_an_open_case_the_gravest_first(as_responder: Client, new_case: NewCase) -> None:
    case = new_case(Level.IMMINENT, ("using_alone", "overdose_now"))
    shown = page(as_responder, case)
    aid = shown[shown.index('id="aid"') :]
    assert aid.index("<summary>Overdose</summary>") < aid.index("Using alone")
    assert "Is there naloxone?" in aid


def test_the_holder_has_replies_at_hand_with_the_countrys_lines(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase
) -> None:
    """Those for the case's signals first."""
    case = new_case(holder=responder, signals=("suicide_plan_now",))
    Conversation.objects.filter(pk=case.conversation_id).update(country="GB")
    shown = page(as_responder, case)
    ready = shown[shown.index('id="ready"') :]
    assert ready.index("For this case") < ready.index("Opening")
    assert "please call 999 first" in ready
    assert 'id="ready"' not in page(as_colleague, case)


def test_an_ended_case_is_for_reading_and_points_to_the_next(
    as_responder: Client, responder: User, new_case: NewCase
) -> None:
    """The visitor may have come back."""
    case = new_case(holder=responder)
    cases.resolve(case.pk, responder, say)
    assert "reading only" in page(as_responder, case)
    again = cases.open_case(case.conversation, None)
    assert again
    assert f'<a href="/cases/{again.pk}/">case {again.pk}</a>' in page(as_responder, case)


def test_the_history_of_the_case_is_told(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """Each step with who did it."""
    case = new_case(holder=responder)
    conversation = case.conversation
    conversation.level, conversation.signals = Level.IMMINENT, ["overdose_now"]
    conversation.save()
    cases.open_case(conversation, None)
    shown = page(as_responder, case)
    for words in (
        "<strong>Opened</strong>",
        "<strong>Claimed</strong> by First Responder",
        "imminent: overdose now",
    ):
        assert words in shown


def test_a_visitor_who_types_is_shown_to_type(as_responder: Client, new_case: NewCase) -> None:
    """For five seconds after the last key."""
    case = new_case()
    typing = Conversation.objects.filter(pk=case.conversation_id)
    typing.update(visitor_typing_at=timezone.now())
    assert 'id="typing" class="typing" >' in page(as_responder, case)
    typing.update(visitor_typing_at=timezone.now() - timedelta(seconds=6))
    assert 'id="typing" class="typing" hidden>' in page(as_responder, case)


def test_a_long_conversation_is_shown_from_its_end(
    as_responder: Client, new_case: NewCase, visitor_says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the rest on request."""
    monkeypatch.setattr(transcript, "SHOWN", 3)
    case = new_case()
    for number in range(5):
        visitor_says(case, f"message number {number}")
    shown = page(as_responder, case)
    assert "Show the 2 earlier messages</a>" in shown
    assert ("message number 1" in shown, "message number 2" in shown) == (False, True)
    assert "message number 0" in page(as_responder, case, "?all")
    monkeypatch.setattr(transcript, "SHOWN", 4)
    assert "Show the 1 earlier message</a>" in page(as_responder, case)


def test_the_course_of_the_danger_is_of_all_messages_and_leads_to_each(
    as_responder: Client, new_case: NewCase, visitor_says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To an early one in the whole of the conversation; what was said in between by others is not counted."""
    monkeypatch.setattr(transcript, "SHOWN", 2)
    case = new_case()
    first = visitor_says(case, "he wont wake up", Level.IMMINENT)
    visitor_says(case, "wait")
    outbox.enqueue(case.conversation_id, Reply("Is he breathing?"), Message.Author.BOT)
    last = visitor_says(case, "yes but alone now", Level.HIGH)
    for query, early in (("", "?all"), ("?all", "")):
        shown = page(as_responder, case, query)
        course = shown[shown.index('id="course"') : shown.index('id="notes"')]
        assert re.findall(r'href="(\S*)" class="step step-(\w+)"', " ".join(course.split())) == [
            (f"{early}#m{first.pk}", "imminent"),
            (f"#m{last.pk}", "high"),
        ]
        assert course.count("<li>") == 3


def test_an_erased_conversation_says_so(
    as_responder: Client, responder: User, new_case: NewCase, visitor_says: Says
) -> None:
    """Asked for during a case, it is announced; done at the case's end, it is told."""
    case = new_case(holder=responder)
    visitor_says(case, "my name is Alex")
    assert erasure.ask(case.conversation_id) is False
    assert "has asked to have this conversation erased" in page(as_responder, case)
    cases.resolve(case.pk, responder, say)
    shown = page(as_responder, case)
    assert "Alex" not in shown
    assert "were erased" in shown
    assert "at the visitor&#x27;s wish" in shown or "at the visitor's wish" in shown


def test_each_fact_has_a_name_of_its_own(as_responder: Client, responder: User, new_case: NewCase) -> None:
    """And a language has one that people know."""
    case = new_case(holder=responder)
    cases.resolve(case.pk, responder, say)
    Case.objects.filter(pk=case.pk).update(helped=Case.Helped.YES)
    Conversation.objects.filter(pk=case.conversation_id).update(language="en")
    shown = " ".join(page(as_responder, case).split())
    assert "<dt>Did it help?</dt> <dd> It helped </dd>" in shown
    assert "<dt>Language</dt> <dd> English </dd>" in shown
    assert shown.count("<dt>Visitor</dt>") == 1


def test_reading_a_transcript_leaves_a_line_without_its_words(
    as_responder: Client, responder: User, new_case: NewCase, visitor_says: Says
) -> None:
    """One line for the page, however often it then changes."""
    case = new_case()
    visitor_says(case, "my name is Alex")
    as_responder.get(f"/cases/{case.pk}/")
    as_responder.get(f"/cases/{case.pk}/transcript")
    lines = AuditEvent.objects.filter(user=responder).exclude(action="logged in")
    assert list(lines.values_list("action", "case_number", "detail")) == [("read the case", case.pk, "")]


@pytest.mark.parametrize("query", ["", "?all"])
def test_a_part_without_its_page_leaves_a_line_as_well(
    as_responder: Client, as_colleague: Client, responder: User, new_case: NewCase, visitor_says: Says, query: str
) -> None:
    """Who knows the address reads as much there; and what a colleague read is no line of theirs."""
    case, other = new_case(), new_case()
    visitor_says(case, "my name is Alex")
    as_colleague.get(f"/cases/{case.pk}/")
    as_responder.get(f"/cases/{other.pk}/")
    assert "my name is Alex" in as_responder.get(f"/cases/{case.pk}/transcript{query}").content.decode()
    assert AuditEvent.objects.filter(user=responder, action="read the case", case_number=case.pk).count() == 1


def test_a_refused_reply_shows_a_colleagues_case_and_leaves_a_line(
    as_responder: Client, responder: User, colleague: User, new_case: NewCase, visitor_says: Says
) -> None:
    case = new_case(holder=colleague)
    visitor_says(case, "my name is Alex")
    refused = as_responder.post(f"/cases/{case.pk}/reply", {"text": "Hello"}, headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "my name is Alex" in refused.content.decode()
    assert AuditEvent.objects.filter(user=responder, action="read the case", case_number=case.pk).count() == 1


def test_a_page_that_stays_open_is_noted_again_after_a_while(
    as_responder: Client, responder: User, new_case: NewCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came an hour after the page was read by somebody too."""
    case = new_case()
    as_responder.get(f"/cases/{case.pk}/")
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    for _ in range(2):
        as_responder.get(f"/cases/{case.pk}/transcript")
    assert AuditEvent.objects.filter(user=responder, action="read the case", case_number=case.pk).count() == 2


def test_a_case_that_is_not_there_is_a_page_that_says_so(as_responder: Client) -> None:
    """Of the page, the part and every action."""
    for address in ("/cases/99/", "/cases/99/transcript"):
        assert as_responder.get(address).status_code == 404
    for action in ("claim", "reply", "return", "resolve"):
        assert as_responder.post(f"/cases/99/{action}", {"text": "x"}).status_code == 404
    assert "no such page" in as_responder.get("/cases/99/").content.decode()


def test_what_the_visitor_mentioned_is_shown_in_words(as_responder: Client, new_case: NewCase) -> None:
    """Only what was mentioned; and nothing that the visitor writes can be markup."""
    case = new_case()
    both = ["alcohol", "heroin"]
    Conversation.objects.filter(pk=case.conversation_id).update(
        slots={"substance": both, "time_since_use": "<b>6 months</b>", "about": "other", "else": "not shown"}
    )
    shown = " ".join(page(as_responder, case).split())
    assert "<dt>Substance</dt> <dd> alcohol, heroin </dd>" in shown
    assert "<dt>Time since use</dt> <dd> &lt;b&gt;6 months&lt;/b&gt; </dd>" in shown
    assert "<dt>It is about</dt> <dd> someone else </dd>" in shown
    assert "not shown" not in shown


def test_nothing_is_said_to_be_mentioned_where_nothing_was(as_responder: Client, new_case: NewCase) -> None:
    assert "Substance" not in page(as_responder, new_case())
