"""Rasa policy: the answers that one rule for each intent cannot give.

Two questions in one message, "tell me more", a message between two topics, what an answer needs beside
it, and a person after two misses in a row. All else is the rules' to answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.trackers import DialogueStateTracker

from helpline.nlu.questions import QUESTIONS, asks
from helpline.nlu.ranking import between
from helpline.policies.notes import note_for
from helpline.policies.turns import done_by_turn, next_of, said_in_all
from helpline.policies.untrained import UntrainedPolicy
from helpline.responses.topics import ANSWER, EVERYONE, MORE, is_outside, last_topic
from helpline.risk.signals import questions, signals

OFFER = "utter_offer_person"
WHICH = "utter_which_topic"
NOTHING_MORE = "utter_nothing_more"
_FALLBACK = "utter_fallback"
HAND_OFF = "action_hand_off"
#: Intents that say little by themselves: what was said before decides.
_UNCLEAR = frozenset({DEFAULT_NLU_FALLBACK_INTENT_NAME, "out_of_scope_other", "affirm"})
#: Small talk that after crisis text goes on about the danger: "ok i am with my sister now" is like a goodbye.
_SMALL = frozenset({"thanks", "deny", "greet", "goodbye"})
#: Who writes again within so many turns after crisis text writes about that.
_TURNS_AFTER = 3
_STAY = "utter_stay"
#: Follow-up intents, and the responses that take the topic further.
_FOLLOW_UPS = {"follow_up_more": MORE, "follow_up_everyone": EVERYONE}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class AnswerPolicy(UntrainedPolicy):
    """Goes before the rules, and after safety."""

    priority = 50

    @classmethod
    def step(cls, tracker: DialogueStateTracker) -> str | None:
        """Return the next step of this turn's plan; None without one."""
        planned = plan_of(tracker)
        return next_of(planned, next(done_by_turn(tracker), [])) if planned else None


def plan_of(tracker: DialogueStateTracker) -> list[str]:
    """Return what the message of this turn is answered with; empty where the rules know."""
    message = tracker.latest_message
    if message is None or not message.intent.get("name"):
        return []
    _, *earlier = done_by_turn(tracker)
    return plan(message.parse_data, earlier, said_in_all(tracker))


def plan(parsed: Mapping[str, Any], earlier: Sequence[Sequence[str]], said: Collection[str] = ()) -> list[str]:
    """Return the responses that answer a message, in order; empty where a rule for its intent does.

    Args:
        parsed: what NLU found in it: ``intent``, ``intent_ranking``, ``questions``, ``entities``, ``risk``.
        earlier: what was done in the turns before, the newest first.
        said: the responses of turns that may lie further back.
    """
    intent = str((parsed.get("intent") or {}).get("name") or "")
    newest_first = [response for turn in earlier for response in reversed(turn)]
    said = {*said, *newest_first}
    risk = parsed.get("risk") or {}
    # What is in another language than English was not understood, whatever it is taken for: that is said once.
    reply = _after_question(intent, risk, earlier) or _after_crisis(intent, parsed, earlier) or risk.get("note")
    if reply:
        return [str(reply)]
    if intent in _FOLLOW_UPS:
        return _follow_up(_FOLLOW_UPS[intent], last_topic(newest_first), said)
    if missed := _miss(intent, parsed):
        # Who is waiting for a person already is not asked whether they want one.
        offered = risk.get("offer_person", True)
        if offered and earlier and _was_miss(earlier[0]):
            return [missed, OFFER]
        return [WHICH] if missed == WHICH else []
    answers = [f"{ANSWER}{topic}" for topic in parsed.get(QUESTIONS) or ()]
    note = note_for(intent, parsed.get("entities") or (), said) if answers else None
    if note:
        return [*answers, note]
    return answers if len(answers) > 1 else []


def _after_question(intent: str, risk: Mapping[str, Any], earlier: Sequence[Sequence[str]]) -> str | None:
    """Return what answers the answer to a safety question: where that is not clear, a person is to see it."""
    last = earlier[0] if earlier else ()
    signal = next((questions()[response] for response in last if response in questions()), None)
    if signal is None:
        return None
    if intent == "deny" and not risk.get("foreign"):
        return signal.if_no
    return HAND_OFF if intent in _UNCLEAR or risk.get("foreign") else None


def _after_crisis(intent: str, parsed: Mapping[str, Any], earlier: Sequence[Sequence[str]]) -> str | None:
    """Return what is said to who goes on about a danger, as long as they wait for a person."""
    risk = parsed.get("risk") or {}
    waits = risk.get("offer_person") is False
    # "ok i called them" is like nothing that is asked here: what it was taken for says little.
    tells = is_outside(intent) and not asks(str(parsed.get("text") or ""))
    if not waits or not (tells or intent in _UNCLEAR | _SMALL or risk.get("foreign")):
        return None
    follow_ups = {signal.response: signal.follow_up or _STAY for signal in signals().values() if signal.response}
    newest_first = (response for turn in earlier[:_TURNS_AFTER] for response in reversed(turn))
    return next((follow_ups[response] for response in newest_first if response in follow_ups), None)


def _follow_up(prefix: str, topic: str | None, said: Collection[str]) -> list[str]:
    if topic is None:
        return []
    further = f"{prefix}{topic}"
    return [NOTHING_MORE if further in said else further]


def _miss(intent: str, parsed: Mapping[str, Any]) -> str | None:
    """Return the response to what is not answered from the article; None for what is."""
    if intent == DEFAULT_NLU_FALLBACK_INTENT_NAME:
        return WHICH if between(parsed) else _FALLBACK
    return f"{ANSWER}{intent}" if is_outside(intent) else None


def _was_miss(turn: Sequence[str]) -> bool:
    return any(response in (_FALLBACK, WHICH) or is_outside(response.removeprefix(ANSWER)) for response in turn)
