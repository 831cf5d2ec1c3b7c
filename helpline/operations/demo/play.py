"""Play a made-up conversation out, turn by turn, so that its rows are those that the product would have written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from helpline.conversations.models import Case, Conversation, FlagReview, Message
from helpline.conversations.outbox import Place
from helpline.datafiles import DataError
from helpline.intake.language import NOTE
from helpline.languages import is_foreign
from helpline.operations.demo.casework import Casework
from helpline.operations.demo.script import FILE, Review, Story, Turn
from helpline.operations.demo.talk import Talk
from helpline.risk.assessment import Assessment
from helpline.risk.levels import Level
from helpline.risk.signals import questions

Status = Conversation.Status
#: No conversation takes longer, in minutes: one that began that long ago is over.
LONGEST = 90
#: How long a step takes where the conversation does not say, in seconds: the least and the most.
_SECONDS = {"tapped": (4, 25), "responder": (15, 75), "note": (10, 40), "left": (5, 40)}
_CLAIM = {Level.NONE: (45, 420), Level.ELEVATED: (45, 420), Level.HIGH: (30, 240), Level.IMMINENT: (20, 110)}
#: The same question is not asked again within so many rows.
_PAUSE = 20


class Play:
    """One conversation from its first turn to now; one responder takes its case, and a supervisor reviews."""

    def __init__(self, talk: Talk, responder: Any, supervisor: Any, now: datetime) -> None:
        self._talk, self._responder, self._supervisor, self._now = talk, responder, supervisor, now
        self._work = Casework(talk)
        self._reviews: list[tuple[Message, Review]] = []

    def run(self) -> None:
        """Play it.

        Raises:
            DataError: a turn is not possible where it stands; the message names the conversation and the turn.
        """
        story, talk = self._talk.story, self._talk
        for number, turn in enumerate(story.turns):
            try:
                self._turn(turn)
            except _Impossible as error:
                raise _error(story, f"turns[{number}]: {error}") from error
        longest = LONGEST if story.began is None else story.began
        if talk.at - talk.conversation.created_at > timedelta(minutes=longest):
            raise _error(story, f"takes longer than {longest:g} minutes")
        self._end(story)
        talk.close_book(self._now)

    def _turn(self, turn: Turn) -> None:
        if turn.kind == "responder":
            self._reply(turn)
            return
        self._pass(turn.after, *_SECONDS.get(turn.kind, (9, 70)))
        if turn.kind in ("visitor", "tapped"):
            self._hear(turn)
        elif turn.kind == "note":
            self._held()
            self._work.note(turn.text)
        elif turn.kind == "silent":
            self._fall_silent()
        else:
            self._talk.left = True

    def _hear(self, turn: Turn) -> None:
        """Take a message, and say what is due: crisis text, that a person comes, the answers, an offer."""
        talk, work, conversation = self._talk, self._work, self._talk.conversation
        if conversation.status == Status.CLOSED:
            conversation.status = Status.BOT
        message, assessment = talk.hear(turn)
        if turn.review:
            self._reviews.append((message, turn.review))
        work.raise_level(message)
        if message.crisis_response:
            talk.say(message.crisis_response, answers=message, place=Place.CRISIS)
        if conversation.status == Status.HUMAN:
            return
        if message.case_due:
            work.hand_off(message)
        responses = self._answers(turn, message, assessment)
        if not responses and not message.case_due:
            raise _Impossible("nothing answers it")
        for place, response in enumerate(responses, Place.ANSWER):
            talk.say(response, answers=message, place=place)

    def _answers(self, turn: Turn, message: Message, assessment: Assessment) -> list[str]:
        """Return what is said beside crisis text and the hand-off."""
        conversation = self._talk.conversation
        answers = list(turn.answers) if assessment.level < Level.IMMINENT else []
        if message.case_due or conversation.status != Status.BOT:
            return answers
        said = [one.response for one in self._talk.messages]
        question = assessment.question if assessment.question not in said[-_PAUSE:] else ""
        if is_foreign(conversation.language) and NOTE not in said and not question:
            return [NOTE]
        return [*answers, question or "utter_offer_person"] if assessment.level == Level.ELEVATED else answers

    def _reply(self, turn: Turn) -> None:
        if case := self._work.waiting:
            self._pass(turn.after, *_CLAIM[Level(case.level)])
            self._work.claim(self._responder)
            self._pass(None, 12, 40)
        else:
            self._held()
            self._pass(turn.after, *_SECONDS["responder"])
        self._work.reply(turn.text)

    def _fall_silent(self) -> None:
        """Let a question of ours go unanswered for as long as the product waits."""
        last = self._talk.messages[-1]
        if last.response not in questions() or self._work.case:
            raise _Impossible("nothing was asked that silence answers")
        self._pass(settings.HELPLINE_ANSWER_MINUTES * 60)
        visitors = [message for message in self._talk.messages if message.author == Message.Author.VISITOR]
        self._work.open(visitors[-1])
        self._talk.say(questions()[last.response].if_silent, Message.Author.SYSTEM)

    def _end(self, story: Story) -> None:
        """End the case as the story has it, or let it wait until now; then what comes later: erasure, reviews."""
        talk, case = self._talk, self._work.case
        if story.began is not None:
            self._work.wait_until(self._now)
            talk.conversation.erase_asked_at = talk.messages[-1].at if story.erased else None
            return
        if story.ended:
            self._held()
            self._pass(None, 20, 90)
            self._work.end(Case.State(story.ended))
        elif case:
            raise _error(story, "its case is open: it needs 'ended', or to have 'began' now")
        if story.erased:
            talk.at = min(talk.at + timedelta(minutes=talk.chance.uniform(1, 30)), self._now)
            talk.erase()
            self._work.erased()
            return
        at = talk.at + timedelta(hours=talk.chance.uniform(3, 20))
        for message, review in self._reviews if at < self._now else ():
            level = message.level if review.level is None else int(review.level)
            signal = review.signal or next((found["signal"] for found in message.findings), "") if level else ""
            more = {"reviewer": self._supervisor, "verdict": review.verdict, "level": level, "signal": signal}
            talk.rows.add(FlagReview(message=message, at=at, **more))

    def _held(self) -> None:
        case = self._work.case
        if case is None or case.state != Case.State.HELD:
            raise _Impossible("nobody holds a case")

    def _pass(self, seconds: float | None, least: float = 0, most: float = 0) -> None:
        waited = self._talk.chance.uniform(least, most) if seconds is None else seconds
        self._work.wait_until(self._talk.at + timedelta(seconds=waited))


class _Impossible(Exception):
    """A turn that cannot be where it stands."""


def _error(story: Story, problem: str) -> DataError:
    return DataError(f"{FILE.name}: {story.name}: {problem}")
