"""Make good whatever the visitor should have got by now, judged by the rows that are there.

A dead action server raises nothing, a missing model returns nothing, a broken store answers from
memory: so exceptions prove nothing, and only the outbox and the cases are looked at.
"""

from __future__ import annotations

from django.db import transaction

from helpline.conversations import outbox
from helpline.conversations.cases import open_case
from helpline.conversations.hand_off import still_waiting, told
from helpline.conversations.models import Case, CaseEvent, Conversation, Message
from helpline.conversations.outbox import Place
from helpline.conversations.tracker_store import remember
from helpline.conversations.turn_record import TurnRecord
from helpline.intake.inbound import mark_processed
from helpline.responses.book import ResponseBook

_BOT = Message.Author.BOT
TROUBLE = "utter_could_not_answer"


def see_off(turn: TurnRecord, book: ResponseBook) -> list[str]:
    """Write what the turn came to, make good what it left out, and note that nothing more is due.

    Returns what was left out. All of it is written, or nothing: a message that is taken up again after a crash has
    had no turn yet.
    """
    message = turn.message
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        made: list[str] = []
        if not conversation.erased_at:
            taken = _places(message)
            said = {place: reply for place, reply in turn.replies.items() if place not in taken}
            outbox.enqueue_all(conversation.pk, message.pk, said)
            remember(conversation, turn.events, turn.slots)
            made = _make_good(message, conversation, taken.union(said), book)
        mark_processed(message.pk)
    return made


def make_good(message_id: int, book: ResponseBook) -> list[str]:
    """Send what is due by now and missing, while the turn still goes on; return what was missing."""
    standing = Message.objects.select_related("conversation").filter(conversation__erased_at=None)
    message = standing.filter(pk=message_id).first()
    if message is None:
        return []
    with transaction.atomic():
        return _make_good(message, message.conversation, _places(message), book)


def _make_good(message: Message, conversation: Conversation, places: set[int | None], book: ResponseBook) -> list[str]:
    """Send the crisis text and open the case that are due and missing; return what was missing.

    A case that the turn opened, and did not come to tell of, is told of.
    Where no person holds the conversation and neither an answer nor danger is there, the visitor is told
    honestly, and is shown how to reach a person. Safe to call twice: every row has its key.
    """
    held = conversation.status == Conversation.Status.HUMAN
    made: list[str] = []

    def say(response: str, place: Place) -> None:
        reply = book.render(response, conversation.country, outbox.said(conversation.pk), conversation.language)
        if outbox.enqueue(conversation.pk, reply, _BOT, answers=message.pk, ordinal=place):
            made.append(response)

    if message.crisis_response and Place.CRISIS not in places:
        say(message.crisis_response, Place.CRISIS)
    if message.case_due and not _in_hand(message) and open_case(conversation, message):
        made.append("case")
    if held:
        return made
    if message.case_due and Place.HAND_OFF not in places and _opened_by(message):
        say(told(), Place.HAND_OFF)
    elif not places and not made:
        asked = message.case_due
        say(still_waiting() if asked else TROUBLE, Place.HAND_OFF if asked else Place.TROUBLE)
    return made


def _places(message: Message) -> set[int | None]:
    """Return the places among the replies to a message that are taken."""
    return set(Message.objects.filter(answers=message).values_list("ordinal", flat=True))


def _opened_by(message: Message) -> bool:
    """Tell whether a case was opened for the message: here, or by a turn that was cut off before it said so."""
    return CaseEvent.objects.filter(kind=CaseEvent.Kind.OPENED, message=message).exists()


def _in_hand(message: Message) -> bool:
    """Tell whether a case took the message up: one is open, or was opened since it came."""
    cases = Case.objects.filter(conversation_id=message.conversation_id)
    return cases.filter(state__in=Case.OPEN).exists() or cases.filter(opened_at__gte=message.at).exists()
