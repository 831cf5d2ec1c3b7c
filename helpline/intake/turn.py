"""One turn of Rasa: what it may see of a message, and where what it says goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

from helpline.conversations import database, hand_off, outbox
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import Place
from helpline.conversations.tracker_store import memory_of
from helpline.conversations.turn_record import TurnRecord, gathered
from helpline.intake import language, safety_question
from helpline.languages import is_foreign
from helpline.nlu.risk import RISK, as_metadata
from helpline.responses.book import ResponseBook
from helpline.responses.reply import Reply
from helpline.risk.assessment import Assessment
from helpline.risk.levels import Level

Turn = Callable[[UserMessage], Awaitable[Any]]


class OutboxChannel(OutputChannel):
    """Takes down what the turn says, each reply in its place; what is urgent goes into the outbox at once."""

    def __init__(self, record: TurnRecord, book: ResponseBook) -> None:
        self._record = record
        self._book = book
        self._next = int(Place.ANSWER)
        message = record.message
        self._urgent = message.level >= Level.HIGH or message.case_due

    @classmethod
    def name(cls) -> str:
        """Return the channel's name as Rasa knows it."""
        return "outbox"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take down one reply; dropped when the watchdog sent it first, or the conversation was erased."""
        response = str(message.get("utter_action") or "")
        text, written = str(message.get("text") or ""), str(message.get("language") or "")
        reply, place = Reply(text, list(message.get("buttons") or []), response, written), self._place(response)
        if not self._urgent:
            self._record.replies.setdefault(place, reply)
            return
        answered = self._record.message
        to, author = answered.conversation_id, Message.Author.BOT
        with suppress(outbox.Erased):
            await database.write(outbox.enqueue, to, reply, author, answers=answered.pk, ordinal=place)

    def _place(self, response: str) -> int:
        if self._book.is_crisis(response):
            return Place.CRISIS
        if response in hand_off.ALL:
            return Place.HAND_OFF
        self._next += 1
        return self._next - 1


async def run_turn(turn: Turn, record: TurnRecord, risk: dict[str, Any], book: ResponseBook) -> None:
    """Let Rasa answer the record's message, and gather there what it says; ``risk`` is what `prepare` gave."""
    message = record.message
    with gathered(record):
        await turn(
            UserMessage(
                text=rasa_text(message),
                output_channel=OutboxChannel(record, book),
                sender_id=message.conversation.key,
                input_channel=message.conversation.channel,
                message_id=str(message.pk),
                metadata={RISK: risk},
            )
        )


def prepare(turn: TurnRecord, assessment: Assessment, book: ResponseBook) -> dict[str, Any] | None:
    """Read what the turn rests on; return what policies are told of the message's danger.

    None where a person holds the conversation by now: then there is no turn.
    """
    message = turn.message
    status, slots = Conversation.objects.values_list("status", "slots").get(pk=message.conversation_id)
    if status == Conversation.Status.HUMAN:
        return None
    turn.said = outbox.said(message.conversation_id)
    turn.memory = memory_of(message.conversation_id, slots)
    return as_metadata(
        assessment,
        crisis_response=message.crisis_response,
        question=safety_question.due(message, assessment),
        offer_person=status != Conversation.Status.WAITING,
        ask_country=not message.conversation.country,
        foreign=is_foreign(message.conversation.language),
        note=language.note_due(message.conversation, book.languages()),
    )


def rasa_text(message: Message) -> str:
    """Return what Rasa reads: the intent of the chosen button, or typed text that cannot be a command.

    Rasa strips white space and takes what begins with a slash for a command. It drops the risk of such a
    command, and would answer before the crisis text: a choice that is danger is text.
    """
    if message.payload and message.level < Level.HIGH:
        return message.payload.partition("{")[0]
    return message.text.strip().lstrip("/ \t\r\n") or "?"
