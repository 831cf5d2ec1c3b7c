"""Rasa policy: danger first. Crisis text, then a person; a kind offer where there is distress."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.nlu.questions import QUESTIONS, asks
from helpline.policies.answers import HAND_OFF, OFFER, plan_of
from helpline.policies.turns import done_this_turn, next_of, said_in_all
from helpline.policies.untrained import UntrainedPolicy
from helpline.responses.topics import ANSWER

WHICH_COUNTRY = "utter_which_country"
#: Intents whose answer would be "I did not understand": unkind words to somebody in distress.
_UNANSWERED = {DEFAULT_NLU_FALLBACK_INTENT_NAME, "out_of_scope_other"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SafetyPolicy(UntrainedPolicy):
    """Decides the turn where the message carries risk, and leaves every other turn to the others."""

    priority = 100

    @classmethod
    def step(cls, tracker: DialogueStateTracker) -> str | None:
        """Return what safety asks for next; None leaves it to the others."""
        message = tracker.latest_message
        if message is None:
            return None
        risk = message.parse_data.get("risk") or {}
        intent, done = message.intent.get("name") or "", done_this_turn(tracker)
        asked = asked_in(message.text or "", message.parse_data)
        return next_step(risk, intent, done, plan_of(tracker), asked, said_in_all(tracker))


def asked_in(text: str, parsed: Mapping[str, Any]) -> list[str]:
    """Return the answers to what a message asks in so many words; a danger alone is no question."""
    return [f"{ANSWER}{topic}" for topic in parsed.get(QUESTIONS) or ()] if asks(text) else []


def next_step(
    risk: Mapping[str, Any],
    intent: str,
    done: Sequence[str],
    answer: Sequence[str] = (),
    asked: Sequence[str] = (),
    said: Collection[str] = (),
) -> str | None:
    """Return the action that safety asks for next; None leaves it to the others.

    A crisis response or a wish for a person comes first. A question that came with high danger is
    answered after it; where a life is in danger now, nothing follows that could distract, but where nobody
    knows whose numbers to show, the country is asked, unless that is among the responses ``said`` before.
    In distress the question is answered first, with all of ``answer`` where that is planned; then a person is
    offered. Where it might be worse, that is asked, after the answer only to what was ``asked`` in so many words.
    """
    crisis = str(risk.get("crisis_response") or "")
    if crisis or risk.get("level") in ("high", "imminent"):
        plan = [*([crisis] if crisis else []), HAND_OFF, *(asked if risk.get("level") == "high" else ())]
        plan += [WHICH_COUNTRY] if crisis and risk.get("ask_country") and WHICH_COUNTRY not in said else []
    elif risk.get("asks_for_person"):
        plan = [HAND_OFF]
    elif risk.get("level") == "elevated" and risk.get("offer_person") and HAND_OFF not in done:
        question = str(risk.get("question") or "")
        if risk.get("note") and not question:
            # Which offers a person too.
            return None
        # "everyone would be better off without me" asks for no topic, whatever it is taken for.
        to_answer = bool(asked) if question else intent not in _UNANSWERED
        if to_answer and (not done or any(step not in done for step in answer)):
            return None
        plan = [*done, question or OFFER]
    else:
        return None
    return next_of(plan, done)
