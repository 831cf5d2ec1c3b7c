"""The questions that fell back are found, counted, masked, and printed as examples to be labelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import OperationalError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from helpline import cli
from helpline.conversations import outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import Place
from helpline.operations.checking.reading import read_strictly
from helpline.operations.checking.shapes import check_shape
from helpline.operations.unanswered import Question, as_nlu, grouped, unanswered
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

from .conftest import visitor_says

FALLBACK, REFUSAL = "utter_fallback", "utter_out_of_scope"
FILE = Path("data/nlu/new.yml")
#: Every kind of character that could end a line, a block or a scalar.
AWKWARD = (
    "/restart",
    "- # a: b",
    "? key: {x: [y",
    "'\"|>&*!%@`",
    "a\n  b\n# c",
    "--- a",
    "\\n \u2028 \x85 \ufeff",
    "🙏",
)


def ask(conversation: Conversation, text: str, *responses: str, level: Level = Level.NONE, days: float = 0) -> Message:
    """Write down a question of some days ago and the replies to it."""
    message = visitor_says(conversation, text)
    Message.objects.filter(pk=message.pk).update(level=level, at=timezone.now() - timedelta(days=days))
    for place, response in enumerate(responses, Place.ANSWER):
        reply = Reply("said", response=response)
        outbox.enqueue(conversation.pk, reply, Message.Author.BOT, answers=message.pk, ordinal=place)
    return message


def examples(text: str) -> list[list[str]]:
    """Return the examples of each block of a file, once it is found to have a file's shape."""
    content = yaml.safe_load(text.replace("label_me", "tolerance"))
    check_shape(FILE, content)
    return [block["examples"].splitlines() for block in content["nlu"]]


def run(*arguments: str) -> int:
    """Run the command; its set-up is left out, since a second one closes what TensorFlow logs to."""
    chosen = cli._parser().parse_args(["unanswered", *arguments])
    return int(chosen.command(chosen))


@pytest.mark.django_db
@pytest.mark.parametrize("response", [FALLBACK, "utter_which_topic", REFUSAL, "utter_out_of_scope_medical"])
def test_a_question_fell_back_when_a_reply_says_so(conversation: Conversation, response: str) -> None:
    ask(conversation, "what about cats", "utter_offer_person", response)
    assert unanswered(30) == [Question(response, "what about cats", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("response", ["utter_tolerance", "utter_fallback_more", "utter_could_not_answer", ""])
def test_a_question_with_any_other_reply_was_answered(conversation: Conversation, response: str) -> None:
    ask(conversation, "what is tolerance", response)
    assert unanswered(30) == []


@pytest.mark.django_db
def test_two_refusals_of_one_question_are_one_question(conversation: Conversation) -> None:
    ask(conversation, "what about cats", FALLBACK, FALLBACK)
    assert [question.times for question in unanswered(30)] == [1]


@pytest.mark.django_db
@pytest.mark.parametrize("level", [Level.ELEVATED, Level.HIGH, Level.IMMINENT])
def test_a_message_with_danger_in_it_is_not_printed(conversation: Conversation, level: Level) -> None:
    ask(conversation, "what about cats", FALLBACK, level=level)
    assert unanswered(30) == []


@pytest.mark.django_db
@pytest.mark.parametrize("wish", ["erased_at", "erase_asked_at"])
def test_neither_is_a_conversation_that_was_erased_or_is_to_be(conversation: Conversation, wish: str) -> None:
    ask(conversation, "what about cats", FALLBACK)
    Conversation.objects.filter(pk=conversation.pk).update(**{wish: timezone.now()})
    assert unanswered(30) == []


@pytest.mark.django_db
def test_only_so_many_days_back_and_only_what_was_asked_so_often(new_conversation: Callable[..., Any]) -> None:
    for days in (1, 5, 8):
        ask(new_conversation(), "what about cats", FALLBACK, days=days)
    ask(new_conversation(), "and dogs", FALLBACK)
    assert [(question.text, question.times) for question in unanswered(7)] == [("what about cats", 2), ("and dogs", 1)]
    assert [(question.text, question.times) for question in unanswered(9, 3)] == [("what about cats", 3)]


@pytest.mark.django_db
def test_the_most_frequent_comes_first_then_the_newest_each_in_its_newest_wording(
    new_conversation: Callable[..., Any],
) -> None:
    """The order of asking counts, not that of the rows."""
    for days, text in enumerate(["old", "What about CATS?!", "new", "what, about cats", "newest"][::-1]):
        ask(new_conversation(), text, FALLBACK, days=days)
    assert [question.text for question in unanswered(30)] == ["what, about cats", "newest", "new", "old"]


@pytest.mark.django_db
def test_what_differs_only_in_who_asks_is_one_question(new_conversation: Callable[..., Any]) -> None:
    for name, number in (("Sam", "555 123 4567"), ("Ana María", "07 12 34 56 78")):
        ask(new_conversation(), f"my name is {name}, call {number}", FALLBACK)
    assert unanswered(30) == [Question(FALLBACK, "my name is <name>, call <number>", 2)]


def test_each_response_has_its_blocks_with_the_count_as_a_comment() -> None:
    asked = [(FALLBACK, "a cat"), (FALLBACK, "A cat?"), (REFUSAL, "a cat"), (FALLBACK, "x"), (FALLBACK, "y")]
    printed = as_nlu(grouped(asked))
    assert examples(printed) == [["- a cat"], ["- x", "- y"], ["- a cat"]]
    comments = [line for line in printed.splitlines()[1:] if line.startswith("#")]
    assert comments == [f"# {FALLBACK}, 2 times each", f"# {FALLBACK}, once each", f"# {REFUSAL}, once each"]
    assert printed.count("- intent: label_me\n") == 3


@given(st.lists(st.text() | st.sampled_from(AWKWARD), min_size=1))
def test_whatever_was_typed_the_file_can_be_read(texts: list[str]) -> None:
    """One line a question, and nothing of it a comment, a key or an entity."""
    questions = grouped((FALLBACK, text) for text in texts)
    if questions:
        read = [line for block in examples(as_nlu(questions)) for line in block]
        assert read == [f"- {question.text}" for question in questions]


def test_a_slash_at_the_beginning_is_no_word() -> None:
    asked = [(FALLBACK, text) for text in ("/ /restart", "restart", " // ")]
    assert grouped(asked) == [Question(FALLBACK, "restart", 2)]


@pytest.mark.django_db
def test_the_command_prints_a_file_and_tells_apart_how_many(
    conversation: Conversation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No id and no time of anybody is in it."""
    message = ask(conversation, "i'm called Sam: what/about #cats sam@example.org", FALLBACK)
    Message.objects.filter(pk=message.pk).update(client_id="client-id-of-somebody")
    assert run("--since", "7", "--least", "1") == 0
    printed, told = capsys.readouterr()
    path = tmp_path / "new.yml"
    path.write_text(printed, encoding="utf-8")
    check_shape(FILE, read_strictly(path))
    assert examples(printed) == [["- i'm called <name>: what/about #cats <email>"]]
    assert told == "Questions that fell back in the last 7 days: 1, asked 1 time.\n"
    for hidden in ("Sam", "sam@", conversation.key, "client-id-of-somebody", str(timezone.now().year)):
        assert hidden not in printed


@pytest.mark.django_db
def test_without_any_question_nothing_is_printed_but_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert capsys.readouterr() == ("", "Questions that fell back in the last 30 days: 0, asked 0 times.\n")


def test_a_database_that_cannot_be_read_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As before the first start."""

    def broken(*_: int) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr("helpline.operations.unanswered.unanswered", broken)
    assert run() == 1
    printed, told = capsys.readouterr()
    assert printed == ""
    assert told == "helpline: the database cannot be read; helpline run makes it, or brings it up to date\n"


@pytest.mark.parametrize("option", ["--since", "--least"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "9999999"])
def test_an_option_that_is_no_whole_number_is_refused(option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        run(option, value)
    assert ended.value.code == 2
