"""Single messages put into conversations in which they mean what they mean alone."""

from __future__ import annotations

from helpline.embeddings.aside import ASIDE, part
from helpline.responses.book import response_book
from helpline.risk.assessment import BOT, VISITOR, Utterance
from helpline.risk.examples import Example
from helpline.risk.levels import Level
from helpline.risk.retelling import retold

ALL = [
    *(Example(f"he is not breathing number {n}", Level.IMMINENT, "overdose_now", "overdose") for n in range(40)),
    *(Example(f"why do people relapse so often {n}", Level.NONE, "none", "everyday") for n in range(40)),
]
#: Without what is set aside.
DANGERS = [one for one in ALL if one.level is Level.IMMINENT and part(one.text) != ASIDE]
QUESTIONS = [one for one in ALL if one.level is Level.NONE and part(one.text) != ASIDE]
DIALOGUES = [
    Example("yes", Level.HIGH, "using_alone", "dialogues", (Utterance("visitor", "hi"), Utterance("bot", "Alone?")))
]


def test_each_keeps_its_label_and_gets_a_past() -> None:
    found = retold(DANGERS, QUESTIONS, DIALOGUES, 1)
    assert [(one.text, one.level, one.signal) for one in found] == [
        (one.text, one.level, one.signal) for one in (*DANGERS, *QUESTIONS)
    ]
    assert all(one.history[-1] == Utterance("bot", "Alone?") for one in found)


def test_dangers_come_after_small_talk_and_questions_after_alarms() -> None:
    before = {one.text: one.history[0].text for one in retold(DANGERS, QUESTIONS, DIALOGUES, 1)}
    assert {before[one.text] for one in DANGERS} <= {one.text for one in QUESTIONS}
    assert {before[one.text] for one in QUESTIONS} <= {one.text for one in DANGERS}


def test_what_is_set_aside_is_not_retold() -> None:
    """Its thresholds would rest on what is known."""
    apart = [one for one in ALL if part(one.text) == ASIDE]
    assert apart
    assert retold(apart, apart, DIALOGUES, 1) == []


def test_it_is_the_same_share_in_whatever_order() -> None:
    texts = {one.text for one in retold(DANGERS, QUESTIONS, DIALOGUES, 4)}
    assert 5 < len(texts) < 40
    assert texts == {one.text for one in retold(DANGERS[::-1], QUESTIONS[::-1], DIALOGUES, 4)}


def test_what_hangs_on_the_question_is_left_out() -> None:
    short = [Example("yes please", Level.ELEVATED, "human_request", "human_request")]
    assert retold(short, QUESTIONS, DIALOGUES, 1) == []
    assert retold(DANGERS, QUESTIONS, DIALOGUES, 1) != []


def test_without_dialogues_there_is_nothing_to_learn_from() -> None:
    assert retold(DANGERS, QUESTIONS, [], 1) == []


ASKED = [
    Example(text, Level.NONE, "none", "everyday", intent="tolerance") for text in ("what is tolerance", "why more")
]
SHORT = [Example(text, Level.NONE, "none", "everyday") for text in ("no", "thanks", "ok bye", "that will do")]


def _comes_after_an_answer(one: Example) -> bool:
    asked, said = one.history[-2:]
    answers = {reply.text for reply in response_book().variations("utter_tolerance")}
    return asked in [Utterance(VISITOR, each.text) for each in ASKED] and said.author == BOT and said.text in answers


def test_what_is_short_and_harmless_comes_after_answers_of_the_assistant() -> None:
    found = retold([], [*ASKED, *SHORT], [], 1_000_000)
    assert {one.text for one in found} == {one.text for one in (*ASKED, *SHORT)}
    assert all(one.level is Level.NONE and _comes_after_an_answer(one) for one in found)


def test_what_is_said_to_an_answer_comes_after_one_however_long_it_is() -> None:
    """A goodbye of many words does; a remark as long does not."""
    text = "right then i will be off now, my bus is here"
    goodbye, remark = (Example(text, Level.NONE, "none", "everyday", intent=intent) for intent in ("goodbye", ""))
    found = [one for one in retold([], [*ASKED, goodbye], [], 1_000_000) if one.text == text]
    assert len(found) == 1
    assert all(_comes_after_an_answer(one) for one in found)
    assert text not in {one.text for one in retold([], [*ASKED, remark], [], 1_000_000)}


def test_some_dangers_are_told_after_an_answer_and_stay_dangers() -> None:
    found = retold(DANGERS, [*ASKED, *QUESTIONS], DIALOGUES, 1)
    after = [one for one in found if one.level is Level.IMMINENT and _comes_after_an_answer(one)]
    before = [one for one in found if one.level is Level.IMMINENT and one.history[-1] == Utterance(BOT, "Alone?")]
    assert after
    assert before
    assert {one.text for one in (*after, *before)} == {one.text for one in DANGERS}


def test_short_words_of_danger_come_after_no_answer_that_they_were_not_written_for() -> None:
    short = Example("took them all", Level.IMMINENT, "suicide_attempt_in_progress", "suicide")
    assert short.text not in {one.text for one in retold([short], ASKED, [], 1)}
