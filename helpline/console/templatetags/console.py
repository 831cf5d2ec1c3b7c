"""Filters with which the templates turn codes into words, times and marked text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from helpline.console import charts, marking, review_forms, roles, words
from helpline.conversations import verdicts
from helpline.conversations.models import Case, CaseEvent, Conversation, Message

register = template.Library()

#: A triangle, a diamond, a disc, a line: the level without its colour.
SHAPES = {
    "imminent": "M8 1 15.5 15H.5Z",
    "high": "M8 .5 15.5 8 8 15.5.5 8Z",
    "elevated": "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13Z",
    "none": "M2 7h12v2H2z",
}


@register.filter
def marked(message: Message) -> SafeString:
    """Return a message's text as HTML, with the words in which danger was found marked."""
    return marking.marked(message.text, message.findings)


@register.filter
def reasons(message: Message) -> list[marking.Reason]:
    """Return why a message was flagged."""
    return marking.reasons(message.text, message.findings)


@register.filter
def signal_words(codes: Iterable[str]) -> str:
    """Return signals as words."""
    return words.signals(codes)


@register.filter
def signal_name(code: str) -> str:
    """Return one signal as words."""
    return words.signal(code)


@register.filter
def found_signal(message: Message) -> str:
    """Return the gravest signal that was found in a message."""
    return verdicts.signal_found(message)


@register.filter
def language_name(code: str) -> str:
    """Return a language's name."""
    return review_forms.language(code)


@register.filter
def level_name(level: int) -> str:
    """Return a level as a word."""
    return words.level(level)


@register.filter
def channel_name(code: str) -> str:
    """Return a channel as staff know it."""
    return words.channel(code)


@register.filter
def origin(conversation: Conversation) -> str:
    """Return where a conversation comes from: the channel, the country and the language, as far as they are known."""
    language = review_forms.language(conversation.language)
    return ", ".join(filter(None, (words.channel(conversation.channel), conversation.country, language)))


@register.filter
def went_back(case: Case) -> bool:
    """Tell whether a waiting case was held before."""
    return (case.waiting_since - case.opened_at).total_seconds() > 1


@register.filter
def mentioned(conversation: Conversation) -> list[tuple[str, str]]:
    """Return what the visitor mentioned beside their questions, as words."""
    return words.mentioned(conversation.slots)


@register.filter
def person_name(user: Any) -> str:
    """Return a responder's name."""
    return words.person(user)


@register.filter
def author_name(message: Message) -> str:
    """Return who speaks: the visitor, the assistant, the helpline, or a responder by name."""
    author = Message.Author(message.author)
    return words.person(message.sender) if author == Message.Author.RESPONDER else words.AUTHORS[author]


@register.filter
def event_name(event: CaseEvent) -> str:
    """Return what happened, in words."""
    return words.EVENTS[CaseEvent.Kind(event.kind)]


@register.filter
def shown(cell: Any) -> str:
    """Return a day, a time or a number as a table shows it."""
    return charts.shown(cell)


@register.filter
def outcome_name(case: Case) -> str:
    """Return how a case ended."""
    return words.OUTCOMES.get(Case.State(case.state), "Open")


@register.filter
def ago(moment: datetime) -> str:
    """Return how long ago a moment was."""
    return words.ago(moment)


@register.filter
def is_present(moment: datetime | None) -> bool:
    """Tell whether a visitor last heard from then is still there."""
    return words.within(moment, words.PRESENT)


@register.filter
def role_name(user: Any) -> str:
    """Return an account's role."""
    return roles.role_of(user) or "none"


@register.filter
def account_state(user: Any) -> str:
    """Return whether somebody can log in with an account."""
    if not user.is_active:
        return "closed"
    if user.has_usable_password():
        return "active"
    return "waits for a new password" if user.last_login else "invited"


@register.simple_tag
def level_badge(value: int | str) -> SafeString:
    """Show a level as a word, a colour and a shape."""
    name = words.level(value)
    return format_html(
        '<span class="level level-{0}"><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">'
        '<path d="{1}"/></svg>{0}</span>',
        name,
        SHAPES.get(name, SHAPES["none"]),
    )


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """Show a time, which the page turns into the reader's own."""
    shown = date_format(moment, "j M H:i")
    return format_html('<time datetime="{}" data-clock>{} UTC</time>', moment.isoformat(), shown)
