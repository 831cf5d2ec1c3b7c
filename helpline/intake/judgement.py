"""Record what an assessment found, and decide once what is due: crisis text, a case, a turn of Rasa."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from helpline.conversations.cases import raise_level
from helpline.conversations.models import Case, Conversation, Message
from helpline.conversations.outbox import Erased
from helpline.intake import language
from helpline.intake.feedback import note_feedback
from helpline.responses.helplines import chosen_country
from helpline.risk.assessment import Assessment, Utterance
from helpline.risk.levels import Level

Status = Conversation.Status
REQUEST_HUMAN = "/request_human"
#: Earlier messages that an assessment takes into account.
HISTORY = 10
_JUDGED = ("level", "findings", "crisis_response", "case_due", "assessed_at")


def history(message: Message) -> list[Utterance]:
    """Return the messages before this one, oldest first."""
    rows = Message.objects.filter(conversation_id=message.conversation_id, seq__lt=message.seq).order_by("-seq")
    last = rows.values_list("author", "text", "at", "level")[:HISTORY]
    return [
        Utterance(author, text, (message.at - at).total_seconds(), Level(level))
        for author, text, at, level in reversed(last)
    ]


def record(message: Message, assessment: Assessment) -> Message:
    """Store the assessment with what is due because of it, and raise the conversation's level.

    Returns the message with its conversation as it now stands.

    While a person holds the conversation, crisis text is due only for danger that is new or
    higher than what the person knows of. The level never falls here. Whoever chose a country is
    shown its lines from now on, and who writes in another language is answered in it where it can be.

    Raises:
        Erased: the conversation was erased; what was found quotes the visitor, and is not kept.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=message.conversation_id)
        if conversation.erased_at:
            raise Erased
        message.conversation = conversation
        level = max(conversation.level, int(assessment.level))
        fresh = [name for name in assessment.signals if name not in conversation.signals]
        held = conversation.status == Status.HUMAN
        news = level > conversation.level or bool(fresh)
        message.level = int(assessment.level)
        message.findings = [finding.as_dict() for finding in assessment.findings]
        # Taken up again after a crash, it is no news any more, and is due all the same.
        due = news or not held or bool(message.crisis_response)
        message.crisis_response = assessment.crisis_response if due else ""
        asked = assessment.asks_for_person or message.payload == REQUEST_HUMAN
        message.case_due = assessment.level >= Level.HIGH or asked
        message.assessed_at = timezone.now()
        message.save(update_fields=_JUDGED)
        known = {
            "country": chosen_country(message.payload) or conversation.country,
            "language": language.after(conversation, message, grave=message.level >= Level.HIGH),
            "level": level,
            "signals": [*conversation.signals, *fresh],
        }
        changed = [name for name, value in known.items() if getattr(conversation, name) != value]
        for name in changed:
            setattr(conversation, name, known[name])
        if changed:
            conversation.save(update_fields=changed)
        if message.level > Level.NONE and (
            case := Case.objects.filter(conversation=conversation, state__in=Case.OPEN).first()
        ):
            raise_level(case, conversation, message)
        note_feedback(message)
        return message


def summary(assessment: Assessment) -> dict[str, Any]:
    """Return what a log line may say of an assessment: never the text."""
    return {"level": assessment.level.label, "signals": assessment.signals}
