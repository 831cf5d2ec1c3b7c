"""Who writes in another language is answered in it where a life is at stake, and told that a person can help."""

from __future__ import annotations

import httpx

from tests.servers import kept
from tests.servers.stack import Stack
from tests.servers.visitor import Visitor

PERSON = "/request_human"
NOTE = "utter_other_language"


def language_of(stack: Stack, visitor: Visitor) -> str:
    (row,) = stack.rows("SELECT language FROM conversations_conversation WHERE key = ?", visitor.conversation)
    return str(row["language"])


def test_a_spanish_overdose_gets_spanish_crisis_text_in_the_same_turn(visitor: Visitor, stack: Stack) -> None:
    crisis, hand_off = visitor.ask_for(2, "mi hermano no respira")[:2]
    assert crisis["risk_level"] == "imminent"
    assert crisis["language"] == "es"
    assert "lame al 911" in crisis["text"]
    assert {"title": "Llamar al 911", "url": "tel:911"} in crisis["buttons"]
    assert "equipo" in hand_off["text"]
    kept.wait_for_case(stack, visitor)
    assert language_of(stack, visitor) == "es"


def test_who_goes_on_in_spanish_is_told_in_spanish_to_stay(visitor: Visitor, stack: Stack) -> None:
    visitor.ask_for(2, "mi hermano no respira, tiene los labios azules")
    visitor.ask("ya llame a la ambulancia")
    kept.wait_until_processed(stack, visitor)
    said = visitor.messages[-1]["text"]
    assert kept.responses(stack, visitor)[-1] == "utter_stay_overdose"
    assert "respiración" in said


def test_a_french_question_gets_the_french_note_once_with_a_persons_button(visitor: Visitor, stack: Stack) -> None:
    note = visitor.ask("bonjour, c'est quoi la tolérance et combien de gens rechutent ?")
    assert "Vous pouvez écrire en français" in note["text"]
    assert "988" in note["text"]
    assert {"title": "Parler à une personne", "payload": PERSON} in note["buttons"]
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor)[-1] == NOTE
    visitor.ask("je ne comprends pas, vous pouvez répéter pour moi ?")
    kept.wait_until_processed(stack, visitor)
    assert kept.responses(stack, visitor).count(NOTE) == 1
    before = visitor.last
    assert visitor.tap(PERSON).status_code == 202
    (told, *_) = visitor.wait_for_replies(1, before)
    assert "Nous avons prévenu une personne" in told["text"]
    assert language_of(stack, visitor) == "fr"


def test_a_french_danger_gets_french_crisis_text(visitor: Visitor, stack: Stack) -> None:
    crisis = visitor.ask("mon frère ne respire plus")
    assert crisis["risk_level"] == "imminent"
    assert "Appelez" in crisis["text"]
    assert "911" in crisis["text"]


def test_an_english_question_gets_its_answer_and_no_note(visitor: Visitor, stack: Stack) -> None:
    answer = visitor.ask("what is tolerance and why do people relapse")
    assert "language" not in answer
    kept.wait_until_processed(stack, visitor)
    assert NOTE not in kept.responses(stack, visitor)
    assert language_of(stack, visitor) == "en"


def test_a_page_in_spanish_is_greeted_in_spanish(stack: Stack) -> None:
    with httpx.Client(base_url=stack.web, trust_env=False) as client:
        begun = client.post("/sessions", json={"language": "es-MX"})
        assert begun.status_code == 201
        assert client.post("/sessions", json={"language": 7}).status_code == 400
    rows = stack.rows(
        "SELECT m.text, m.language FROM conversations_message m JOIN conversations_conversation c "
        "ON c.id = m.conversation_id WHERE c.key = ?",
        begun.json()["conversation"],
    )
    assert rows[0]["text"].startswith("Hola. Esto es un asistente automático")
    assert rows[0]["language"] == "es"
