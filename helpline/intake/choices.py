"""What a visitor chooses among the buttons that were offered: by tapping one, by typing its title or its number."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.db.models import Max

from helpline.conversations.models import Message

#: Rows from the helpline whose buttons can still be chosen by payload or title.
_REMEMBERED = 50
#: A longer text is no title: data checks keep those to 32 characters.
_LONGEST = 100

#: Typewriter, curly, modifier, wide, grave, acute and prime: whatever a keyboard writes for one.
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019\u02bc\uff07`\u00b4\u2032")
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_BUTTON = "option|choice|button"
_NUMBERED = re.compile(
    rf"(?:(?:number|{_BUTTON}) )?(?P<digits>[0-9]{{1,2}})"
    rf"|(?:number|{_BUTTON}) (?P<cardinal>{'|'.join(_CARDINALS)})"
    rf"|(?:(?P<nth>[0-9]{{1,2}})(?:st|nd|rd|th)|(?P<ordinal>{'|'.join(_ORDINALS)})|(?P<last>last))"
    rf"(?: (?:one|{_BUTTON}))?"
)

#: The payloads of the answers to a question of ours, and other words for them, in the languages that it is asked in.
#: "Not really" is no clear no.
YES, NO = "/affirm", "/deny"
_ANSWERS = {
    YES: re.compile(
        r"yes|yeah|yea|yep|yup|yh|ya|y|aye|sure|maybe|possibly|probably|sometimes|kinda|(?:kind|sort) of|"
        r"a (?:bit|little)|i (?:am|do|think so|guess(?: so)?)|we are|"
        # Spanish, Portuguese, French, German, Polish.
        r"s[ií]|claro(?: que s[ií])?|a veces|tal vez|quiz[aá]s?|creo que s[ií]|un poco|"
        r"sim|[aà]s vezes|talvez|acho que sim|um pouco|"
        r"oui|ouais|parfois|peut etre|peut être|je crois|je pense|un peu|"
        r"ja|jo|doch|manchmal|vielleicht|ich glaube(?: schon| ja)?|ein bisschen|"
        r"tak|no tak|czasami|mo[zż]e|chyba(?: tak)?|troch[eę]"
    ),
    NO: re.compile(
        r"no(?: way)?|nope|nah|naw|n|never|(?:no )?(?:im|i am) not|(?:of course )?not|not at all|"
        r"(?:no )?para nada|claro que no|nunca|n[aã]o|de modo nenhum|non|jamais|pas du tout|"
        r"nein|nee|nie|[uü]berhaupt nicht|nigdy|wcale nie"
    ),
}

Button = dict[str, Any]


def offered_title(conversation_id: int, payload: str) -> str | None:
    """Return the title of the button that offered this payload; None when none did."""
    return next((b["title"] for b in _offered(conversation_id) if b["payload"] == payload), None)


def typed_choice(conversation_id: int, text: str) -> str:
    """Return the payload of the button that a typed text stands for; empty when it stands for none.

    A title stands for its button as long as a tap on it would do. A number stands for one only among
    the buttons shown since a visitor or a responder last wrote: after that it may well answer
    something else, "how many days?" for one. So do other words for yes and no.
    """
    said = fold(text) if len(text) <= _LONGEST else ""
    if not said:
        return ""
    titled = (b["payload"] for b in _offered(conversation_id) if fold(b["title"]) == said)
    return next(titled, None) or _numbered(said, conversation_id) or _answer(said, conversation_id)


def fold(text: str) -> str:
    """Return a text as it is compared: no case, apostrophes, punctuation or doubled spaces, no leading "and the"."""
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    words = re.sub(r"[\W_]+", " ", plain).split()
    while len(words) > 1 and words[0] in ("and", "the"):
        words.pop(0)
    return " ".join(words)


def _numbered(said: str, conversation_id: int) -> str:
    place = _place(said.removesuffix(" please"))
    if place is None:
        return ""
    shown = _shown_last(conversation_id)
    return str(shown[place]["payload"]) if -len(shown) <= place < len(shown) else ""


def _answer(said: str, conversation_id: int) -> str:
    payload = next((payload for payload, words in _ANSWERS.items() if words.fullmatch(said)), "")
    return payload if payload and any(b["payload"] == payload for b in _shown_last(conversation_id)) else ""


def _place(said: str) -> int | None:
    """Return the index that the words stand for, counted from 0, -1 for the last; None when they are no number."""
    found = _NUMBERED.fullmatch(said)
    if found is None:
        return None
    if found["last"]:
        return -1
    for group, names in (("cardinal", _CARDINALS), ("ordinal", _ORDINALS)):
        if found[group]:
            return names.index(found[group])
    number = int(found["digits"] or found["nth"])
    return number - 1 if number else None


def _shown_last(conversation_id: int) -> list[Button]:
    """Return the buttons shown since a person last wrote, in the order in which they are seen."""
    rows = Message.objects.filter(conversation_id=conversation_id)
    since = rows.filter(author__in=Message.PERSONS).aggregate(last=Max("seq"))["last"] or 0
    offers = rows.filter(seq__gt=since).order_by("seq").values_list("buttons", flat=True)
    return [button for buttons in offers for button in buttons if button.get("payload")]


def _offered(conversation_id: int) -> list[Button]:
    """Return the buttons that can be chosen, the latest row's first."""
    rows = Message.objects.filter(conversation_id=conversation_id).exclude(author=Message.Author.VISITOR)
    offers = rows.order_by("-seq").values_list("buttons", flat=True)[:_REMEMBERED]
    return [button for buttons in offers for button in buttons if button.get("payload")]
