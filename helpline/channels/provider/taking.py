"""What is done with what a provider tells: the same for all, and nothing that a visitor sends is lost.

What goes to the assistant is let in by `intake/admission.py`. The rest is kept as a message that gets no turn,
so that staff see it and the same delivery again has no second effect, and is answered in words of our own.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpline.channels import counts
from helpline.channels.cleaning import without_control_characters
from helpline.channels.provider.events import Incoming, Kind, Receipt
from helpline.channels.runtime import Runtime
from helpline.conversations import addresses, database, delivery, outbox, receipts
from helpline.conversations.models import Conversation, Message
from helpline.conversations.outbox import Place
from helpline.intake.admission import Limit, admit, is_call_for_help
from helpline.intake.inbound import Inbound, is_known, keep
from helpline.responses.book import ResponseBook
from helpline.responses.reply import Reply

if TYPE_CHECKING:
    from helpline.channels.provider.channel import ProviderChannel

_LONGEST_ID = 64
#: So long a thing is not said again that would otherwise be said to every message of a kind.
_PAUSE = timedelta(minutes=1)
_PAUSE_IN_GROUP = timedelta(hours=12)
#: Of a message over the limit so many times the limit is kept: more than any messenger lets through.
_KEPT = 10
_BOT = Message.Author.BOT
#: For staff, who see these in place of what cannot be shown.
IN_GROUP = "[written in a group: all who are in it can read the replies]"
OLD_BUTTON = "[tapped a button that is not offered any more]"
#: What the law asks to be said to a command, by the command.
_SAID_TO = {
    "stop": "utter_sms_stopped",
    "start": "utter_sms_started",
    "yes": "utter_sms_started",
    "help": "utter_sms_help",
}


class Taker:
    """Takes one event after the other for a channel."""

    def __init__(self, channel: ProviderChannel, live: Runtime, limit: Limit, *, late: bool = False) -> None:
        self._channel = channel
        self._live = live
        self._limit = limit
        self._late = late

    async def take(self, event: Incoming | Receipt) -> None:
        """Take an event; the same one again has no second effect.

        Raises:
            Erased: the conversation was erased at this moment.
        """
        if isinstance(event, Receipt):
            await database.write(_note, self._channel.channel, event)
            return
        client_id = _short(event.id)
        ids = [client_id, _named(client_id, "beside")]
        if await database.read(addresses.is_erased, self._channel.channel, event.address, ids):
            self._count(known=True)
            return
        text = without_control_characters(event.text).strip()
        if event.kind is Kind.IN_GROUP and not event.payload and not await self._grave(text):
            await self._decline_group(event)
            return
        language = self._channel.language(event)
        conversation, begun = await self._conversation(event, language)
        # What is said to this message; intake knows better, and keeps what it finds.
        conversation.language = conversation.language or language
        if event.changes and text == await database.read(_said_before, conversation.pk, event.changes):
            # A preview or a place in the chat changed, and not what the visitor says.
            return
        known = await database.read(is_known, conversation.pk, *ids)
        if event.kind is Kind.IN_GROUP:
            await self._keep(conversation, _named(client_id, "group"), IN_GROUP)
        if event.kind is Kind.OPENED:
            await self._keep(conversation, client_id, text, "" if begun else "utter_welcome")
        elif (command := self._channel.command(event)) and await self._obey(conversation, client_id, text, command):
            pass
        elif text or event.payload:
            await self._admit(conversation, client_id, text, event)
        if event.attached:
            note = f"[{event.attached}]"
            await self._keep(conversation, _named(client_id, "beside"), note, "utter_cannot_open")
        self._count(known=known)

    def _count(self, *, known: bool) -> None:
        # Who asks for all that there is gets what is known, and this says nothing.
        if not (known and self._late):
            word = "again" if known else "caught_up" if self._late else "received"
            counts.count(self._channel.channel, word)

    async def _conversation(self, event: Incoming, language: str) -> tuple[Conversation, bool]:
        silent = event.kind is Kind.IN_GROUP
        greet = partial(_greet, self._live.book, self._channel.terms, language=language, silent=silent)
        country = event.country or settings.HELPLINE_COUNTRY
        return await database.write(addresses.conversation_with, self._channel.channel, event.address, country, greet)

    async def _admit(self, conversation: Conversation, client_id: str, text: str, event: Incoming) -> None:
        """Let a message in; what is refused an ordinary answer is kept all the same, and told so."""
        changed = event.kind is Kind.CHANGED
        if changed and not await database.read(is_known, conversation.pk, client_id):
            await database.write(_say, self._live.book, conversation, "utter_message_changed", _PAUSE)
        refusal = await admit(self._live.intake, conversation, client_id, text, event.payload, self._limit)
        if refusal is None:
            return
        if refusal.status == 400:
            await self._keep(conversation, client_id, text or OLD_BUTTON, "utter_choice_gone")
        else:
            counts.count(self._channel.channel, "over_limit")
            whole = text[: _KEPT * settings.HELPLINE_MAX_CHARACTERS]
            if not await database.read(is_known, conversation.pk, client_id):
                await self._keep(conversation, client_id, whole, refusal.response)
            elif len(text) > settings.HELPLINE_MAX_CHARACTERS:
                # It carries danger, and what was let in of it is a part: staff read the whole.
                await self._keep(conversation, _named(client_id, "whole"), whole)

    async def _obey(self, conversation: Conversation, client_id: str, text: str, command: str) -> bool:
        """Do what the law asks; False where the message goes to the assistant all the same.

        Help may be a cry for it, and yes the answer to a question.
        """
        if await database.read(is_known, conversation.pk, client_id):
            return True
        if command == "yes" and not await database.read(delivery.is_stopped, conversation.pk):
            return False
        counts.count(self._channel.channel, command)
        if command != "help":
            await database.write(delivery.stop, conversation.pk, stopped=command == "stop")
        if command in ("help", "yes"):
            await database.write(_say, self._live.book, conversation, _SAID_TO[command], _PAUSE)
            return False
        await self._keep(conversation, client_id, text, _SAID_TO[command])
        return True

    async def _grave(self, text: str) -> bool:
        """Tell whether what was written in a group is danger, or asks for a person: then it is no matter where."""
        return await is_call_for_help(self._live.intake, text)

    async def _decline_group(self, event: Incoming) -> None:
        """Say in a group, now and then, that it is the wrong place; what its members write is not kept."""
        counts.count(self._channel.channel, "in_group")
        conversation, _ = await self._conversation(event, self._channel.language(event))
        await database.write(_say, self._live.book, conversation, "utter_group_chat", _PAUSE_IN_GROUP)

    async def _keep(self, conversation: Conversation, client_id: str, text: str, answer: str = "") -> None:
        inbound = Inbound(conversation.pk, client_id, text)
        await database.write(_keep_and_say, self._live.book, conversation, inbound, answer)


def _greet(book: ResponseBook, terms: str, conversation: Conversation, *, language: str, silent: bool) -> None:
    """Say first what this is and who reads it, as the law asks; in a group, only what is said there."""
    conversation.language = language
    conversation.save(update_fields=["language"])
    for response in () if silent else filter(None, ("utter_welcome", terms)):
        outbox.enqueue(conversation.pk, _worded(book, response, conversation), _BOT)


def _keep_and_say(book: ResponseBook, conversation: Conversation, inbound: Inbound, response: str) -> None:
    """Keep a message that gets no turn, with what is said to it, unless that was said just now."""
    with transaction.atomic():
        kept = keep(inbound)
        if response and kept and not _said_lately(conversation.pk, response, _PAUSE):
            reply = _worded(book, response, conversation)
            outbox.enqueue(conversation.pk, reply, _BOT, answers=kept.pk, ordinal=Place.TROUBLE)


def _say(book: ResponseBook, conversation: Conversation, response: str, pause: timedelta) -> None:
    if not _said_lately(conversation.pk, response, pause):
        outbox.enqueue(conversation.pk, _worded(book, response, conversation), _BOT)


def _worded(book: ResponseBook, response: str, conversation: Conversation) -> Reply:
    return book.render(response, conversation.country, outbox.said(conversation.pk), conversation.language)


def _said_lately(conversation_id: int, response: str, pause: timedelta) -> bool:
    since = timezone.now() - pause
    return Message.objects.filter(conversation_id=conversation_id, response=response, at__gt=since).exists()


def _said_before(conversation_id: int, client_id: str) -> str | None:
    """Return what a message says by now, after the changes that we know of."""
    rows = Message.objects.filter(conversation_id=conversation_id)
    versions = rows.filter(Q(client_id=client_id) | Q(client_id__startswith=f"{client_id}-changed-"))
    return versions.order_by("-seq").values_list("text", flat=True).first()


def _note(channel: str, receipt: Receipt) -> None:
    if receipt.upto:
        parts = receipts.up_to(channel, receipt.address, receipt.upto)
    else:
        parts = receipts.of_part(channel, receipt.part, receipt.provider_id)
    receipts.note(parts, receipt.fate, receipt.provider_id)


def _short(provider_id: str) -> str:
    """Return a provider's id as it fits the column; a longer one as its hash."""
    if 0 < len(provider_id) <= _LONGEST_ID and provider_id.isprintable():
        return provider_id
    return hashlib.sha256(provider_id.encode(errors="surrogatepass")).hexdigest()


def _named(client_id: str, what: str) -> str:
    """Return the id of a second row that is kept of the same message, as what it is."""
    return f"{client_id[: _LONGEST_ID - len(what) - 1]}-{what}"
