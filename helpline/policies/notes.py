"""What an answer needs beside it because of what the message mentions, said once a conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

AFTER_BREAK = "utter_note_after_break"
OTHER_SUBSTANCE = "utter_note_other_substance"
LOVED_ONE = "utter_note_loved_one"
#: What the article speaks of; of any other substance it says next to nothing.
_OF_THE_ARTICLE = {"heroin", "opioids", "painkillers"}
#: Topics whose answer is the same whatever substance is meant, or that name it themselves.
_ANY_SUBSTANCE = {
    "relapse_rate_comparison_alcohol",
    "prescription_painkillers_to_heroin",
    "how_to_get_help_representative",
    "medical_disclaimer",
    "who_wrote_article",
}
_NOT_PERSONAL = {"medical_disclaimer", "who_wrote_article"}


def note_for(topic: str, entities: Sequence[Mapping[str, Any]], said: Collection[str]) -> str | None:
    """Return the one note that is due beside an answer; None where none is, or it was said before.

    The gravest first: after a break the old amount can kill.
    """
    mentioned: dict[str, set[str]] = {}
    for entity in entities:
        mentioned.setdefault(str(entity["entity"]), set()).add(str(entity["value"]))
    substances, about = mentioned.get("substance", set()), mentioned.get("about", set())
    due = {
        AFTER_BREAK: "time_since_use" in mentioned and topic not in _NOT_PERSONAL,
        OTHER_SUBSTANCE: bool(substances) and substances.isdisjoint(_OF_THE_ARTICLE) and topic not in _ANY_SUBSTANCE,
        LOVED_ONE: about == {"other"} and topic not in _NOT_PERSONAL,
    }
    return next((note for note, is_due in due.items() if is_due and note not in said), None)
