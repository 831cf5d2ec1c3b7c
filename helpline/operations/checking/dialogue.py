"""Checks that intents, rules, actions and the domain name the same things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

from helpline.operations.checking.tree import Tree

#: Intents that no example teaches: Rasa gives the first itself, and buttons the second.
_GIVEN = {"nlu_fallback", "tell_country", "helped_yes", "helped_a_little", "helped_no"}
#: Rasa's own actions that a rule may name.
_BUILT_IN = {
    "action_listen",
    "action_session_start",
    "action_restart",
    "action_back",
    "action_default_fallback",
    "action_unlikely_intent",
}
#: What a step may be.
_STEPS = {"intent", "action", "active_loop", "slot_was_set", "checkpoint", "or"}


def intents_in_domain_and_rules(tree: Tree) -> Iterator[str]:
    """Find intents that the domain does not know, that nothing teaches, or that no rule answers."""
    known, answered = tree.intents, {steps[0].get("intent") for _, steps in tree.rules()}
    taught: dict[str, str] = {}
    for file, content in tree.below("data/nlu"):
        for block in content["nlu"]:
            taught.setdefault(block["intent"], file)
    for intent, file in taught.items():
        if intent not in known:
            yield f"{file}: the intent {intent!r} is missing in domain.yml"
    for intent in sorted({intent for intent in known if known.count(intent) > 1}):
        yield f"domain.yml: intents: {intent!r} stands twice"
    for intent in known:
        if intent not in taught and intent not in _GIVEN:
            yield f"domain.yml: intents: {intent!r} has no examples in data/nlu"
    for intent in dict.fromkeys(chain(known, taught)):
        if intent not in answered:
            yield f"data/rules: no rule begins with the intent {intent!r}"


def rule_steps_exist(tree: Tree) -> Iterator[str]:
    """Find steps of rules that name an intent or an action that is not there."""
    actions = {*_domain_actions(tree), *_BUILT_IN, *(key for _, key, _ in tree.responses())}
    known = set(tree.intents)
    for place, steps in tree.rules():
        for number, step in enumerate(steps):
            if "intent" in step and step["intent"] not in known:
                yield f"{place}: steps[{number}]: there is no intent {step['intent']!r} in domain.yml"
            # A missing response is told of by the check of responses.
            action = str(step.get("action", ""))
            if action and action not in actions and not action.startswith("utter_"):
                yield f"{place}: steps[{number}]: there is no action {action!r} in domain.yml"
            if step.keys().isdisjoint(_STEPS):
                yield f"{place}: steps[{number}]: is neither an intent nor an action"


def actions_agree_with_domain(tree: Tree) -> Iterator[str]:
    """Find custom actions that share a name (rasa_sdk only logs it), and those missing on either side."""
    places: dict[str, str] = {}
    for place, name in _action_classes(tree):
        if name is None:
            yield f"{place}: name() must return a plain string, so that it can be compared with domain.yml"
        elif name in places:
            yield f"{place}: the action {name!r} is defined in {places[name]} too"
        else:
            places[name] = place
    listed = _domain_actions(tree)
    for name in listed:
        if name not in places:
            yield f"domain.yml: actions: no class in actions/ is named {name!r}"
    for name, place in places.items():
        if name not in listed:
            yield f"{place}: the action {name!r} is missing in domain.yml"


def _domain_actions(tree: Tree) -> list[str]:
    return [name for name in map(str, tree.domain.get("actions") or []) if not name.startswith("utter_")]


def _action_classes(tree: Tree) -> Iterator[tuple[str, str | None]]:
    """Yield (place, name) of each action class; read without importing, which would need a database."""
    for file, source in tree.code():
        if not file.startswith("actions/"):
            continue
        for node in ast.walk(ast.parse(source, file)):
            bases = [_last_name(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.ClassDef) and any(base.endswith("Action") for base in bases):
                yield f"{file}:{node.lineno}", _returned_name(node)


def _last_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""


def _returned_name(action: ast.ClassDef) -> str | None:
    for method in action.body:
        if isinstance(method, ast.FunctionDef) and method.name == "name":
            returned = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
            value = returned[0] if len(returned) == 1 else None
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    return None
