"""Rasa's way to the response book: one way to word a reply, whoever sends it."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from helpline.conversations.turn_record import going_on
from helpline.nlu.ranking import between
from helpline.policies.answers import WHICH
from helpline.policies.safety import WHICH_COUNTRY
from helpline.responses.book import ResponseBook, response_book


class ReviewedResponses(NaturalLanguageGenerator):
    """Words responses through the response book, as intake does.

    Named in `endpoints.yml` under ``nlg``. The book is of the files that the model was trained
    with: a model's name is a fingerprint of them.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        self._book = response_book()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return Rasa's form of a reply; None for a response that is not in the book."""
        if utter_action not in self._book:
            return None
        country, language, said = "", "", list[str]()
        if turn := going_on():
            conversation = turn.message.conversation
            # Of the rows and not the tracker: it knows nothing of what the watchdog said.
            country, language, said = conversation.country, conversation.language, turn.said
        reply = self._book.render(utter_action, country, said, language)
        buttons = [*_choices(utter_action, tracker, self._book, language), *reply.buttons]
        return {"text": reply.text, "buttons": buttons, "language": reply.language}


def _choices(response: str, tracker: DialogueStateTracker, book: ResponseBook, language: str) -> list[dict[str, str]]:
    """Return the buttons of a question whose answers are not always the same.

    They are the topics that the message lies between, or the countries with lines.
    """
    if response == WHICH_COUNTRY:
        return book.countries(language)
    topics = between(tracker.latest_message.parse_data) if response == WHICH and tracker.latest_message else None
    return [book.button(f"/{topic}", language) for topic in topics or ()]
