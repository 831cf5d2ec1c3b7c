"""The cases of a conversation while it is made up: opened, paged, waited for, held, ended; with what staff leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from helpline.conversations import audit
from helpline.conversations.hand_off import STILL_WAITING, TOLD
from helpline.conversations.models import Case, CaseEvent, Conversation, Message, Note, Page
from helpline.conversations.outbox import Place
from helpline.intake.waiting import NOBODY_FREE, pause
from helpline.operations.demo.talk import Talk
from helpline.paging.pages import RETRY_SECONDS
from helpline.responses.reply import Reply
from helpline.risk.levels import Level

Kind = CaseEvent.Kind
State = Case.State
Status = Conversation.Status
#: So many groups are paged; an installation may name fewer.
_GROUPS = 2
_ENDS = {
    State.RETURNED: (Status.BOT, "utter_returned_to_assistant"),
    State.RESOLVED: (Status.CLOSED, "utter_case_resolved"),
}


class Casework:
    """What `helpline/conversations/cases.py` does, step by step, at times that lie in the past."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        #: The last case, open or ended; there is at most one a conversation here.
        self.case: Case | None = None
        self._told: list[tuple[str, datetime]] = []
        self._pages: list[Page] = []

    @property
    def waiting(self) -> Case | None:
        """The case, while nobody holds it."""
        return self.case if self.case and self.case.state == State.WAITING else None

    def hand_off(self, message: Message) -> None:
        """Open a case because of a message, and tell the visitor; or say that it is open."""
        if self.case is None:
            self.open(message)
            self._talk.say(TOLD, answers=message, place=Place.HAND_OFF)
        elif self.waiting and not message.crisis_response:
            self._talk.say(STILL_WAITING, answers=message, place=Place.HAND_OFF)

    def open(self, message: Message | None) -> None:
        """Open a case with all that was found so far."""
        talk = self._talk
        found = {"level": talk.conversation.level, "signals": talk.conversation.signals}
        self.case = Case(conversation=talk.conversation, opened_at=talk.at, waiting_since=talk.at, **found)
        talk.rows.add(self.case)
        talk.conversation.status = Status.WAITING
        self._told, self._pages = [], []
        self._note(Kind.OPENED, message=message)

    def raise_level(self, message: Message) -> None:
        """Bring the open case up to what a message added."""
        case, conversation = self.case, self._talk.conversation
        if case and (case.level < conversation.level or not set(case.signals) >= set(conversation.signals)):
            case.level, case.signals = max(case.level, conversation.level), conversation.signals
            self._note(Kind.RISK, message=message)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass: while nobody holds the case, staff are paged, and the visitor is told that nobody is free."""
        case = self.waiting
        while case and case.level >= Level.HIGH and (due := self._page_at(case)) <= moment:
            self._page(case, due)
        while case and (told := self._nobody_free_at(case)) and told <= moment:
            self._talk.at = max(told, self._talk.at)
            self._told.append((NOBODY_FREE[Level(case.level)], self._talk.at))
            self._talk.say(self._told[-1][0], Message.Author.SYSTEM)
        self._talk.at = max(self._talk.at, moment)

    def claim(self, responder: Any) -> None:
        """Have a responder take the waiting case."""
        case, talk = self.waiting, self._talk
        if case:
            talk.rows.audit(responder, "read the case", case, talk.at - timedelta(seconds=4))
            case.state, case.holder, case.claimed_at = State.HELD, responder, talk.at
            talk.conversation.status = Status.HUMAN
            self._note(Kind.CLAIMED, responder)
            talk.say("utter_human_joined", Message.Author.SYSTEM)

    def reply(self, text: str) -> None:
        """Have the holder write to the visitor."""
        assert self.case
        talk, case = self._talk, self.case
        talk.rows.audit(case.holder, "replied", case, talk.at)
        case.first_reply_at = case.first_reply_at or talk.at
        filled = text.format_map(talk.book.words(talk.conversation.country))
        talk.write(Message.Author.RESPONDER, Reply(filled), case.holder)

    def note(self, text: str) -> None:
        """Have the holder note something for the team."""
        assert self.case
        self._talk.rows.add(Note(case=self.case, author=self.case.holder, text=text, at=self._talk.at))

    def end(self, state: State) -> None:
        """End the case: with what the responder noted of it, and what the visitor is told."""
        assert self.case
        case, talk, story = self.case, self._talk, self._talk.story
        case.state, case.ended_at = state, talk.at
        case.outcome, case.helped, case.summary, case.tags = (
            story.outcome, story.helped, story.summary, list(story.tags),
        )  # fmt: skip
        talk.conversation.status, farewell = _ENDS[state]
        talk.conversation.level, talk.conversation.signals = Level.NONE, []
        self._note(Kind(state.value), case.holder)
        talk.say(farewell, Message.Author.SYSTEM)

    def erased(self) -> None:
        """Note in the history of the case that the words are gone."""
        if self.case:
            self._add_event(Kind.ERASED, None, None, [])

    def _nobody_free_at(self, case: Case) -> datetime | None:
        times = sum(said == NOBODY_FREE[Level(case.level)] for said, _ in self._told)
        since = self._told[-1][1] if self._told else case.opened_at
        return since + timedelta(seconds=pause(times)) if times < settings.HELPLINE_WAITING_TIMES else None

    def _page_at(self, case: Case) -> datetime:
        of_level = [page for page in self._pages if page.level == case.level]
        if not of_level:
            return self._talk.at if self._pages else case.opened_at + timedelta(seconds=1)
        newest = of_level[-1]
        failed = any(page.number == newest.number and page.state == Page.State.FAILED for page in of_level)
        return newest.at + timedelta(seconds=RETRY_SECONDS if failed else settings.HELPLINE_PAGE_MINUTES * 60)

    def _page(self, case: Case, at: datetime) -> None:
        number = self._pages[-1].number + 1 if self._pages else 1
        asked = max((page.group for page in self._pages if page.level == case.level), default=0)
        for group in range(1, min(asked + 1, _GROUPS) + 1):
            failed = self._talk.story.page_fails and number == 1
            state = Page.State.FAILED if failed else Page.State.SENT
            page = Page(case=case, number=number, group=group, level=case.level, at=at, state=state)
            self._pages.append(page)
            self._talk.rows.add(page)

    def _note(self, kind: Kind, actor: Any = None, message: Message | None = None) -> None:
        assert self.case
        self._add_event(kind, actor, message, list(self.case.signals))
        self._talk.rows.audit(actor, kind.value, self.case, self._talk.at, "" if actor else audit.ASSISTANT)

    def _add_event(self, kind: Kind, actor: Any, message: Message | None, signals: list[str]) -> None:
        assert self.case
        at, level = self._talk.at, self.case.level
        event = CaseEvent(case=self.case, kind=kind, at=at, actor=actor, level=level, signals=signals, message=message)
        self._talk.rows.add(event)
