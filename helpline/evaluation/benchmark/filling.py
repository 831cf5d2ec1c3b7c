"""A database full of made-up conversations, always the same ones, for what must stay quick with many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from helpline.conversations.models import AuditEvent, Case, CaseEvent, Conversation, FlagReview, Message, Page
from helpline.responses.book import response_book
from helpline.risk.levels import Level

DAYS = 90
_BATCH = 2_000
#: One conversation in so many has danger in it, and one in so many a case too.
_FLAGGED, _WITH_CASE = 5, 10
#: The newest cases wait or are held, the others have ended.
_WAITING, _HELD = 20, 20
#: Lines of the audit log about one case.
_LINES = 100
_ACTIONS = ("opened", "read the case", "claimed", "replied", "risk", "replied", "read the conversation", "resolved")
_BY_NOBODY = ("opened", "risk")
_SIGNALS = ("using_alone", "suicidal_ideation_active", "return_to_use", "hopelessness", "overdose_now")
_CHANNELS = ("web", "web", "web", "sms", "whatsapp")
_LANGUAGES = ("en", "en", "en", "es", "")


def fill(conversations: int, messages_each: int, texts: Sequence[str], now: datetime, responder: User) -> None:
    """Write conversations over the last days, each with so many messages; some with danger, some with a case."""
    with given_times(Conversation, Message, Case, CaseEvent, Page, FlagReview, AuditEvent):
        begun = [
            _conversation(number, messages_each, now - timedelta(days=DAYS) * (1 - (number + 1) / (conversations + 1)))
            for number in range(conversations)
        ]
        Conversation.objects.bulk_create(begun, _BATCH)
        for first in range(0, conversations, _BATCH // 40):
            some = list(enumerate(begun))[first : first + _BATCH // 40]
            Message.objects.bulk_create(
                _message(number, conversation, place, messages_each, texts[(number * 7 + place) % len(texts)])
                for number, conversation in some
                for place in range(messages_each)
            )
        _cases(begun, responder)
        flagged = Message.objects.filter(level__gt=Level.NONE).order_by("pk")
        FlagReview.objects.bulk_create(
            (_review(number, message, responder) for number, message in enumerate(flagged) if number % 3 == 0), _BATCH
        )


@contextmanager
def given_times(*models: type[Model]) -> Iterator[None]:
    """Keep the times that rows are made with, where Django would set the present one."""
    # Public, whatever its name says.
    fields: list[Any] = [field for model in models for field in model._meta.get_fields()]  # noqa: SLF001
    kept = [(field, name) for field in fields for name in ("auto_now", "auto_now_add") if getattr(field, name, False)]
    for field, name in kept:
        setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in kept:
            setattr(field, name, True)


def _conversation(number: int, of: int, at: datetime) -> Conversation:
    flagged = number % _FLAGGED == 0
    return Conversation(
        key=f"made-up-{number}",
        last_seq=of,
        channel=_CHANNELS[number % 5],
        language=_LANGUAGES[number // 5 % 5],
        created_at=at,
        seen_at=at,
        level=_level(number) if flagged else Level.NONE,
        signals=_signals(number) if flagged else [],
    )


def _level(number: int) -> Level:
    return (Level.HIGH, Level.ELEVATED, Level.IMMINENT, Level.ELEVATED)[number // _FLAGGED % 4]


def _signals(number: int) -> list[str]:
    return [_SIGNALS[number // _FLAGGED % len(_SIGNALS)]]


def _message(number: int, conversation: Conversation, place: int, of: int, text: str) -> Message:
    """Return what the visitor says, with danger in some of it, or the assistant's answer to the message before."""
    at, key = conversation.created_at + timedelta(seconds=30 * place), number * of + place + 1
    message = Message(pk=key, conversation=conversation, seq=place + 1, text=text, at=at, author="visitor")
    if place % 2:
        message.author, message.state, message.answers_id, message.ordinal = "bot", "delivered", key - 1, 3
        message.response = _replies()[(number + place // 2) % len(_replies())]
        return message
    message.client_id, message.assessed_at, message.processed_at = str(place), at, at
    if number % _FLAGGED == 0 and place % _every(of) == 0:
        message.level = _level(number)
        found = {"signal": _signals(number)[0], "level": _level(number).label, "sentence": text, "words": []}
        message.findings = [{**found, "detector": "meaning"}]
    return message


@cache
def _replies() -> list[str]:
    """Return the names of all responses, each of which is said as often as any other."""
    return sorted(response_book().keys())


def _every(of: int) -> int:
    """Return the distance of flags in a conversation: about three of them, all the visitor's."""
    return max(of // 3 // 2 * 2, 2)


def _cases(begun: Sequence[Conversation], responder: User) -> None:
    chosen = begun[::_WITH_CASE]
    cases = [_case(place, len(chosen), conversation, responder) for place, conversation in enumerate(chosen)]
    Case.objects.bulk_create(cases, _BATCH)
    events = [CaseEvent(case=case, kind="opened", at=case.opened_at, level=case.level) for case in cases]
    events += [
        CaseEvent(case=case, kind="claimed", at=case.claimed_at, actor=responder) for case in cases if case.claimed_at
    ]
    CaseEvent.objects.bulk_create(events, _BATCH)
    AuditEvent.objects.bulk_create((_line(case, place, responder) for case in cases for place in range(_LINES)), _BATCH)
    Page.objects.bulk_create(
        (
            Page(
                case=case,
                number=1,
                group=1,
                level=case.level,
                at=case.opened_at,
                state="failed" if n % 9 == 0 else "sent",
            )
            for n, case in enumerate(cases)
            if case.level >= Level.HIGH
        ),
        _BATCH,
    )


def _case(place: int, of: int, conversation: Conversation, responder: User) -> Case:
    left, waiting, held = of - place, min(_WAITING, of // 4), min(_HELD, of // 4)
    state = "waiting" if left <= waiting else "held" if left <= waiting + held else "resolved"
    opened = conversation.created_at
    claimed = None if state == "waiting" else opened + timedelta(seconds=20 + place * 37 % 600)
    return Case(
        conversation=conversation,
        state=state,
        level=_level(place * _WITH_CASE),
        signals=_signals(place * _WITH_CASE),
        opened_at=opened,
        waiting_since=opened,
        holder=responder if claimed else None,
        claimed_at=claimed,
        first_reply_at=claimed and claimed + timedelta(seconds=45),
        ended_at=opened + timedelta(minutes=30) if state == "resolved" else None,
        outcome=Case.Outcome.values[place % 5] if state == "resolved" else "",
        helped=Case.Helped.values[place % 3] if state == "resolved" and place % 2 else "",
    )


def _line(case: Case, place: int, responder: User) -> AuditEvent:
    action = _ACTIONS[place % len(_ACTIONS)]
    return AuditEvent(
        user=None if action in _BY_NOBODY else responder,
        action=action,
        case_number=case.pk,
        at=case.opened_at + timedelta(seconds=place),
    )


def _review(number: int, message: Message, reviewer: User) -> FlagReview:
    verdict = ("right", "right", "too_high", "false_alarm", "too_low")[number // 3 % 5]
    signal = "" if verdict == "false_alarm" else message.findings[0]["signal"]
    return FlagReview(
        message=message, reviewer=reviewer, verdict=verdict, level=message.level, signal=signal, at=message.at
    )
