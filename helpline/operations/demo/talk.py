"""One conversation while it is made up: its clock, its messages, and what is found in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.conf import settings

from helpline.conversations.models import Conversation, Message
from helpline.conversations.slots import together
from helpline.intake.judgement import REQUEST_HUMAN
from helpline.operations.demo.rows import Rows
from helpline.operations.demo.script import Found, Story, Turn
from helpline.responses.book import ResponseBook
from helpline.responses.reply import Reply
from helpline.risk.assessment import Assessment, Finding
from helpline.risk.levels import Level
from helpline.risk.text import sentences

Author = Message.Author
State = Message.State
_GREETING = "utter_welcome"
#: As the product says it of a reply that nobody fetched.
_GONE = "The visitor has left the page."


class Talk:
    """A conversation with the website's assistant, its rows kept until all of the week is written."""

    def __init__(
        self, story: Story, began: datetime, country: str, book: ResponseBook, chance: Random, rows: Rows
    ) -> None:
        self.story, self.at, self.book, self.chance, self.rows = story, began, book, chance, rows
        self.messages: list[Message] = []
        #: When the visitor was last there.
        self.seen_at, self.left = began, False
        self.conversation = Conversation(
            key=f"web-{uuid4().hex}",
            channel="web",
            country=country,
            language=story.language,
            created_at=began,
            slots=together({}, story.mentions or {}),
        )
        self.rows.add(self.conversation)
        self.say(_GREETING)

    def say(self, response: str, author: str = Author.BOT, answers: Message | None = None, place: int = 0) -> Message:
        """Say a response of the book, of its variations one that was not said yet."""
        said = [message.text for message in reversed(self.messages)]
        reply = self.book.render(response, self.conversation.country, said, self.conversation.language)
        message = self.write(author, reply)
        if answers:
            message.ordinal = place
            self.rows.answer(message, answers)
        return message

    def write(self, author: str, reply: Reply, sender: Any = None) -> Message:
        """Write to the visitor, who gets it at once unless they have left."""
        state, failure = State.DELIVERED, ""
        if self.left:
            state = State.QUEUED
            if author == Author.RESPONDER:
                state, failure = State.FAILED, _GONE
        more = {"response": reply.response, "buttons": reply.buttons, "state": state, "failure": failure}
        return self._add(Message(author=author, text=reply.text, language=reply.language, sender=sender, **more))

    def hear(self, turn: Turn) -> tuple[Message, Assessment]:
        """Take a message of the visitor, and judge it as `helpline/intake/judgement.py` does."""
        tapped = turn.kind == "tapped"
        payload = turn.text if tapped else ""
        text = self.book.button(payload, self.conversation.language)["title"] if tapped else turn.text
        findings = sorted((finding(found, text) for found in turn.found), key=lambda found: -found.level)
        assessment = Assessment(findings[0].level if findings else Level.NONE, findings)
        known = self.conversation.signals
        fresh = [name for name in assessment.signals if name not in known]
        held = self.conversation.status == Conversation.Status.HUMAN
        # A person who holds the conversation knows of what is not new.
        due = not held or bool(fresh) or assessment.level > self.conversation.level
        message = self._add(Message(author=Author.VISITOR, text=text, payload=payload, tapped=tapped))
        message.client_id = str(uuid4())
        message.level, message.findings = int(assessment.level), [found.as_dict() for found in findings]
        message.crisis_response = assessment.crisis_response if due else ""
        message.case_due = assessment.level >= Level.HIGH or assessment.asks_for_person or payload == REQUEST_HUMAN
        message.assessed_at = self.at + timedelta(milliseconds=300)
        message.processed_at = self.at + timedelta(seconds=2)
        self.conversation.level = max(self.conversation.level, message.level)
        self.conversation.signals = [*known, *fresh]
        self.seen_at = self.at
        return message, assessment

    def erase(self) -> None:
        """Take all words away, as `helpline/conversations/erasure.py` does."""
        conversation = self.conversation
        conversation.erased_at, conversation.status = self.at, Conversation.Status.CLOSED
        conversation.slots, conversation.signals = {}, []
        for message in self.messages:
            message.text, message.buttons, message.findings, message.payload = "", [], [], ""
            message.client_id, message.processed_at = None, self.at

    def close_book(self, now: datetime) -> None:
        """Note where the conversation stands now."""
        self.conversation.last_seq = len(self.messages)
        self.conversation.seen_at = self.seen_at if self.left else max(self.seen_at, self.messages[-1].at)
        waits_since = now - timedelta(minutes=settings.HELPLINE_DELIVERY_MINUTES)
        for message in self.messages:
            # A reply is given up after some time, and may still be fetched until then.
            if message.state == State.FAILED and message.at > waits_since:
                message.state, message.failure = State.QUEUED, ""

    def _add(self, message: Message) -> Message:
        message.conversation, message.seq, message.at = self.conversation, len(self.messages) + 1, self.at
        self.messages.append(message)
        self.rows.add(message)
        self.at += timedelta(seconds=self.chance.uniform(0.2, 0.9))
        return message


def finding(found: Found, text: str) -> Finding:
    """Return a finding as a detector gives it, its words by their place in the text."""
    spans = tuple((text.index(words), text.index(words) + len(words)) for words in found.words)
    around = (sentence for sentence in sentences(text) if found.words and found.words[0] in sentence)
    return Finding(found.signal, found.level, found.by, next(around, text), spans, found.earlier)
