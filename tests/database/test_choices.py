"""A button is chosen by typing its title or its number, and by nothing that only comes near."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message
from helpline.intake.choices import fold, offered_title, typed_choice
from helpline.responses.reply import Reply

from .conftest import visitor_says

pytestmark = pytest.mark.django_db
CALL = {"title": "Call 911", "url": "tel:911"}
TOLERANCE = {"title": "What's tolerance?", "payload": "/tolerance"}
RATE = {"title": "How common is relapse?", "payload": "/relapse_rate"}
SIGNS = {"title": "The warning signs", "payload": "/warning_signs"}
PERSON = {"title": "Talk to a person", "payload": "/request_human"}


def offer(conversation: Conversation, *buttons: dict[str, str], author: str = Message.Author.BOT) -> None:
    """Write a row of the helpline with these buttons."""
    outbox.enqueue(conversation.pk, Reply("said", list(buttons)), author)


@pytest.fixture
def answered(conversation: Conversation) -> Conversation:
    """Return a conversation whose one question was answered with a line to call and three related questions."""
    visitor_says(conversation, "what is heroin")
    offer(conversation, CALL, TOLERANCE, RATE, SIGNS)
    return conversation


@pytest.mark.parametrize(
    "typed",
    [
        "What's tolerance?",
        "  what’s  TOLERANCE ",
        "whats tolerance!!",
        "and what's tolerance?",
        "And the what’s tolerance",
        "What´s tolerance.",
        "“What's tolerance?”",
    ],
)
def test_a_title_is_known_whatever_its_case_and_marks(answered: Conversation, typed: str) -> None:
    assert typed_choice(answered.pk, typed) == "/tolerance"


def test_a_title_may_go_without_its_own_article(answered: Conversation) -> None:
    assert typed_choice(answered.pk, "warning signs") == "/warning_signs"


@pytest.mark.parametrize(
    "typed, payload",
    [
        ("1", "/tolerance"),
        ("2.", "/relapse_rate"),
        (" (3) ", "/warning_signs"),
        ("#2", "/relapse_rate"),
        ("２", "/relapse_rate"),
        ("2️⃣", "/relapse_rate"),
        ("number 2", "/relapse_rate"),
        ("Number two", "/relapse_rate"),
        ("option 3 please", "/warning_signs"),
        ("first", "/tolerance"),
        ("the second one", "/relapse_rate"),
        ("and the second one?", "/relapse_rate"),
        ("The 3rd one, please!", "/warning_signs"),
        ("last one", "/warning_signs"),
        ("the last", "/warning_signs"),
    ],
)
def test_a_number_counts_the_buttons_and_not_the_lines_to_call(
    answered: Conversation, typed: str, payload: str
) -> None:
    assert typed_choice(answered.pk, typed) == payload


@pytest.mark.parametrize(
    "typed",
    [
        *("no", "yes", "ok", "and", "the", "one", "two", "call 911", "tolerance", "what's tolerance to alcohol?"),
        *("0", "4", "4th", "the tenth one", "number four", "99", "911", "1.5", "2 3", "1 or 2", "2 weeks", "?", ""),
        *("for the second time", "my last one", "the last one killed him", "second thoughts", "2" * 5000),
    ],
)
def test_what_only_comes_near_is_no_choice(answered: Conversation, typed: str) -> None:
    """Beyond the number of buttons, a line to call, or a word of agreement."""
    assert typed_choice(answered.pk, typed) == ""


def test_yes_and_no_choose_the_buttons_that_are_called_so(conversation: Conversation) -> None:
    offer(conversation, {"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"})
    assert [typed_choice(conversation.pk, word) for word in ("yes.", "NO", "ok")] == ["/affirm", "/deny", ""]


def test_buttons_of_all_rows_since_the_visitor_wrote_are_counted_as_they_are_seen(answered: Conversation) -> None:
    offer(answered)
    offer(answered, CALL, PERSON)
    assert typed_choice(answered.pk, "the first") == "/tolerance"
    assert typed_choice(answered.pk, "4") == typed_choice(answered.pk, "the last one") == "/request_human"


def test_a_new_offer_takes_the_numbers_over(answered: Conversation) -> None:
    visitor_says(answered, "what is tolerance")
    offer(answered, RATE, PERSON)
    assert typed_choice(answered.pk, "and the second one?") == "/request_human"
    assert typed_choice(answered.pk, "3") == ""


@pytest.mark.parametrize("author", [Message.Author.VISITOR, Message.Author.RESPONDER])
def test_after_a_persons_words_a_number_answers_them_and_a_title_still_chooses(
    answered: Conversation, author: Any
) -> None:
    """ "How many did he take?" "2" must not become a question about relapse."""
    if author == Message.Author.VISITOR:
        visitor_says(answered, "he took some pills")
    else:
        offer(answered, author=author)
    assert typed_choice(answered.pk, "2") == typed_choice(answered.pk, "the last one") == ""
    assert typed_choice(answered.pk, RATE["title"]) == "/relapse_rate"


def test_a_title_of_long_ago_is_forgotten_with_its_payload(answered: Conversation) -> None:
    """Typing reaches as far back as tapping."""
    for _ in range(49):
        offer(answered)
    assert typed_choice(answered.pk, RATE["title"]) == "/relapse_rate"
    assert offered_title(answered.pk, "/relapse_rate") == RATE["title"]
    offer(answered)
    assert typed_choice(answered.pk, RATE["title"]) == ""
    assert offered_title(answered.pk, "/relapse_rate") is None


def test_of_two_payloads_with_one_title_the_latest_is_chosen(answered: Conversation) -> None:
    offer(answered, {"title": RATE["title"], "payload": "/newer"})
    assert typed_choice(answered.pk, RATE["title"]) == "/newer"


def test_what_another_visitor_was_offered_is_no_choice(answered: Conversation, new_conversation: Any) -> None:
    other = new_conversation()
    assert typed_choice(other.pk, "1") == typed_choice(other.pk, TOLERANCE["title"]) == ""


def test_what_had_a_payload_before_typing_chose_was_tapped(answered: Conversation) -> None:
    """Messages in work during an update are then treated as they would have been."""
    tap, words = visitor_says(answered, RATE["title"]), visitor_says(answered, "thanks")
    Message.objects.filter(pk=tap.pk).update(payload="/relapse_rate")
    import_module("helpline.conversations.migrations.0002_message_tapped").mark_taps(apps, None)
    assert list(Message.objects.filter(tapped=True)) == [tap]
    assert words.payload == ""


def test_nothing_is_left_of_marks_alone() -> None:
    assert fold(" ?! – … ") == ""
