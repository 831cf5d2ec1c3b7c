"""Let a message in; limits refuse an ordinary answer, and never safety."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from helpline.conversations import database
from helpline.conversations.models import Conversation
from helpline.intake.choices import offered_title, typed_choice
from helpline.intake.inbound import Inbound, is_known
from helpline.intake.judgement import REQUEST_HUMAN
from helpline.intake.pipeline import Intake
from helpline.risk.assessment import Assessment
from helpline.risk.levels import Level

_GAP = "\n[…]\n"


class Limit(Protocol):
    """Counts by key; see `channels.limits.Limit`."""

    async def wait_seconds(self, key: str) -> int:
        """Return 0 within the limit, else the seconds to wait."""


@dataclass(frozen=True)
class Refusal:
    """Why there is no ordinary answer, as an HTTP status, and the response that tells the visitor."""

    status: int
    reason: str
    response: str = ""
    wait_seconds: int = 0


class _NotOffered(Exception):
    """A button was tapped that this conversation never showed."""


async def admit(
    intake: Intake, conversation: Conversation, client_id: str, text: str, payload: str, limit: Limit
) -> Refusal | None:
    """Store a message and start work on it; None when it was taken, else why there is no answer to it.

    A message over a limit is assessed all the same and, where it carries danger, stored, answered
    with crisis text and shown to staff. Typed words that name an offered button choose it; they stay
    the message's text, and are assessed like any other.
    """
    tapped = bool(payload)
    try:
        new = await database.read(_read, conversation.pk, client_id, text, payload)
    except _NotOffered:
        return Refusal(400, "that choice was not offered in this conversation")
    if new is None:
        return None
    text, payload = new
    refusal = await _over_limit(conversation, text, limit)
    if refusal:
        assessment = await intake.assess(text, [], over_limit=True)
        if not (_is_grave(assessment) or payload == REQUEST_HUMAN):
            return refusal
        text = shortened(text, assessment)
    await intake.receive(Inbound(conversation.pk, client_id, text, payload, tapped))
    return refusal


async def is_call_for_help(intake: Intake, text: str) -> bool:
    """Tell whether a text is let in whatever limits are reached: danger, or somebody who asks for a person."""
    return _is_grave(await intake.assess(text, [], over_limit=True))


def shortened(text: str, assessment: Assessment) -> str:
    """Return a text within the limit that keeps its beginning, the sentence that shows danger, and its end."""
    limit = settings.HELPLINE_MAX_CHARACTERS
    if len(text) <= limit:
        return text
    third = (limit - 2 * len(_GAP)) // 3
    return _GAP.join([text[:third], _danger(text, assessment, third), text[-third:]])


def _read(conversation_id: int, client_id: str, text: str, payload: str) -> tuple[str, str] | None:
    """Return a message's text and the payload of what it chooses; None for one that was taken before."""
    if is_known(conversation_id, client_id):
        return None
    if not payload:
        return text, typed_choice(conversation_id, text)
    title = offered_title(conversation_id, payload)
    if title is None:
        raise _NotOffered
    return title, payload


def _is_grave(assessment: Assessment) -> bool:
    return assessment.level >= Level.HIGH or assessment.asks_for_person


def _danger(text: str, assessment: Assessment, length: int) -> str:
    """Return a stretch of the text that holds the words, or else the sentence, of the gravest finding."""
    if not assessment.findings:
        return ""
    gravest = assessment.findings[0]
    found = gravest.words[0][0] if gravest.words and gravest.detector == "words" else text.find(gravest.sentence)
    start = max(found - length // 2, 0)
    return text[start : start + length]


async def _over_limit(conversation: Conversation, text: str, limit: Limit) -> Refusal | None:
    if len(text) > settings.HELPLINE_MAX_CHARACTERS:
        # A shorter one may come at once.
        return Refusal(413, f"over {settings.HELPLINE_MAX_CHARACTERS} characters", "utter_too_long", wait_seconds=1)
    if wait := await limit.wait_seconds(conversation.key):
        return Refusal(429, "too many messages in a minute", "utter_too_many", wait)
    return None
