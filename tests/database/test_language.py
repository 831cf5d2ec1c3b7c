"""Intake fills in the language that a visitor writes in, changes it slowly, and has them told once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from helpline.conversations import duty, outbox
from helpline.conversations.models import Case, Conversation, Message
from helpline.intake.choices import NO, YES, typed_choice
from helpline.intake.judgement import record
from helpline.intake.language import NOTE, NOTE_NOBODY, note_due, settle
from helpline.intake.watchdog import make_good
from helpline.responses.book import response_book
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level

from .conftest import visitor_says

pytestmark = pytest.mark.django_db(transaction=True)
OVERDOSE = Assessment(Level.IMMINENT, (Finding("overdose_now", Level.IMMINENT, "words", "no respira"),))
LANGUAGES = response_book().languages()
SPANISH = "necesito ayuda con mi hermano"
ENGLISH = "i need help with my brother please"


def says(conversation: Conversation, text: str, assessment: Assessment | None = None) -> str:
    """Have the visitor write, and intake judge it; return the conversation's language after it."""
    return record(visitor_says(conversation, text), assessment or Assessment()).conversation.language


def test_the_first_clear_message_decides(conversation: Conversation) -> None:
    assert [says(conversation, text) for text in ("hola", SPANISH)] == ["", "es"]
    conversation.refresh_from_db()
    assert conversation.language == "es"


def test_words_that_say_nothing_by_themselves_may_say_it_together(conversation: Conversation) -> None:
    assert [says(conversation, text) for text in ("hola", "si", "mi hermano")] == ["", "", "es"]


def test_a_word_of_another_language_changes_nothing(conversation: Conversation) -> None:
    says(conversation, ENGLISH)
    assert {says(conversation, text) for text in ("si", "no", "hola", "ok", "mi abuela says hi to you")} == {"en"}


def test_two_clear_messages_change_it(conversation: Conversation) -> None:
    says(conversation, ENGLISH)
    assert [says(conversation, text) for text in (SPANISH, "ok", "no se que hacer ya con mi hijo")] == [
        "en",
        "en",
        "es",
    ]


def test_one_clear_message_of_danger_changes_it(conversation: Conversation) -> None:
    says(conversation, ENGLISH)
    assert says(conversation, "mi hermano no respira", OVERDOSE) == "es"


def test_the_language_of_the_page_gives_way_to_the_first_clear_message(conversation: Conversation) -> None:
    Conversation.objects.update(language="es")
    assert [says(conversation, text) for text in ("ok", ENGLISH)] == ["es", "en"]


def test_a_choice_says_nothing_of_the_language(conversation: Conversation) -> None:
    message = visitor_says(conversation, "Hablar con una persona")
    message.payload, message.tapped = "/request_human", True
    assert record(message, Assessment()).conversation.language == ""


def test_it_is_filled_in_while_a_person_holds_the_conversation(held_case: Case) -> None:
    held_case.conversation.refresh_from_db()
    assert says(held_case.conversation, SPANISH) == "es"


def test_what_was_known_stays_where_nothing_is_clear() -> None:
    assert settle("pl", ["jestem sama i sie boje", "???"]) == "pl"
    assert settle("", ["ok", "hm"]) == ""


def test_the_note_is_due_once_for_each_language(conversation: Conversation, first_responder: User) -> None:
    says(conversation, SPANISH)
    conversation.refresh_from_db()
    assert note_due(conversation, LANGUAGES) == NOTE_NOBODY
    duty.go_on(first_responder)
    assert note_due(conversation, LANGUAGES) == NOTE
    said = response_book().render(NOTE, "US", language="es")
    outbox.enqueue(conversation.pk, said, Message.Author.BOT)
    assert note_due(conversation, LANGUAGES) == ""
    conversation.language = "fr"
    assert note_due(conversation, LANGUAGES) == NOTE
    conversation.language = "it"
    assert note_due(conversation, LANGUAGES) == NOTE, "said in English, and not yet"
    conversation.language = "en"
    assert note_due(conversation, LANGUAGES) == ""


def test_who_waits_for_a_person_gets_no_note(waiting_case: Case) -> None:
    waiting_case.conversation.refresh_from_db()
    waiting_case.conversation.language = "es"
    assert note_due(waiting_case.conversation, LANGUAGES) == ""


def test_the_watchdog_speaks_the_language(conversation: Conversation) -> None:
    message = visitor_says(conversation, "mi hermano no respira")
    record(message, OVERDOSE)
    make_good(message.pk, response_book())
    crisis, hand_off = Message.objects.filter(answers=message).order_by("ordinal")
    assert crisis.language == hand_off.language == "es"
    assert "naloxona" in crisis.text


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [
        ("es", ["sí", "Si", "a veces", "creo que sí"], ["no", "para nada"]),
        ("fr", ["oui", "peut-être"], ["non", "pas du tout"]),
        ("de", ["ja", "manchmal"], ["nein", "überhaupt nicht"]),
        ("pt", ["sim", "às vezes"], ["não", "nao"]),
        ("pl", ["tak", "może"], ["nie", "wcale nie"]),
    ],
)
def test_yes_and_no_are_understood_in_each_language(
    language: str, yes: list[str], no: list[str], conversation: Conversation
) -> None:
    question = response_book().render("utter_ask_suicide", language=language)
    assert question.language == language
    outbox.enqueue(conversation.pk, question, Message.Author.BOT)
    assert {typed_choice(conversation.pk, text) for text in yes} == {YES}
    assert {typed_choice(conversation.pk, text) for text in no} == {NO}
