"""Which language a visitor writes in: from all that they have written, and not from one word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from helpline.conversations import duty
from helpline.conversations.models import Conversation, Message
from helpline.languages import is_foreign, recognise

NOTE = "utter_other_language"
#: In place of it while nobody of the staff is there.
NOTE_NOBODY = "utter_other_language_nobody"
#: So many messages of the visitor are looked at.
_LATELY = 10


def after(conversation: Conversation, message: Message, *, grave: bool) -> str:
    """Return the conversation's language after a message; empty while it is not known.

    Only what was typed tells, and no choice: its words are ours.
    """
    known = conversation.language
    if message.payload or (known and recognise(message.text) in ("", known)):
        return known  # as almost always: what was written before need not be read
    earlier = Message.objects.filter(
        conversation=conversation, author=Message.Author.VISITOR, seq__lt=message.seq, payload=""
    ).exclude(assessed_at=None)
    texts = list(earlier.order_by("-seq").values_list("text", flat=True)[: _LATELY - 1])
    return settle(known, [*reversed(texts), message.text], grave=grave)


def settle(known: str, texts: Sequence[str], *, grave: bool = False, of: Callable[[str], str] = recognise) -> str:
    """Return which language was known before or is known now; ``texts`` are the visitor's, the newest last.

    A language that somebody has written in clearly gives way to another only after two clear messages; where
    the last one is grave, after that one, since its answer must be understood at once.
    """
    now = of(texts[-1])
    if not known:
        return now or of("\n".join(texts))
    if not now or now == known:
        return known
    clear = [language for language in map(of, texts[:-1]) if language]
    return now if grave or known not in clear or clear[-1] == now else known


def note_due(conversation: Conversation, written: Collection[str]) -> str:
    """Return what tells a visitor, once for each language, that the assistant answers in English; empty where not due.

    ``written`` are the languages that it is written in. Who waits for a person has been told of one.
    """
    if not is_foreign(conversation.language) or conversation.status != Conversation.Status.BOT:
        return ""
    language = conversation.language if conversation.language in written else ""
    said = Message.objects.filter(conversation=conversation, response__in=(NOTE, NOTE_NOBODY), language=language)
    return "" if said.exists() else duty.honest(NOTE, NOTE_NOBODY)
