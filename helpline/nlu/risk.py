"""Rasa component: puts the assessment of risk on the message, where policies find it."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from helpline.fingerprints import fingerprint, risk_parts
from helpline.risk.artefact import shared_assessor
from helpline.risk.assessment import Assessment

#: The key under which a message, its metadata and the tracker's latest message carry the risk.
RISK = "risk"


# Rasa has no kind of component for risk; of its kinds, this one only looks at messages.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RiskDetector(GraphComponent):
    """Takes intake's assessment from the message's metadata; makes its own where there is none.

    Intake knows the conversation and has assessed the message before it came to Rasa. The text
    alone decides only outside a server, as in ``rasa shell``.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RiskDetector:
        """Create the component; it keeps nothing in the model."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Keep Rasa from restoring a model made with other risk data, code or weights."""
        return fingerprint(risk_parts())

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``risk`` on each message, and have it go on to the tracker."""
        for message in messages:
            known = (message.get(METADATA) or {}).get(RISK)
            risk = known or as_metadata(shared_assessor().assess(message.get(TEXT) or ""))
            message.set(RISK, risk, add_to_output=True)
        return messages


def as_metadata(
    assessment: Assessment,
    *,
    crisis_response: str | None = None,
    question: str | None = None,
    offer_person: bool = True,
    ask_country: bool = False,
    foreign: bool = False,
    note: str = "",
) -> dict[str, Any]:
    """Return what a policy needs to know of an assessment.

    ``crisis_response`` and ``question`` override the assessment's own, where intake knows that they were
    said already. ``ask_country`` tells that nobody knows whose lines to show, ``foreign`` that the visitor
    writes in another language than English, and ``note`` is what they are to be told about that.
    """
    return {
        "level": assessment.level.label,
        "signals": assessment.signals,
        "crisis_response": assessment.crisis_response if crisis_response is None else crisis_response,
        "question": assessment.question if question is None else question,
        "asks_for_person": assessment.asks_for_person,
        "offer_person": offer_person,
        "ask_country": ask_country,
        "foreign": foreign,
        "note": note,
    }
